"""The endpoints of the responses that no route gives: 404, 405, and the methods of a path for OPTIONS."""

from __future__ import annotations

from typing import Dict

from .._types import AnyCallable
from ..exceptions import MethodNotAllowed, NotFound
from .connection import Connection
from .response import Response


async def _not_found() -> None:
    raise NotFound()


async def _not_allowed(request: Connection) -> None:
    raise MethodNotAllowed(request.path_params["allowed"])


async def _options(request: Connection) -> Response:
    return Response(b"", 200, {"allow": ", ".join(request.path_params["allowed"])})


#: By status.
FALLBACKS: Dict[int, AnyCallable] = {404: _not_found, 405: _not_allowed, 200: _options}
