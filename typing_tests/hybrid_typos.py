"""Typos in a hybrid app: every marked line is an error, and no other."""

from __future__ import annotations

from fenrir import (
    Fenrir,
    current_app,
    nonblocking,
    redirect,
    request,
)

app = Fenrir()
app.add_rute("/", object())  # error
app.nothing_of_the_kind  # error  # noqa: B018
app.secret_key = 5  # error
app.tasks = ()  # error
app.config.from_mappin(DEBUG=True)  # error
app.jinja_env.filterz  # error  # noqa: B018


@app.get("/", respnse_model=int)  # error
async def home() -> str:
    await app.cancel_task("x")
    await app.purge_tasks()  # error
    return request.pathh  # error


@app.post("/", status_code="201")  # error
async def create() -> None:
    redirect(5)  # error
    app.cancel_task(5)  # error
    current_app.config.from_objct("x")  # error


@app.route("/x", methods=5)  # error
async def first() -> None: ...


@app.websocket("/x", stats=5)  # error
async def second() -> None: ...


@nonblocking
def doubled(number: int) -> int:
    return 2 * number


doubled("x")  # error
text: str = doubled(1)  # error
nonblocking(5)  # error
app.include_router(5)  # error
app.listener()  # error
