"""Call what runs outside of requests: listeners and tasks, with the app, the loop and dependencies."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any, Callable, List, Optional, Sequence, Tuple

from fenrir_core import App

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_LOOP_NAMES = ("loop", "_loop", "_", "__", "event_loop")


def leading(function: Callable[..., Any]) -> Tuple[str, ...]:
    """Tell what the leading parameters are: ``()``, ``("app",)`` or ``("app", "loop")``."""
    params = _params(function)
    if params is None or any(item.kind is item.VAR_POSITIONAL for item in params):
        return ("app", "loop")
    plain = [item for item in params if item.kind in _POSITIONAL and item.default is item.empty]
    if len(plain) < 2:
        return ("app",) if plain else ()
    is_loop = plain[1].name in _LOOP_NAMES or plain[1].annotation is plain[1].empty
    return ("app", "loop") if is_loop else ("app",)


def _params(function: Callable[..., Any]) -> Optional[List[inspect.Parameter]]:
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None


def caller(function: Callable[..., Any], inject: Callable[..., Any]) -> Callable[[App], Any]:
    """Prepare a call of a listener or task function; its further parameters are injected.

    Args:
        function: Takes nothing, the app, or the app and the loop; then whatever a handler may
            take that is not of a request, for example `Depends`.
        inject: The build's or the app's, which fills the further parameters.

    Returns:
        An async callable that takes the app. A synchronous `function` runs on the event loop.
    """
    given = leading(function)
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    further = [item for item in _params(function) or () if item.kind not in variable][len(given) :]
    injected = inject(function, None, given, nonblocking=True) if further else None

    async def call(app: App) -> Any:
        values = _values(app, given)
        async with app.context() as scope:
            value = function(*values) if injected is None else await injected(scope.connection, *values)
            return await value if inspect.isawaitable(value) else value

    return call


def _values(app: App, given: Sequence[str]) -> Sequence[Any]:
    return [app if name == "app" else asyncio.get_running_loop() for name in given]
