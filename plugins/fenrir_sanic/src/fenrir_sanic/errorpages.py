"""What an error looks like: HTML, JSON or text, by what the client takes."""

from __future__ import annotations

from html import escape
from typing import Any, Dict

from fenrir_core import HTTPError
from fenrir_core.authoring import reason_phrase

from .exceptions import SanicException
from .request import Request
from .response import HTTPResponse, html, json, text


def error_format(request: Request, fallback: str = "auto") -> str:
    """Return ``html``, ``json`` or ``text``: the route's own, else by `Accept`, else by the body that came."""
    route = request.route
    wanted = (route.option("error_format") if route is not None else None) or fallback
    if wanted in ("html", "json", "text"):
        return str(wanted)
    accept = (request.headers.get("accept") or "*/*").lower()
    for part in accept.split(","):
        media = part.partition(";")[0].strip()
        if media in ("application/json", "text/json"):
            return "json"
        if media in ("text/html", "application/xhtml+xml"):
            return "html"
        if media == "text/plain":
            return "text"
    return "json" if "application/json" in request.content_type else "text"


def render(request: Request, error: Exception, fallback: str = "auto", debug: bool = False) -> HTTPResponse:
    """Return the page of an error."""
    status = int(getattr(error, "status_code", getattr(error, "status", 500)))
    title = reason_phrase(status) or "Error"
    if isinstance(error, HTTPError):
        message = str(getattr(error, "message", error.detail))
    else:
        message = "The application encountered an unexpected error and could not continue."
    headers = dict(getattr(error, "headers", None) or {})
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
