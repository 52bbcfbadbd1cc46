"""`request` and `response` of the request that the running code serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fenrir_core.authoring import LocalProxy

from .request import BaseRequest
from .response import BaseResponse, LocalResponse

# The package takes the classes from here too: to type checkers `from .request import …` in its `__init__` would bind
# `fenrir_bottle.request` to the module.
__all__ = ["BaseRequest", "BaseResponse", "request", "response"]

if TYPE_CHECKING:
    request: BaseRequest
    response: LocalResponse
else:
    #: The current request.
    request = LocalProxy("bottle's request", BaseRequest)
    #: The response to the current request, unless the handler returns or raises another one.
    response = LocalProxy("bottle's response", LocalResponse)
