"""The table of what works where; the tests run each cell and docs/guarantees.md shows it.

A site puts a probe into one kind of handler of a hybrid app, at the path ``/site``. The
probe is called with what the site's parameter `value` got, whose default the cell chooses.
"""

from __future__ import annotations

import logging
from typing import Any, AsyncIterator, Callable, Dict, Iterator, NamedTuple, Tuple

from fenrir import Depends, EventSourceResponse, Fenrir, JSONResponse, render_template_string
from fenrir_fastapi import BackgroundTasks
from fenrir_flask.views import MethodView

Probe = Callable[[Any], Any]
Site = Callable[[Fenrir, Probe, Any], None]


class Fault(Exception):
    """The exception that the error handlers under test handle."""


class Row(NamedTuple):
    """One kind of handler."""

    name: str
    site: Site
    is_websocket: bool = False


#: The guarantees, with the explanations of the page.
COLUMNS: Dict[str, str] = {
    "request": "`request` is the request that is served",
    "g": "`g` is empty when the request begins and keeps what is set",
    "session": "`session` holds what the client's cookie says",
    "current_app": "`current_app` is the app",
    "Depends": "`Depends()` fills a parameter",
    "errors": "an exception is answered by the app's error handlers",
    "clean-up": "a dependency with `yield` is closed after this and after the last byte",
}

_HANDLER = "through the handler"
_LATE = "the response is sent already: logged, and the connection is aborted where it still can be"
#: Cells that are anything but a plain yes. A text without "no:" is still tested.
NOTES: Dict[Tuple[str, str], str] = {
    ("template", "Depends"): _HANDLER,
    ("log filter", "Depends"): _HANDLER,
    ("background task, async", "Depends"): _HANDLER,
    ("background task, sync", "Depends"): _HANDLER,
    ("background task, async", "errors"): f"no: {_LATE}",
    ("background task, sync", "errors"): f"no: {_LATE}",
    ("stream, async", "errors"): "before the first chunk; later the response is aborted",
    ("stream, sync", "errors"): "before the first chunk; later the response is aborted",
    ("SSE, async", "errors"): "before the first event; later an `error` event, then aborted",
    ("SSE, sync", "errors"): "before the first event; later an `error` event, then aborted",
    ("WebSocket handler", "errors"): "before it is accepted as a response; later it is closed with 1011",
}


def async_handler(app: Fenrir, probe: Probe, default: Any) -> None:
    @app.get("/site")
    async def site(value: Any = default) -> str:
        probe(value)
        return "ok"


def sync_handler(app: Fenrir, probe: Probe, default: Any) -> None:
    @app.get("/site")
    def site(value: Any = default) -> str:
        probe(value)
        return "ok"


def async_responder(app: Fenrir, probe: Probe, default: Any) -> None:
    class Resource:
        async def on_get(self, req: Any, resp: Any, value: Any = default) -> None:
            probe(value)
            resp.text = "ok"

    app.add_route("/site", Resource())


def sync_responder(app: Fenrir, probe: Probe, default: Any) -> None:
    class Resource:
        def on_get(self, req: Any, resp: Any, value: Any = default) -> None:
            probe(value)
            resp.text = "ok"

    app.add_route("/site", Resource())


def async_view(app: Fenrir, probe: Probe, default: Any) -> None:
    class View(MethodView):
        async def get(self, value: Any = default) -> str:
            probe(value)
            return "ok"

    app.add_url_rule("/site", view_func=View.as_view("site"))


def sync_view(app: Fenrir, probe: Probe, default: Any) -> None:
    class View(MethodView):
        def get(self, value: Any = default) -> str:
            probe(value)
            return "ok"

    app.add_url_rule("/site", view_func=View.as_view("site"))


def _dependent(app: Fenrir, dependency: Callable[..., Any]) -> None:
    @app.get("/site")
    async def site(it: Any = Depends(dependency)) -> str:
        return "ok"


def async_dependency(app: Fenrir, probe: Probe, default: Any) -> None:
    async def dependency(value: Any = default) -> None:
        probe(value)

    _dependent(app, dependency)


def sync_dependency(app: Fenrir, probe: Probe, default: Any) -> None:
    def dependency(value: Any = default) -> None:
        probe(value)

    _dependent(app, dependency)


def async_yield_dependency(app: Fenrir, probe: Probe, default: Any) -> None:
    async def dependency(value: Any = default) -> AsyncIterator[None]:
        probe(value)
        yield

    _dependent(app, dependency)


def sync_yield_dependency(app: Fenrir, probe: Probe, default: Any) -> None:
    def dependency(value: Any = default) -> Iterator[None]:
        probe(value)
        yield

    _dependent(app, dependency)


def _plain(app: Fenrir) -> None:
    @app.get("/site")
    async def site() -> str:
        return "ok"


def async_request_middleware(app: Fenrir, probe: Probe, default: Any) -> None:
    @app.middleware("request")
    async def guard(request: Any, value: Any = default) -> None:
        probe(value)

    _plain(app)


def sync_request_middleware(app: Fenrir, probe: Probe, default: Any) -> None:
    @app.middleware("request")
    def guard(request: Any, value: Any = default) -> None:
        probe(value)

    _plain(app)


def async_response_middleware(app: Fenrir, probe: Probe, default: Any) -> None:
    @app.middleware("response")
    async def finish(request: Any, response: Any, value: Any = default) -> None:
        probe(value)

    _plain(app)


def sync_response_middleware(app: Fenrir, probe: Probe, default: Any) -> None:
    @app.middleware("response")
    def finish(request: Any, response: Any, value: Any = default) -> None:
        probe(value)

    _plain(app)


def _failing(app: Fenrir) -> None:
    @app.get("/site")
    async def site() -> None:
        raise LookupError


def async_error_handler(app: Fenrir, probe: Probe, default: Any) -> None:
    @app.exception(LookupError)
    async def handle(error: LookupError, value: Any = default) -> str:
        probe(value)
        return "ok"

    _failing(app)


def sync_error_handler(app: Fenrir, probe: Probe, default: Any) -> None:
    @app.exception(LookupError)
    def handle(error: LookupError, value: Any = default) -> str:
        probe(value)
        return "ok"

    _failing(app)


def template(app: Fenrir, probe: Probe, default: Any) -> None:
    @app.get("/site")
    async def site(value: Any = default) -> str:
        return render_template_string("{{ probe(value) or 'ok' }}", probe=probe, value=value)


def async_stream(app: Fenrir, probe: Probe, default: Any) -> None:
    @app.get("/site")
    async def site(value: Any = default) -> AsyncIterator[str]:
        probe(value)
        yield "o"
        yield "k"


def sync_stream(app: Fenrir, probe: Probe, default: Any) -> None:
    @app.get("/site")
    def site(value: Any = default) -> Iterator[str]:
        probe(value)
        yield "o"
        yield "k"


def async_events(app: Fenrir, probe: Probe, default: Any) -> None:
    async def events(value: Any) -> AsyncIterator[str]:
        probe(value)
        yield "ok"

    @app.get("/site")
    async def site(value: Any = default) -> EventSourceResponse:
        return EventSourceResponse(events(value))


def sync_events(app: Fenrir, probe: Probe, default: Any) -> None:
    def events(value: Any) -> Iterator[str]:
        probe(value)
        yield "ok"

    @app.get("/site")
    async def site(value: Any = default) -> EventSourceResponse:
        return EventSourceResponse(events(value))


def async_background(app: Fenrir, probe: Probe, default: Any) -> None:
    async def work(value: Any) -> None:
        probe(value)

    @app.get("/site")
    async def site(background: BackgroundTasks, value: Any = default) -> str:
        background.add_task(work, value)
        return "ok"


def sync_background(app: Fenrir, probe: Probe, default: Any) -> None:
    @app.get("/site")
    async def site(background: BackgroundTasks, value: Any = default) -> str:
        background.add_task(probe, value)
        return "ok"


def websocket_handler(app: Fenrir, probe: Probe, default: Any) -> None:
    @app.websocket("/site")
    async def site(websocket: Any, value: Any = default) -> None:
        probe(value)
        await websocket.accept()
        await websocket.send_text("ok")


def log_filter(app: Fenrir, probe: Probe, default: Any) -> None:
    logger = logging.Logger("access")

    class Filter(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            probe(record.args)
            return False

    logger.addFilter(Filter())

    @app.get("/site")
    async def site(value: Any = default) -> str:
        logger.info("served %s", value)
        return "ok"


def answer_fault(app: Fenrir) -> None:
    """Register the error handler that the ``errors`` column looks for."""

    @app.exception(Fault)
    async def handle(error: Fault) -> JSONResponse:
        return JSONResponse({"handled": True}, 418)


ROWS: Tuple[Row, ...] = (
    Row("async handler", async_handler),
    Row("sync handler", sync_handler),
    Row("resource responder, async", async_responder),
    Row("resource responder, sync", sync_responder),
    Row("view class, async", async_view),
    Row("view class, sync", sync_view),
    Row("dependency, async", async_dependency),
    Row("dependency, sync", sync_dependency),
    Row("dependency with yield, async", async_yield_dependency),
    Row("dependency with yield, sync", sync_yield_dependency),
    Row("request middleware, async", async_request_middleware),
    Row("request middleware, sync", sync_request_middleware),
    Row("response middleware, async", async_response_middleware),
    Row("response middleware, sync", sync_response_middleware),
    Row("error handler, async", async_error_handler),
    Row("error handler, sync", sync_error_handler),
    Row("template", template),
    Row("stream, async", async_stream),
    Row("stream, sync", sync_stream),
    Row("SSE, async", async_events),
    Row("SSE, sync", sync_events),
    Row("background task, async", async_background),
    Row("background task, sync", sync_background),
    Row("WebSocket handler", websocket_handler, True),
    Row("log filter", log_filter),
)


def as_markdown() -> str:
    """Return the table as docs/guarantees.md has it."""
    lines = ["| | " + " | ".join(f"`{name}`" if name[0].islower() else name for name in COLUMNS) + " |"]
    lines.append("| --- |" + " --- |" * len(COLUMNS))
    for row in ROWS:
        cells = [NOTES.get((row.name, column), "yes") for column in COLUMNS]
        lines.append(f"| {row.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
