"""Bottle's way: an older WSGI application under a prefix, redirects and files."""

from __future__ import annotations

from typing import Any, Callable, Dict, List

from fenrir import Fenrir, redirect, send_from_directory


def guest_book(environ: Dict[str, Any], start_response: Callable[..., Any]) -> List[bytes]:
    """A stand-in for an old application: plain WSGI, as every Flask or Django app is."""
    lines = [f"{name}: {environ[name]}" for name in ("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING")]
    body = "\n".join(["This is WSGI, served by an ASGI app.", *lines]).encode("latin-1")
    start_response("200 OK", [("Content-Type", "text/plain; charset=latin-1"), ("Content-Length", str(len(body)))])
    return [body]


def register(app: Fenrir) -> None:
    app.mount_wsgi(guest_book, prefix="/legacy")

    @app.get("/old-docs", include_in_schema=False)
    async def old_docs():
        return redirect("/docs")

    @app.get("/static/<path:path>", include_in_schema=False)
    def static_files(path: str):
        return send_from_directory("static", path, max_age=300)
