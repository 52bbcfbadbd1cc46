"""`request` and `response`: in each thread and task those of the request that it serves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fenrir_core import current_connection

from .request import BaseRequest
from .response import LocalResponse


class Local:
    """Hand every attribute on to the current request's view of one kind.

    Args:
        name: For the message outside of a request.
        kind: The view's class.
    """

    def __init__(self, name: str, kind: type) -> None:
        object.__setattr__(self, "_local", (name, kind))

    def __getattr__(self, name: str) -> Any:
        return getattr(_view(self), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(_view(self), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(_view(self), name)

    def __getitem__(self, key: str) -> Any:
        return _view(self)[key]

    def __setitem__(self, key: str, value: Any) -> None:
        _view(self)[key] = value

    def __delitem__(self, key: str) -> None:
        del _view(self)[key]

    def __contains__(self, key: str) -> bool:
        return key in _view(self)

    def __repr__(self) -> str:
        return f"<local {self._local[0]}>"


def _view(local: Local) -> Any:
    name, kind = object.__getattribute__(local, "_local")
    return current_connection(f"bottle's {name}").facade(kind)


if TYPE_CHECKING:
    request: BaseRequest
    response: LocalResponse
else:
    #: The request that the running code serves.
    request = Local("request", BaseRequest)
    #: The response that its answer will be, unless another one is returned or raised.
    response = Local("response", LocalResponse)
