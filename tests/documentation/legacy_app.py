"""Be the legacy application that the documentation's snippet mounts: plain WSGI, so that no library is needed."""

from __future__ import annotations


def flask_wsgi_app(environ, start_response):
    """Answer with where the application was mounted and which path it was asked for."""
    body = f"legacy {environ['SCRIPT_NAME']} {environ['PATH_INFO']}".encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
