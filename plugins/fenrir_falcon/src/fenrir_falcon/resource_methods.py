"""How the methods of a resource become its responders."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional

from . import constants
from .constants import WEBSOCKET
from .exceptions import SuffixedMethodNotFoundError
from .responders import create_default_options, create_method_not_allowed

__all__ = ["SuffixedMethodNotFoundError", "map_http_methods", "set_default_responders"]

MethodMap = Dict[str, Any]


def is_method(name: str) -> bool:
    """Return whether a name is that of a method that resources can serve."""
    return name in constants.COMBINED_METHODS and name != WEBSOCKET


def map_http_methods(resource: object, suffix: Optional[str] = None, default_to_on_request: bool = False) -> MethodMap:
    """Return the responders of a resource by method.

    Args:
        resource: An object with methods such as `on_get`.
        suffix: Selects `on_get_<suffix>` and so on.
        default_to_on_request: Whether `on_request` serves the methods without a responder.

    Raises:
        SuffixedMethodNotFoundError: No responder has the suffix.
    """
    tail = f"_{suffix}" if suffix else ""
    found: MethodMap = {}
    default = getattr(resource, f"on_request{tail}", None) if default_to_on_request else None
    for method in constants.COMBINED_METHODS:
        name = f"on_{method.lower()}{tail}"
        responder = getattr(resource, name, None) or getattr(resource, name.replace("-", "_"), None)
        if responder is None and method not in (WEBSOCKET, "OPTIONS"):
            responder = default
        if callable(responder):
            found[method] = responder
    if suffix and not found:
        raise SuffixedMethodNotFoundError(f"No responders found for the specified suffix {suffix!r}")
    return found


def set_default_responders(
    method_map: MethodMap, asgi: bool = False, default_responder: Optional[Callable[..., Any]] = None
) -> None:
    """Add responders for the methods that a resource has none for: OPTIONS, and 405 for the others.

    Args:
        method_map: The responders by method; it is changed.
        asgi: Whether they are asynchronous.
        default_responder: The responder of every method, instead of these.
    """
    if default_responder is not None:
        for method in constants.COMBINED_METHODS:
            method_map.setdefault(method, default_responder)
        return
    allowed = sorted(method for method in method_map if method != WEBSOCKET)
    if "OPTIONS" not in method_map:
        method_map["OPTIONS"] = create_default_options(allowed, asgi=asgi)
        allowed.append("OPTIONS")
    not_allowed = create_method_not_allowed(allowed, asgi=asgi)
    for method in constants.COMBINED_METHODS:
        method_map.setdefault(method, not_allowed)
