"""An app in FastAPI's style."""

from __future__ import annotations

from typing import Dict, List, Optional

from pydantic import BaseModel

from fenrir_fastapi import (
    APIRouter,
    BackgroundTasks,
    Depends,
    FastAPI,
    HTTPException,
    Query,
    Request,
    WebSocket,
    status,
)
from fenrir_fastapi.responses import HTMLResponse


class Item(BaseModel):
    name: str
    price: float = 0


def common(q: Optional[str] = Query(default=None, max_length=50)) -> Optional[str]:
    return q


app = FastAPI(title="Shop", version="1.0", docs_url=None, dependencies=[Depends(common)], openapi_tags=[{"name": "x"}])
router = APIRouter(prefix="/items", tags=["items"], responses={404: {"description": "Not found"}})


@app.get("/", response_class=HTMLResponse, include_in_schema=False)
async def home(request: Request) -> str:
    return str(request.url)


@router.post("", response_model=Item, status_code=status.HTTP_201_CREATED, summary="Create", name="create")
async def create(item: Item, tasks: BackgroundTasks, q: Optional[str] = Depends(common)) -> Item:
    if q is None:
        raise HTTPException(status_code=400, detail="no q")
    tasks.add_task(print, item.name)
    return item


@router.get("/all", response_model=List[Item], response_model_exclude={"price"}, response_model_exclude_unset=True)
def every() -> List[Item]:
    return []


@router.api_route("/some", methods=["GET", "POST"], tags=["some"], max_body=100)
def some() -> Dict[str, int]:
    return {"some": 1}


@app.websocket("/ws")
async def ws(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("hello")


app.add_api_route("/every", every, methods=["GET"], deprecated=True)
app.include_router(router, prefix="/v1", tags=["v1"], dependencies=[Depends(common)])
