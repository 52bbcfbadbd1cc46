"""Calls outside of requests: of listeners and tasks, with the app, the event loop and dependencies."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any, Awaitable, Callable, List, Optional, Tuple

from fenrir_core import App

from .values import AnyCallable

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_VARIABLE = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_LOOP_NAMES = ("loop", "_loop", "_", "__", "event_loop")


def leading(function: AnyCallable) -> Tuple[str, ...]:
    """Return what the leading parameters take: ``()``, ``("app",)`` or ``("app", "loop")``."""
    params = parameters_of(function)
    if params is None or any(item.kind is item.VAR_POSITIONAL for item in params):
        return ("app", "loop")
    plain = [item for item in params if item.kind in _POSITIONAL and item.default is item.empty]
    if len(plain) < 2:
        return ("app",) if plain else ()
    is_loop = plain[1].name in _LOOP_NAMES or plain[1].annotation is plain[1].empty
    return ("app", "loop") if is_loop else ("app",)


def parameters_of(function: AnyCallable) -> Optional[List[inspect.Parameter]]:
    """Return the parameters of a function; None if it has no signature, as some builtins."""
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None


def caller(function: AnyCallable, inject: AnyCallable) -> Callable[[App], Awaitable[Any]]:
    """Prepare the call of a listener or task function; its further parameters are injected.

    Args:
        function: Takes nothing, the app, or the app and the event loop; then anything that a
            handler may take and that does not belong to a request, for example `Depends`.
        inject: `Build.inject` or `App.injected`; fills the further parameters.

    Returns:
        An async callable that takes the app. A synchronous `function` runs on the event loop.
    """
    positional = leading(function)
    further = [item for item in parameters_of(function) or () if item.kind not in _VARIABLE][len(positional) :]
    injected = inject(function, positional=positional, nonblocking=True) if further else None

    async def call(app: App) -> Any:
        values = [app if name == "app" else asyncio.get_running_loop() for name in positional]
        async with app.context() as context:
            value = function(*values) if injected is None else await injected(context.connection, *values)
            return await value if inspect.isawaitable(value) else value

    return call
