"""A chat in FastAPI's idiom, with files to share: run it with `fenrir run app:app` in this directory.

With `fenrir_fastapi` written `fastapi` in the imports the same file runs on FastAPI.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict, deque
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import AsyncIterator, Deque, Dict, List, Optional
from uuid import UUID, uuid4

from pydantic import BaseModel, Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from typing_extensions import Annotated

from fenrir_fastapi import (
    APIRouter,
    Cookie,
    Depends,
    FastAPI,
    File,
    Form,
    Header,
    HTTPException,
    Query,
    Request,
    Response,
    UploadFile,
    WebSocket,
    WebSocketDisconnect,
    WebSocketException,
    status,
)
from fenrir_fastapi import Path as PathParam
from fenrir_fastapi.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, StreamingResponse
from fenrir_fastapi.staticfiles import StaticFiles
from fenrir_fastapi.templating import Jinja2Templates

HERE = Path(__file__).resolve().parent
CHUNK = 64 * 1024
templates = Jinja2Templates(directory=HERE / "templates")
router = APIRouter()


class Settings(BaseSettings):
    """The settings, from environment variables such as `CHAT_NAME` and `CHAT_MAX_UPLOAD`."""

    model_config = SettingsConfigDict(env_prefix="chat_")

    name: str = "Chat"
    history: int = 50
    max_upload: int = 1_000_000
    greeting: str = "Welcome"


@lru_cache
def get_settings() -> Settings:
    """Return the settings; the environment is read once."""
    return Settings()


SettingsDep = Annotated[Settings, Depends(get_settings)]
RoomName = Annotated[str, PathParam(pattern="^[a-z0-9-]{1,20}$", description="Small letters, digits and hyphens")]
Nick = Annotated[str, Query(min_length=1, max_length=20, pattern="^[A-Za-z0-9_]+$")]


class Message(BaseModel):
    sender: str
    text: str


class Posting(BaseModel):
    text: str = Field(min_length=1, max_length=500, examples=["Good morning"])


class Shared(BaseModel):
    id: UUID
    name: str
    size: int
    content_type: str
    note: Optional[str] = None


class Problem(BaseModel):
    detail: str


class RoomIsQuiet(Exception):
    """Raised for a room without messages."""

    def __init__(self, room: str) -> None:
        self.room = room


class Hub:
    """The members of each room, and its messages."""

    def __init__(self, history: int) -> None:
        self.members: Dict[str, Dict[str, WebSocket]] = defaultdict(dict)
        self.said: Dict[str, Deque[Message]] = defaultdict(lambda: deque(maxlen=history))

    async def say(self, room: str, message: Message) -> None:
        """Keep a message and send it to all members of the room."""
        self.said[room].append(message)
        for name, member in [*self.members[room].items()]:
            try:
                await member.send_json(message.model_dump())
            except (WebSocketDisconnect, RuntimeError):
                self.members[room].pop(name, None)  # disconnected


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Provide a directory for the files while the app runs."""
    app.state.hub = Hub(get_settings().history)
    app.state.files = {}
    app.state.directory = Path(tempfile.mkdtemp(prefix="chat-"))
    yield
    shutil.rmtree(app.state.directory)


def get_hub(request: Request) -> Hub:
    """Return the hub to an HTTP endpoint."""
    return request.app.state.hub


HubDep = Annotated[Hub, Depends(get_hub)]


# ---------------------------------------------------------------- pages
@router.get("/", response_class=HTMLResponse, include_in_schema=False)
async def page(request: Request, settings: SettingsDep, nick: Annotated[str, Cookie()] = ""):
    return templates.TemplateResponse(request=request, name="chat.html", context={"settings": settings, "nick": nick})


@router.get("/settings")
async def show_settings(settings: SettingsDep) -> Settings:
    """Show the settings of this chat."""
    return settings


@router.put("/nick", status_code=status.HTTP_204_NO_CONTENT)
async def keep_nick(
    response: Response, nick: Annotated[str, Form(min_length=1, max_length=20, pattern=r"^\w+$")]
) -> None:
    """Remember a name in a cookie."""
    response.set_cookie("nick", nick, max_age=3600, httponly=True, samesite="strict")


# ---------------------------------------------------------------- rooms
@router.get(
    "/rooms/{room}/messages",
    tags=["rooms"],
    responses={404: {"model": Problem, "description": "Nobody has spoken there"}},
)
async def messages(room: RoomName, hub: HubDep, last: Annotated[int, Query(ge=1, le=100)] = 20) -> List[Message]:
    """Return the latest messages, the oldest first."""
    if not hub.said.get(room):
        raise RoomIsQuiet(room)
    return [*hub.said[room]][-last:]


@router.post("/rooms/{room}/messages", tags=["rooms"], status_code=status.HTTP_202_ACCEPTED)
async def post_message(
    room: RoomName, posting: Posting, hub: HubDep, x_sender: Annotated[str, Header(max_length=20)] = "anonymous"
) -> Message:
    """Post a message without a WebSocket."""
    message = Message(sender=x_sender, text=posting.text)
    await hub.say(room, message)
    return message


@router.get("/rooms/{room}/log", tags=["rooms"], response_class=PlainTextResponse)
async def log(room: RoomName, hub: HubDep):
    """Stream all messages of a room as text, one per line."""

    async def lines() -> AsyncIterator[str]:
        for message in [*hub.said.get(room, ())]:
            yield f"{message.sender}: {message.text}\n"

    return StreamingResponse(lines(), media_type="text/plain")


def joining(websocket: WebSocket, room: RoomName, nick: Nick) -> str:
    """Refuse a name that is in use in the room."""
    if nick in websocket.app.state.hub.members[room]:
        raise WebSocketException(code=status.WS_1008_POLICY_VIOLATION, reason="The name is in use")
    return nick


@router.websocket("/rooms/{room}/ws")
async def talk(
    websocket: WebSocket, room: RoomName, nick: Annotated[str, Depends(joining)], settings: SettingsDep
) -> None:
    hub: Hub = websocket.app.state.hub
    await websocket.accept()
    await websocket.send_json({"sender": settings.name, "text": f"{settings.greeting}, {nick}"})
    hub.members[room][nick] = websocket
    await hub.say(room, Message(sender=settings.name, text=f"{nick} has come in"))
    try:
        while True:
            text = await websocket.receive_text()
            if text == "/leave":
                await websocket.close(code=1000, reason="Bye")
                break
            await hub.say(room, Message(sender=nick, text=text))
    except WebSocketDisconnect:
        pass
    finally:
        hub.members[room].pop(nick, None)
        await hub.say(room, Message(sender=settings.name, text=f"{nick} has left"))


# ---------------------------------------------------------------- files
async def store(upload: UploadFile, directory: Path, limit: int, note: Optional[str]) -> Shared:
    """Write an upload to the disk chunk by chunk, up to a limit in bytes."""
    shared = Shared(
        id=uuid4(),
        name=Path(upload.filename or "unnamed").name,
        size=0,
        content_type=upload.content_type or "application/octet-stream",
        note=note,
    )
    target = directory / shared.id.hex
    with target.open("wb") as file:
        while True:
            chunk = await upload.read(CHUNK)
            if not chunk:
                return shared
            shared.size += len(chunk)
            if shared.size > limit:
                file.close()
                target.unlink()
                raise HTTPException(status_code=413, detail=f"{shared.name} has more than {limit} bytes")
            file.write(chunk)


@router.post(
    "/files",
    tags=["files"],
    status_code=status.HTTP_201_CREATED,
    responses={413: {"model": Problem, "description": "A file is too large"}},
)
async def upload_files(
    request: Request,
    settings: SettingsDep,
    files: Annotated[List[UploadFile], File(description="One or more files")],
    note: Annotated[Optional[str], Form(max_length=100)] = None,
) -> List[Shared]:
    """Upload files for all members."""
    state = request.app.state
    stored = [await store(upload, state.directory, settings.max_upload, note) for upload in files]
    state.files.update({shared.id: shared for shared in stored})
    return stored


@router.get("/files", tags=["files"], response_model_exclude_unset=True)
async def list_files(request: Request) -> List[Shared]:
    """List the uploaded files."""
    return [*request.app.state.files.values()]


@router.get(
    "/files/{file_id}",
    tags=["files"],
    response_class=FileResponse,
    responses={
        200: {"content": {"application/octet-stream": {}}, "description": "The file as it was sent"},
        404: {"model": Problem, "description": "There is no such file"},
    },
)
async def download(request: Request, file_id: UUID):
    """Return a file as a download, so that the browser never displays it."""
    shared = request.app.state.files.get(file_id)
    if shared is None:
        raise HTTPException(status_code=404, detail="There is no such file")
    path = request.app.state.directory / shared.id.hex
    return FileResponse(path, media_type="application/octet-stream", filename=shared.name)


@router.post("/checksum", tags=["files"])
async def checksum(data: Annotated[bytes, File()], factor: Annotated[int, Form(ge=1, le=9)] = 1) -> Dict[str, int]:
    """Return the sum of the bytes of a small file, which is held in memory."""
    return {"sum": sum(data) * factor, "size": len(data)}


async def quiet(request: Request, error: RoomIsQuiet) -> JSONResponse:
    return JSONResponse({"detail": f"Nobody has spoken in {error.room}"}, status_code=404)


app = FastAPI(title="Chat", version="1.0.0", lifespan=lifespan, exception_handlers={RoomIsQuiet: quiet})
app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
app.include_router(router)
