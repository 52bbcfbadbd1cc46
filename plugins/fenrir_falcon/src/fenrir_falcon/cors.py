"""Cross-origin resource sharing as a middleware component.

Source: Fetch Standard, "CORS protocol".
"""

from __future__ import annotations

from typing import FrozenSet, Iterable, Union

from .request import Request
from .response import Response


class CORSMiddleware:
    """A middleware component that lets pages of other origins read responses.

    Args:
        allow_origins: The allowed origins, or ``"*"`` for all.
        expose_headers: The response headers that pages may read.
        allow_private_network: Whether pages of public sites may ask a private network.
        allow_credentials: The origins whose pages may send cookies, or ``"*"`` for all.
    """

    def __init__(
        self,
        allow_origins: Union[str, Iterable[str]] = "*",
        expose_headers: Union[str, Iterable[str], None] = None,
        allow_credentials: Union[str, Iterable[str], None] = None,
        allow_private_network: bool = False,
    ) -> None:
        self.allow_private_network = allow_private_network
        self.allow_origins: Union[str, FrozenSet[str]] = (
            allow_origins if allow_origins == "*" else _names(allow_origins)
        )
        self.expose_headers = ", ".join(_names(expose_headers)) if expose_headers is not None else ""
        self.allow_credentials: Union[str, FrozenSet[str]] = (
            allow_credentials if allow_credentials == "*" else _names(allow_credentials or ())
        )
        if isinstance(self.allow_credentials, frozenset) and "*" in self.allow_credentials:
            raise ValueError('allow_credentials must be "*", not a list that contains "*".')

    def process_response(self, req: Request, resp: Response, resource: object, req_succeeded: bool) -> None:
        """Add the CORS headers for the request's origin."""
        origin = req.get_header("Origin")
        if origin is None or (self.allow_origins != "*" and origin not in self.allow_origins):
            return
        if resp.get_header("Access-Control-Allow-Origin") is None:
            trusted = self.allow_credentials == "*" or origin in self.allow_credentials
            if trusted:
                resp.set_header("Access-Control-Allow-Credentials", "true")
            any_origin = self.allow_origins == "*" and not trusted
            resp.set_header("Access-Control-Allow-Origin", "*" if any_origin else origin)
            if not any_origin:
                resp.append_header("Vary", "Origin")
        if self.expose_headers:
            resp.set_header("Access-Control-Expose-Headers", self.expose_headers)
        if req_succeeded and req.method == "OPTIONS" and req.get_header("Access-Control-Request-Method"):
            allow = resp.get_header("Allow") or ""
            resp.delete_header("Allow")
            if not allow:  # COMPAT: a resource whose `on_options` names no methods allows none
                for name in _PREFLIGHT:
                    resp.delete_header(name)
                return
            resp.set_header("Access-Control-Allow-Methods", allow)
            wanted = req.get_header("Access-Control-Request-Headers") or "*"
            resp.set_header("Access-Control-Allow-Headers", wanted)
            resp.set_header("Access-Control-Max-Age", "86400")
            if self.allow_private_network and req.get_header("Access-Control-Request-Private-Network") == "true":
                resp.set_header("Access-Control-Allow-Private-Network", "true")

    async def process_response_async(self, req: Request, resp: Response, resource: object, req_succeeded: bool) -> None:
        """Add the CORS headers; what an ASGI application calls."""
        self.process_response(req, resp, resource, req_succeeded)


#: What is removed of a preflight response that allows no method.
_PREFLIGHT = (
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Max-Age",
    "Access-Control-Expose-Headers",
    "Access-Control-Allow-Origin",
)


def _names(value: Union[str, Iterable[str]]) -> FrozenSet[str]:
    return frozenset([value]) if isinstance(value, str) else frozenset(value)
