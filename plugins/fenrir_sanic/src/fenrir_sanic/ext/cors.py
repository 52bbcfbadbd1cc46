"""Cross-origin requests, by the app's configuration: `CORS_ORIGINS`, `CORS_METHODS` and others."""

from __future__ import annotations

import re
from typing import Any, Iterable, List, Optional, Union

from ..request import Request
from ..response import BaseHTTPResponse, empty


def _words(given: Union[str, Iterable[str], None]) -> str:
    if not given:
        return ""
    return given if isinstance(given, str) else ", ".join(given)


def _origin(choices: List[str], sent: str) -> str:
    """Return what `Access-Control-Allow-Origin` is for an origin; ``""`` if it is not allowed."""
    if "*" in choices:
        return "*"
    return sent if any(item == sent or re.fullmatch(item, sent) for item in choices) else ""


def add(app: Any) -> None:
    """Answer preflight requests, and mark the responses to allowed origins, where the configuration names origins."""
    config = app.config
    origins = config.get("CORS_ORIGINS")
    if not origins:
        return
    choices = [item.strip() for item in origins.split(",")] if isinstance(origins, str) else list(origins)

    def mark(request: Request, response: BaseHTTPResponse) -> None:
        found = _origin(choices, request.headers.get("origin", ""))
        if not found:
            return
        headers = response.headers
        headers["access-control-allow-origin"] = found
        if found != "*":
            headers.add_vary("origin")
            if config.get("CORS_SUPPORTS_CREDENTIALS"):
                headers["access-control-allow-credentials"] = "true"
        exposed = _words(config.get("CORS_EXPOSE_HEADERS"))
        if exposed:
            headers["access-control-expose-headers"] = exposed

    async def preflight(request: Request) -> Optional[BaseHTTPResponse]:
        asked = request.headers.get("access-control-request-method")
        if request.method != "OPTIONS" or asked is None:
            return None
        response = empty()
        headers = response.headers
        headers["access-control-allow-methods"] = _words(config.get("CORS_METHODS")) or asked
        wanted = request.headers.get("access-control-request-headers", "")
        allowed = _words(config.get("CORS_ALLOW_HEADERS", "*"))
        headers["access-control-allow-headers"] = wanted if allowed == "*" and wanted else allowed
        if config.get("CORS_MAX_AGE"):
            headers["access-control-max-age"] = config.get("CORS_MAX_AGE")
        return response

    app.register_middleware(preflight, "request", priority=900)
    app.register_middleware(mark, "response", priority=900)
