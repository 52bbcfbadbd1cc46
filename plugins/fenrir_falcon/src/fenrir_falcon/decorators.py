"""Falcon's hooks: decorators that run a function before or after one responder, or all of a resource."""

from __future__ import annotations

import inspect
import re
import sys
import warnings
from functools import partial, wraps
from typing import Any, Callable, Dict, List, TypeVar

from fenrir_core.authoring import METHODS, check_callable, refuse_bare

from .request import Request
from .response import Response
from .return_values import call

T = TypeVar("T")
_is_responder_name = re.compile(rf"on_({'|'.join(METHODS)}|request|websocket)(_\w+)?", re.IGNORECASE).fullmatch
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def before(action: Callable[..., Any], *args: Any, is_async: bool = False, **kwargs: Any) -> Callable[[T], T]:
    """Call `action(req, resp, resource, params, *args, **kwargs)` before the responder.

    What it adds to `params` is passed to the responder. On a class it applies to all
    responders, inherited ones too. A synchronous action of a synchronous responder runs in
    the same thread, just before it; others run on the event loop.

    Args:
        action: A function, asynchronous or not.
        *args, **kwargs: Further arguments of `action`.
        is_async: As in Falcon, and ignored: the result is awaited if it is awaitable.

    Raises:
        BuildError: `action` is not callable, or it is the responder or resource itself, as in ``@falcon.before``
            without parentheses.
    """
    _check_action(action, "before")

    def wrap(responder: Callable[..., Any]) -> Callable[..., Any]:
        signature = _lenient_signature(responder)
        names = _field_names(inspect.signature(responder))
        acts_async, responds_async = map(_is_async, (action, responder))

        def hooked_sync(self: Any, req: Request, resp: Response, *fields: Any, **params: Any) -> Any:
            if fields:
                params.update(zip(names, fields))
            action(req, resp, self, params, *args, **kwargs)
            return responder(self, req, resp, **params)

        async def hooked(self: Any, req: Request, resp: Response, *fields: Any, **params: Any) -> Any:
            if fields:
                params.update(zip(names, fields))
            if acts_async:  # PERF: decided once, 400 ns a call
                await action(req, resp, self, params, *args, **kwargs)
            else:
                await call(action, req, resp, self, params, *args, **kwargs)
            if responds_async:
                return await responder(self, req, resp, **params)
            return await _respond(responder, self, req, resp, params)

        return _as_responder(hooked if acts_async or responds_async else hooked_sync, responder, signature)

    return _decorator(wrap, "before")


def after(action: Callable[..., Any], *args: Any, is_async: bool = False, **kwargs: Any) -> Callable[[T], T]:
    """Call `action(req, resp, resource, *args, **kwargs)` after the responder; see `before`."""
    _check_action(action, "after")

    def wrap(responder: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(responder)
        names = _field_names(signature)
        acts_async, responds_async = map(_is_async, (action, responder))

        def hooked_sync(self: Any, req: Request, resp: Response, *fields: Any, **params: Any) -> Any:
            if fields:
                params.update(zip(names, fields))
            value = responder(self, req, resp, **params)
            action(req, resp, self, *args, **kwargs)
            return value

        async def hooked(self: Any, req: Request, resp: Response, *fields: Any, **params: Any) -> Any:
            if fields:
                params.update(zip(names, fields))
            if responds_async:
                value = await responder(self, req, resp, **params)
            else:
                value = await _respond(responder, self, req, resp, params)
            if acts_async:
                await action(req, resp, self, *args, **kwargs)
            else:
                await call(action, req, resp, self, *args, **kwargs)
            return value

        return _as_responder(hooked if acts_async or responds_async else hooked_sync, responder, signature)

    return _decorator(wrap, "after")


def is_synchronous(responder: Callable[..., Any]) -> bool:
    """Return whether a responder is synchronous, without regard to its hooks."""
    marked = getattr(responder, "__fenrir_synchronous__", None)
    return not inspect.iscoroutinefunction(responder) if marked is None else bool(marked)


async def _respond(
    responder: Callable[..., Any], resource: Any, req: Request, resp: Response, params: Dict[str, Any]
) -> Any:
    if inspect.iscoroutinefunction(responder):
        return await responder(resource, req, resp, **params)
    return await req.run_in_thread(partial(responder, resource, req, resp, **params))


def _is_async(function: Callable[..., Any]) -> bool:
    """Return whether a function, or the call of an object, is a coroutine function."""
    return any(map(inspect.iscoroutinefunction, (function, getattr(function, "__call__", None))))  # noqa: B004


def _check_action(action: Any, name: str) -> None:
    check_callable(action, f"@falcon.{name}")
    responders = dir(action) if inspect.isclass(action) else [getattr(action, "__name__", "")]
    if any(map(_is_responder_name, responders)):
        refuse_bare(action, f"{name}(action)", holder="falcon")


def _decorator(wrap: Callable[[Callable[..., Any]], Callable[..., Any]], name: str) -> Callable[[T], T]:
    def decorate(target: T) -> T:
        check_callable(target, f"@falcon.{name}()")
        if not inspect.isclass(target):
            return wrap(target)  # type: ignore[arg-type, return-value]
        for key in dir(target):
            responder = getattr(target, key)
            if not key.startswith("on_") or not callable(responder):
                continue
            if key.startswith("on_request") and not _decorates_on_request():
                warnings.warn(
                    f"{key} of {target.__name__} is not decorated: set falcon.hooks.decorate_on_request = True first.",
                    UserWarning,
                    stacklevel=2,
                )
                continue
            setattr(target, key, wrap(responder))
        return target

    return decorate


def _decorates_on_request() -> bool:
    """Return whether decorated classes have their `on_request` decorated, too: Falcon's switch in `falcon.hooks`."""
    hooks = sys.modules.get(f"{__name__.rpartition('.')[0]}.hooks")
    return bool(getattr(hooks, "decorate_on_request", False))


def _lenient_signature(responder: Callable[..., Any]) -> inspect.Signature:
    """Return the signature of a responder whose hook may add parameters that are not in the path.

    It has only the parameters with a default, such as `Depends()`; path parameters are passed as keywords.
    """
    signature = inspect.signature(responder)
    keep = [
        item
        for index, item in enumerate(signature.parameters.values())
        if index < 3 or item.default is not item.empty or item.kind is item.VAR_KEYWORD
    ]
    if not any(item.kind is item.VAR_KEYWORD for item in keep):
        keep.append(inspect.Parameter("params", inspect.Parameter.VAR_KEYWORD))
    return signature.replace(parameters=keep)


def _field_names(signature: inspect.Signature) -> List[str]:
    """Return the names of the parameters after `self`, `req` and `resp`."""
    return [item.name for item in signature.parameters.values() if item.kind in _POSITIONAL][3:]


def _as_responder(
    hooked: Callable[..., Any], responder: Callable[..., Any], signature: inspect.Signature
) -> Callable[..., Any]:
    wraps(responder)(hooked)
    hooked.__signature__ = signature  # type: ignore[attr-defined]
    hooked.__fenrir_synchronous__ = is_synchronous(responder)  # type: ignore[attr-defined]
    return hooked
