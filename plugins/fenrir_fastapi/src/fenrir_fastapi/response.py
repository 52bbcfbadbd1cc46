"""The `Response` and `BackgroundTasks` that handlers and dependencies are given to write to."""

from __future__ import annotations

from typing import Any, Optional

import fenrir_core

from .starlette.background import BackgroundTasks
from .starlette.responses import Response

_RESPONSE, _TASKS = "fastapi.response", "fastapi.background"


def injected_response(connection: Any) -> Response:
    """Return the request's one response to write headers, cookies and a status to."""
    found: Optional[Response] = connection.state.get(_RESPONSE)
    if found is None:
        found = connection.state[_RESPONSE] = Response()
        found.raw_headers.clear()
        found.status = 0  # not set
    return found


def injected_background(connection: Any) -> BackgroundTasks:
    """Return the request's one list of background tasks."""
    found: Optional[BackgroundTasks] = connection.state.get(_TASKS)
    if found is None:
        found = connection.state[_TASKS] = BackgroundTasks()
    return found


def merge(connection: Any, response: fenrir_core.Response, own: bool) -> fenrir_core.Response:
    """Put what was written to the injected objects into the answer.

    Args:
        own: Whether the handler made `response` itself: then only the background tasks are taken.
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
