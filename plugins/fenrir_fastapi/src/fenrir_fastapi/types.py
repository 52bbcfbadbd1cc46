"""Type aliases for ASGI and FastAPI."""

from __future__ import annotations

from typing import Any, AsyncContextManager, Callable, Mapping, TypeVar

from fenrir_core.authoring import ASGIApp, Message, Receive, Scope, Send

__all__ = ["ASGIApp", "DecoratedCallable", "Lifespan", "Message", "Receive", "Scope", "Send"]

DecoratedCallable = TypeVar("DecoratedCallable", bound=Callable[..., Any])
Lifespan = Callable[[Any], AsyncContextManager[Mapping[str, Any]]]
