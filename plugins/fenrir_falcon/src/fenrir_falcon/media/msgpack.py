"""The media handlers of MessagePack, which need the package msgpack."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Optional

from ..exceptions import MediaMalformedError, MediaNotFoundError
from .base import AsyncReadableIO, BaseHandler, BinaryBaseHandlerWS, ReadableIO

__all__ = ["MessagePackHandler", "MessagePackHandlerWS"]


class MessagePackHandler(BaseHandler):
    """The media handler of MessagePack.

    Raises:
        ImportError: The package msgpack is not installed.
    """

    def __init__(self) -> None:
        msgpack = import_module("msgpack")
        self._pack = msgpack.Packer(autoreset=True, use_bin_type=True).pack
        self._unpack = msgpack.unpackb
        self._errors = (ValueError, msgpack.UnpackException)

    def deserialize(self, stream: ReadableIO, content_type: Optional[str], content_length: Optional[int]) -> Any:
        """Return the value of a body."""
        return self._read(stream.read())

    async def deserialize_async(
        self, stream: AsyncReadableIO, content_type: Optional[str], content_length: Optional[int]
    ) -> Any:
        """Return the value of a body that is read from an asynchronous stream."""
        return self._read(await stream.read())

    def _read(self, data: bytes) -> Any:
        if not data:
            raise MediaNotFoundError("MessagePack")
        try:
            return self._unpack(data, raw=False)
        except self._errors as error:
            raise MediaMalformedError("MessagePack") from error

    def serialize(self, media: Any, content_type: Optional[str]) -> bytes:
        """Return a value as MessagePack."""
        packed: bytes = self._pack(media)
        return packed


class MessagePackHandlerWS(BinaryBaseHandlerWS):
    """The media handler of MessagePack in WebSocket messages.

    Attributes:
        msgpack: The package.
        packer: What writes values.

    Raises:
        ImportError: The package msgpack is not installed.
    """

    msgpack: Any
    packer: Any

    def __init__(self) -> None:
        self.msgpack = import_module("msgpack")
        self.packer = self.msgpack.Packer(autoreset=True, use_bin_type=True)

    def serialize(self, media: object) -> bytes:
        """Return a value as MessagePack."""
        packed: bytes = self.packer.pack(media)
        return packed

    def deserialize(self, payload: bytes) -> Any:
        """Return the value of a message."""
        return self.msgpack.unpackb(payload, use_list=True, raw=False)
