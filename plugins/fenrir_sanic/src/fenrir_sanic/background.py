"""Call what runs outside of requests: listeners and tasks, with the app, the loop and dependencies."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any, Callable, Optional, Sequence, Tuple

from fenrir_core import App, Build, Connection, Route
from fenrir_core.dependencies import finish
from fenrir_core.plan import where_is

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_LOOP_NAMES = ("loop", "_loop", "_", "__", "event_loop")


class _Target:
    """Stand in for a compiled route where no request is served."""

    max_body: Optional[int] = None

    def __init__(self, app: App, function: Callable[..., Any]) -> None:
        self.app = app
        self.route = Route("", function, (), where=where_is(function), paradigm=app.paradigm)
        self.form_limits: Any = None


async def _receive() -> Any:
    raise RuntimeError("There is no request to read here: this runs at the app's start, stop or in a task.")


async def _send(message: Any) -> None:
    raise RuntimeError("There is no request to answer here: this runs at the app's start, stop or in a task.")


def leading(function: Callable[..., Any]) -> Tuple[str, ...]:
    """Tell what a listener's leading parameters are: ``()``, ``("app",)`` or ``("app", "loop")``."""
    params = _params(function)
    if params is None:
        return ("app", "loop")
    plain = [item for item in params if item.kind in _POSITIONAL and item.default is item.empty]
    if any(item.kind is item.VAR_POSITIONAL for item in params):
        return ("app", "loop")
    if len(plain) < 2:
        return ("app",) if plain else ()
    return ("app", "loop") if plain[1].name in _LOOP_NAMES or _unannotated(plain[1]) else ("app",)


def _unannotated(param: inspect.Parameter) -> bool:
    return param.annotation is param.empty or param.annotation in ("AbstractEventLoop", "asyncio.AbstractEventLoop")


def _params(function: Callable[..., Any]) -> Optional[Sequence[inspect.Parameter]]:
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None


def _wants_more(function: Callable[..., Any], given: Sequence[str]) -> bool:
    params = _params(function) or ()
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return len([item for item in params if item.kind not in variable]) > len(given)


def caller(function: Callable[..., Any], build: Build) -> Callable[[App], Any]:
    """Prepare a call of a listener or task function; its further parameters are injected.

    Args:
        function: Takes nothing, the app, or the app and the loop; then whatever a handler may
            take that is not of a request, for example `Depends`.
        build: The app's build.

    Returns:
        An async callable that takes the app.
    """
    given = leading(function)
    if not _wants_more(function, given):

        async def plain(app: App) -> Any:
            value = function(*_values(app, given))
            return await value if inspect.isawaitable(value) else value

        return plain
    injected = build.inject(function, None, given, quick=True)

    async def with_dependencies(app: App) -> Any:
        scope = {"type": "lifespan", "path": "", "headers": [], "query_string": b""}
        connection = Connection(scope, _receive, _send, {}, _Target(app, function))
        error: Optional[BaseException] = None
        try:
            return await injected(connection, *_values(app, given))
        except BaseException as raised:
            error = raised
            raise
        finally:
            await finish(connection, error)

    return with_dependencies


def _values(app: App, given: Sequence[str]) -> Sequence[Any]:
    return [app if name == "app" else asyncio.get_event_loop() for name in given]
