"""The outermost layer of an app: it answers errors that no handler takes."""

from __future__ import annotations

import html
import inspect
import traceback
from typing import Optional

from fenrir_core.authoring import CSP_NONCE, ASGIApp, Message, Receive, Scope, Send, record

from ..concurrency import call_either, run_in_threadpool
from ..requests import Request
from ..responses import HTMLResponse, PlainTextResponse, Response
from ..types import AnyCallable

__all__ = ["ServerErrorMiddleware"]

_PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font-family: system-ui, sans-serif; margin: 2rem; }} details {{ margin: 0.5rem 0; }}
pre {{ background: #8881; padding: 0.5rem; overflow: auto; }} b {{ background: #fc84; }}
</style></head><body><h1>500 Server Error</h1><h2>{title}</h2><p>Traceback, the innermost frame first</p>
{frames}</body></html>"""
_FRAME = """<details{state}><summary>File <code>{file}</code>, line {line}, in <b>{name}</b></summary>
<pre>{code}</pre></details>"""


class ServerErrorMiddleware:
    """Middleware that answers errors that no handler takes, and raises them on to the server.

    Args:
        app: The app.
        handler: A function of request and error that returns the response; a plain 500 by default.
        debug: Whether the response shows the traceback instead.
    """

    def __init__(self, app: ASGIApp, handler: Optional[AnyCallable] = None, debug: bool = False) -> None:
        self.app, self.handler, self.debug = app, handler, debug

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            record(scope, error)
            request = Request(scope)
            if self.debug:
                response = await run_in_threadpool(self.debug_response, request, error)
            elif self.handler is None:
                response = self.error_response(request, error)
            else:
                response = await call_either(self.handler, request, error)
            if not started:
                await response(scope, receive, send)
            raise

    def format_line(self, index: int, line: str, frame_lineno: int, frame_index: int) -> str:
        """Return one line of a frame as HTML; the one that failed is marked."""
        text = f"{frame_lineno - frame_index + index:5}  {html.escape(line.rstrip())}"
        return f"<b>{text}</b>\n" if index == frame_index else f"{text}\n"

    def generate_frame_html(self, frame: inspect.FrameInfo, is_collapsed: bool) -> str:
        """Return one frame as HTML."""
        at = frame.index or 0
        lines = enumerate(frame.code_context or ())
        return _FRAME.format(
            state="" if is_collapsed else " open",
            file=html.escape(frame.filename),
            line=frame.lineno,
            name=html.escape(frame.function),
            code="".join(self.format_line(index, line, frame.lineno, at) for index, line in lines),
        )

    def generate_html(self, exc: BaseException, limit: int = 7) -> str:
        """Return the page for an error: what it is, and its frames with `limit` lines of code each."""
        trace = exc.__traceback__
        frames = reversed(inspect.getinnerframes(trace, limit)) if trace is not None else ()
        return _PAGE.format(
            title=f"{html.escape(type(exc).__name__)}: {html.escape(str(exc))}",
            frames="\n".join(self.generate_frame_html(frame, index > 0) for index, frame in enumerate(frames)),
        )

    def generate_plain_text(self, exc: BaseException) -> str:
        """Return the traceback of an error."""
        return "".join(traceback.format_exception(type(exc), exc, exc.__traceback__))

    def debug_response(self, request: Request, exc: BaseException) -> Response:
        """Return the traceback, as HTML for clients that accept it."""
        if "text/html" in (request.headers.get("accept") or ""):
            page, make_nonce = self.generate_html(exc), request.scope.get(CSP_NONCE)
            if make_nonce is not None:  # where the app sends security headers, its own style needs it
                page = page.replace("<style>", f'<style nonce="{make_nonce()}">', 1)
            return HTMLResponse(page, 500)
        return PlainTextResponse(self.generate_plain_text(exc), 500)

    def error_response(self, request: Request, exc: BaseException) -> Response:
        """Return the response outside of debug mode."""
        return PlainTextResponse("Internal Server Error", 500)
