"""FastAPI's own responses, and the response that handlers and dependencies are injected."""

from __future__ import annotations

import importlib
import warnings
from typing import Any, Mapping, Optional

import fenrir_core

from .exceptions import FastAPIDeprecationWarning
from .starlette.background import BackgroundTasks
from .starlette.responses import JSONResponse, Response, StreamingResponse

__all__ = [
    "EventSourceResponse", "ORJSONResponse", "UJSONResponse", "injected_background", "injected_response",
    "merge_injected",
]  # fmt: skip


def _optional(name: str) -> Optional[Any]:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


_orjson, _ujson = _optional("orjson"), _optional("ujson")


class EventSourceResponse(StreamingResponse, fenrir_core.EventSourceResponse):  # type: ignore[misc]  # as its base
    """A stream of server-sent events.

    As the `response_class` of a generator endpoint it makes an event of each item: of a
    `sse.ServerSentEvent` as it says, of anything else an event with JSON data. If it is made with
    `content`, text and bytes are sent unchanged and anything else becomes an event.
    """

    media_type = fenrir_core.EventSourceResponse.media_type
    heartbeat_chunk = b": ping\n\n"

    def __init__(
        self,
        content: Any,
        status_code: int = 200,
        headers: Optional[Mapping[str, str]] = None,
        media_type: Optional[str] = None,
        background: Any = None,
    ) -> None:
        fenrir_core.EventSourceResponse.__init__(self, content, status_code, headers, background=background)

    def encode(self, item: Any) -> bytes:
        """Return one item as it is sent."""
        if isinstance(item, (bytes, str)):
            return item if isinstance(item, bytes) else item.encode()
        own = getattr(item, "encode", None)
        return own() if own is not None else fenrir_core.EventSourceResponse.encode(self, item)


class ORJSONResponse(JSONResponse):
    """A JSON response, encoded by orjson (deprecated: a response model is faster)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _warn("ORJSONResponse")
        super().__init__(*args, **kwargs)

    def render(self, content: Any) -> bytes:
        """Return JSON; keys may be of other types than str."""
        orjson: Any = _orjson
        assert orjson is not None, "orjson must be installed to use ORJSONResponse"
        body: bytes = orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY)
        return body


class UJSONResponse(JSONResponse):
    """A JSON response, encoded by ujson (deprecated: a response model is faster)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _warn("UJSONResponse")
        super().__init__(*args, **kwargs)

    def render(self, content: Any) -> bytes:
        """Return JSON."""
        ujson: Any = _ujson
        assert ujson is not None, "ujson must be installed to use UJSONResponse"
        return str(ujson.dumps(content, ensure_ascii=False)).encode()


def _warn(name: str) -> None:
    text = f"{name} is deprecated: without it, responses with a response model or return type are encoded faster."
    warnings.warn(text, FastAPIDeprecationWarning, stacklevel=3)


# ---------------------------------------------------------------- injected objects

_RESPONSE, _TASKS = "fastapi.response", "fastapi.background"


def injected_response(connection: Any) -> Response:
    """Return the request's injected response, to set headers, cookies and a status on."""
    found: Optional[Response] = connection.state.get(_RESPONSE)
    if found is None:
        found = connection.state[_RESPONSE] = Response()
        found.raw_headers.clear()
        found.status = 0  # not set
    return found


def injected_background(connection: Any) -> BackgroundTasks:
    """Return the request's injected background tasks."""
    found: Optional[BackgroundTasks] = connection.state.get(_TASKS)
    if found is None:
        found = connection.state[_TASKS] = BackgroundTasks()
    return found


def merge_injected(connection: Any, response: fenrir_core.Response, own: bool) -> fenrir_core.Response:
    """Add the headers, status and tasks of the injected objects to the response.

    Args:
        own: Whether the handler returned `response` itself: then only the background tasks are added.
    """
    tasks = connection.state.get(_TASKS)
    if tasks is not None and response.background is None:
        response.background = tasks
    written = connection.state.get(_RESPONSE)
    if written is not None and not own:
        response.raw_headers.extend(written.raw_headers)
        if written.status:
            response.status = written.status
    return response
