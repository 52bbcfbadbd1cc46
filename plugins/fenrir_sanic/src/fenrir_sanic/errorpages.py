"""Sanic's error pages: HTML, JSON or text, by what the client accepts."""

from __future__ import annotations

from html import escape
from typing import Any, Dict

from fenrir_core import HTTPError
from fenrir_core.authoring import parse_accept, reason_phrase

from .exceptions import SanicException
from .request import Request
from .response import HTTPResponse, html, json, text

_FORMATS = {
    "application/json": "json",
    "text/json": "json",
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/plain": "text",
}


def error_format(request: Request, fallback: str = "auto") -> str:
    """Return ``html``, ``json`` or ``text``: the route's own, else by `Accept`, else by the request's body."""
    route = request.route
    wanted = (route.option("error_format") if route is not None else None) or fallback
    if wanted in ("html", "json", "text"):
        return str(wanted)
    accepted = parse_accept(request.headers.get("accept") or "")
    for item in sorted(accepted, key=lambda item: -item.quality):
        if item.quality and item.value in _FORMATS:
            return _FORMATS[item.value]
    return "json" if "application/json" in request.content_type else "text"


def render(request: Request, error: Exception, fallback: str = "auto", debug: bool = False) -> HTTPResponse:
    """Return the error page of an exception.

    Args:
        request: The request that failed.
        error: The exception.
        fallback: The format where the route has none: ``html``, ``json``, ``text`` or ``auto``.
        debug: Whether the page shows a `SanicException`'s `extra`.
    """
    status, headers = 500, {}
    message = "The application encountered an unexpected error and could not continue."
    if isinstance(error, HTTPError):  # the status of any other exception is another server's
        status = int(getattr(error, "status_code", error.status))
        message = str(getattr(error, "message", error.detail))
        headers = dict(error.headers or {})
    title = reason_phrase(status) or "Error"
    kind = error_format(request, fallback)
    details = _details(error, debug)
    if kind == "json":
        return json({"description": title, "status": status, "message": message, **details}, status, headers)
    if kind == "html":
        items = "".join(f"<dt>{escape(str(k))}</dt><dd>{escape(str(v))}</dd>" for k, v in details.items())
        page = (
            f'<!DOCTYPE html><html lang="en"><meta charset="UTF-8"><title>{status} — {escape(title)}</title>'
            f"<h1>⚠️ {status} — {escape(title)}</h1><p>{escape(message)}</p>{f'<dl>{items}</dl>' if items else ''}"
        )
        return html(page, status, headers)
    head = f"⚠️ {status} — {title}"
    lines = "".join(f"{key}: {value}\n" for key, value in details.items())
    return text(f"{head}\n{'=' * len(head)}\n{message}\n\n{lines}", status, headers)


def _details(error: Exception, debug: bool) -> Dict[str, Any]:
    found: Dict[str, Any] = {}
    if isinstance(error, SanicException):
        if error.context:
            found["context"] = error.context
        if debug and error.extra:
            found["extra"] = error.extra
    return found
