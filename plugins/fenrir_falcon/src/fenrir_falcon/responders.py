"""The responders of what no resource serves."""

from __future__ import annotations

from typing import Any, Callable, Iterable, NoReturn

from .exceptions import HTTPBadRequest, HTTPMethodNotAllowed, HTTPRouteNotFound
from .status_codes import HTTP_200

__all__ = [
    "bad_request",
    "bad_request_async",
    "create_default_options",
    "create_method_not_allowed",
    "path_not_found",
    "path_not_found_async",
]


def path_not_found(req: object, resp: object, **kwargs: object) -> NoReturn:
    """Raise 404."""
    raise HTTPRouteNotFound()


async def path_not_found_async(req: object, resp: object, **kwargs: object) -> NoReturn:
    """Raise 404."""
    raise HTTPRouteNotFound()


def bad_request(req: object, resp: object, **kwargs: object) -> NoReturn:
    """Raise 400."""
    raise HTTPBadRequest(title="Bad request", description="Invalid HTTP method")


async def bad_request_async(req: object, resp: object, **kwargs: object) -> NoReturn:
    """Raise 400."""
    bad_request(req, resp)


def create_method_not_allowed(allowed_methods: Iterable[str], asgi: bool = False) -> Callable[..., Any]:
    """Return a responder that raises 405 with the methods that a resource has."""
    allowed = list(allowed_methods)

    def method_not_allowed(req: object, resp: object, **kwargs: object) -> NoReturn:
        raise HTTPMethodNotAllowed(allowed)

    async def method_not_allowed_async(req: object, resp: object, **kwargs: object) -> NoReturn:
        raise HTTPMethodNotAllowed(allowed)

    return method_not_allowed_async if asgi else method_not_allowed


def create_default_options(allowed_methods: Iterable[str], asgi: bool = False) -> Callable[..., Any]:
    """Return a responder of OPTIONS that says which methods a resource has."""
    allowed = ", ".join(allowed_methods)

    def options(req: object, resp: Any, **kwargs: object) -> None:
        resp.status = HTTP_200
        if allowed:
            resp.set_header("Allow", allowed)
        resp.set_header("Content-Length", "0")

    async def options_async(req: object, resp: Any, **kwargs: object) -> None:
        options(req, resp)

    return options_async if asgi else options
