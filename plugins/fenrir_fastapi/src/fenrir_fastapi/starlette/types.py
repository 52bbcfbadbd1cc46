"""Type aliases for ASGI, at Starlette's import path."""

from __future__ import annotations

from typing import Any, AsyncContextManager, Awaitable, Callable, Dict, Mapping, TypeVar, Union

from fenrir_core.authoring import ASGIApp, Message, Receive, Scope, Send

__all__ = [
    "ASGIApp",
    "AnyCallable",
    "AppType",
    "ExceptionHandler",
    "Lifespan",
    "Message",
    "NamedValues",
    "Receive",
    "Scope",
    "Send",
    "StatefulLifespan",
    "StatelessLifespan",
    "Values",
]

AppType = TypeVar("AppType")
StatelessLifespan = Callable[[AppType], AsyncContextManager[None]]
StatefulLifespan = Callable[[AppType], AsyncContextManager[Mapping[str, Any]]]
Lifespan = Union[StatelessLifespan[AppType], StatefulLifespan[AppType]]
ExceptionHandler = Callable[[Any, Exception], Union[Any, Awaitable[Any]]]
#: Any function of the app's author.
AnyCallable = Callable[..., Any]
#: Values by name, to change and to read.
Values = Dict[str, Any]
NamedValues = Mapping[str, Any]
