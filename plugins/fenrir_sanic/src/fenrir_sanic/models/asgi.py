"""Types of the ASGI specification, under Sanic's names."""

from __future__ import annotations

from fenrir_core.authoring import Message as ASGIMessage
from fenrir_core.authoring import Receive as ASGIReceive
from fenrir_core.authoring import Scope as ASGIScope
from fenrir_core.authoring import Send as ASGISend

__all__ = ("ASGIMessage", "ASGIReceive", "ASGIScope", "ASGISend")
