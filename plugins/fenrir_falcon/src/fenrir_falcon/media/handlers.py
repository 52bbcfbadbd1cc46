"""The media handlers of an app by media type."""

from __future__ import annotations

from typing import Any, Mapping, NoReturn, Optional, Tuple

from ..constants import MEDIA_JSON, MEDIA_MULTIPART, MEDIA_URLENCODED
from ..exceptions import PayloadTypeError
from .base import BinaryBaseHandlerWS
from .json import JSONHandler
from .msgpack import MessagePackHandlerWS
from .multipart import MultipartFormHandler
from .table import HandlerTable
from .urlencoded import URLEncodedFormHandler

__all__ = ["Handlers", "MissingDependencyHandler", "ResolverMethod", "msgpack_handler_ws"]


class _Unsupported(PayloadTypeError, RuntimeError):
    """A WebSocket message of a type for which a package is missing."""


class MissingDependencyHandler(BinaryBaseHandlerWS):
    """A media handler that can't work, since a package is not installed.

    Args:
        handler: The name of the handler that it stands for.
        library: The package.
    """

    def __init__(self, handler: str, library: str) -> None:
        self._message = f"The {handler} requires the {library} library, which is not installed."

    def serialize(self, *args: object, **kwargs: object) -> NoReturn:
        """Refuse to convert.

        Raises:
            RuntimeError: Always; the message names the package.
        """
        raise RuntimeError(self._message)

    def deserialize(self, *args: object, **kwargs: object) -> NoReturn:
        """Refuse to convert.

        Raises:
            PayloadTypeError: Always, a RuntimeError too: what was sent is of a type that is not taken.
        """
        raise _Unsupported(self._message)


def msgpack_handler_ws() -> BinaryBaseHandlerWS:
    """Return the handler of MessagePack in WebSocket messages, or what stands for it without the package."""
    try:
        return MessagePackHandlerWS()
    except ImportError:
        return MissingDependencyHandler("default WebSocket media handler for BINARY payloads", "msgpack")


class ResolverMethod:
    """The interface of what finds the handler of a media type."""

    def __call__(self, media_type: Optional[str], default: str, raise_not_found: bool = True) -> Tuple[Any, Any, Any]:
        """Return the handler, and its synchronous methods if they are faster."""
        raise NotImplementedError()


class Handlers(HandlerTable):
    """The media handlers of an app by media type.

    Args:
        initial: The handlers; by default those of JSON, multipart and urlencoded forms.
    """

    def __init__(self, initial: Optional[Mapping[str, Any]] = None) -> None:
        default = {
            MEDIA_JSON: JSONHandler(),
            MEDIA_MULTIPART: MultipartFormHandler(),
            MEDIA_URLENCODED: URLEncodedFormHandler(),
        }
        super().__init__(default if initial is None else initial)
