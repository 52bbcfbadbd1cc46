"""FastAPI's way: pydantic models, dependencies and typed parameters; see them at /docs."""

from __future__ import annotations

from typing import List, Optional

from pydantic import BaseModel

from fenrir import APIRouter, Depends, Fenrir, Header, Query

router = APIRouter(prefix="/api", tags=["api"])
ANIMALS = ["arctic fox", "grey wolf", "raven", "red fox", "sea eagle", "snow owl"]


class UserRegister(BaseModel):
    username: str
    email: str
    age: int


async def verify_token(x_api_key: Optional[str] = Header(default=None, description="Here: secret-token")) -> str:
    if x_api_key != "secret-token":
        raise ValueError("Invalid credentials")
    return x_api_key


@router.post("/register")
async def register_user(body: UserRegister, token: str = Depends(verify_token)):
    """Register a user: needs the header X-API-Key, which only a demo would publish."""
    return {"status": "success", "user": body.model_dump()}


@router.get("/animals")
async def animals(q: str = "", limit: int = Query(default=10, ge=1, le=100)) -> List[str]:
    return [animal for animal in ANIMALS if q in animal][:limit]


def register(app: Fenrir) -> None:
    app.include_router(router)
