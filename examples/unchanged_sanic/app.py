"""A service for chats and jobs, written for Sanic and unchanged: `fenrir run --as sanic app:create_app()`."""

from __future__ import annotations

from sanic import Blueprint, Request, Sanic
from sanic.exceptions import NotFound, SanicException
from sanic.response import HTTPResponse, html, json

from .accounts import accounts, require_user
from .chat import chat
from .jobs import jobs, worker
from .store import Store


def create_app(name: str = "service") -> Sanic:
    app = Sanic(name)
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.ctx.store = Store()
    api = Blueprint.group(chat, jobs, url_prefix="/api", version=1)
    app.blueprint(accounts)
    app.blueprint(api)
    app.register_middleware(require_user, "request")

    @app.get("/")
    async def home(request: Request) -> HTTPResponse:
        link = request.app.url_for("accounts.login")
        return html(f'<h1>Service</h1><form method="post" action="{link}"><input name="name"></form>')

    @app.after_server_start
    async def start_worker(app: Sanic) -> None:
        app.ctx.store.open_queue()
        app.add_task(worker(app), name="worker")

    @app.before_server_stop
    async def stop_worker(app: Sanic) -> None:
        await app.cancel_task("worker", raise_exception=False)
        app.purge_tasks()

    @app.signal("chat.message.sent")
    async def remember(room: str, user: str, message: str, **context: object) -> None:
        app.ctx.store.history.setdefault(room, []).append({"user": user, "text": message})

    @app.signal("job.finished.<number:int>")
    async def count(number: int, **context: object) -> None:
        app.ctx.store.finished.append(number)

    @app.on_response
    async def stamp(request: Request, response: HTTPResponse) -> None:
        response.headers["x-served-by"] = app.name

    @app.exception(NotFound)
    async def missing(request: Request, exception: SanicException) -> HTTPResponse:
        return json({"missing": request.path}, status=404)

    return app
