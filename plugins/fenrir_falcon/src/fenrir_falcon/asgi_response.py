"""The response of an ASGI application."""

from __future__ import annotations

from typing import Optional

from .media.base import is_written_async
from .response import Response as BaseResponse

__all__ = ["Response"]


class Response(BaseResponse):
    """A response that a responder fills in and that is sent when the responder has returned.

    Args:
        options: How it is written.
    """

    async def render_body(self) -> Optional[bytes]:  # type: ignore[override]  # as in Falcon
        """Return the body as bytes, or None if there is none; see `render`."""
        if self.text is None and self.data is None and self.media is not None and self._rendered is None:
            handler = self._handler()
            if is_written_async(handler):
                self._rendered = self.media, bytes(await handler.serialize_async(self.media, self.content_type))
        return self.render()
