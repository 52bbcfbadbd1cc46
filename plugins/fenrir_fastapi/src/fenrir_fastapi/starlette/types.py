"""Type aliases for ASGI, at Starlette's import path."""

from __future__ import annotations

from typing import Any, AsyncContextManager, Awaitable, Callable, Mapping, TypeVar, Union

from fenrir_core.authoring import ASGIApp, Message, Receive, Scope, Send

__all__ = [
    "ASGIApp",
    "AppType",
    "ExceptionHandler",
    "Lifespan",
    "Message",
    "Receive",
    "Scope",
    "Send",
    "StatefulLifespan",
    "StatelessLifespan",
]

AppType = TypeVar("AppType")
StatelessLifespan = Callable[[AppType], AsyncContextManager[None]]
StatefulLifespan = Callable[[AppType], AsyncContextManager[Mapping[str, Any]]]
Lifespan = Union[StatelessLifespan[AppType], StatefulLifespan[AppType]]
ExceptionHandler = Callable[[Any, Exception], Union[Any, Awaitable[Any]]]
