"""Requests to the examples written for Bottle, on Bottle and on Fenrir: `bottle` is whichever this process imports.

Usage: python -m tests.examples.unchanged.bottle_requests (bottle|wsgi|asgi); prints the answers as JSON.
"""

from __future__ import annotations

import base64
import importlib
import io
import json
import re
import sys
from typing import Any, Dict, List, NamedTuple, Tuple
from urllib.parse import unquote_to_bytes, urlencode
from wsgiref.util import setup_testing_defaults

#: What is compared of a response besides status and body.
HEADERS = ("allow", "content-length", "content-type", "location", "set-cookie", "www-authenticate")
HEADERS += ("accept-ranges", "content-range", "last-modified", "x-calls", "x-reason", "x-tasks")
FORM = {"content-type": "application/x-www-form-urlencoded"}
UPLOAD = (
    b'--xx\r\nContent-Disposition: form-data; name="file"; filename="more.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\nwash\nshop & cook\r\n--xx--\r\n"
)


class Ask(NamedTuple):
    method: str
    url: str
    body: bytes = b""
    headers: Dict[str, str] = {}


def form(**values: str) -> bytes:
    return urlencode(values).encode()


def login(user: str, password: str) -> Dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


TODO = [
    Ask("GET", "/"),
    Ask("GET", "/tasks"),
    Ask("POST", "/tasks", form(title="read <b> ü"), FORM),
    Ask("GET", "/tasks"),
    Ask("POST", "/tasks", form(title=" "), FORM),
    Ask("POST", "/import", UPLOAD, {"content-type": "multipart/form-data; boundary=xx"}),
    Ask("POST", "/import"),
    Ask("POST", "/tasks/1", form(title="read", done="on"), FORM),
    Ask("GET", "/tasks/1"),
    Ask("GET", "/tasks?show=done"),
    Ask("GET", "/tasks"),
    Ask("GET", "/tasks?show=nothing"),
    Ask("GET", "/tasks.json"),
    Ask("DELETE", "/tasks/2"),
    Ask("DELETE", "/tasks/2"),
    Ask("GET", "/tasks/x"),
    Ask("GET", "/tasks/"),
    Ask("HEAD", "/tasks/1"),
    Ask("GET", "/static/style.css"),
    Ask("GET", "/static/style.css", headers={"range": "bytes=5-9"}),
    Ask("GET", "/static/../todo.py"),
]
SHELF = [
    Ask("GET", "/documents?page=2"),
    Ask("GET", "/documents/notes"),
    Ask("GET", "/documents/NOTES"),
    Ask("GET", "/documents/none"),
    Ask("PUT", "/documents/new", b'{"text": "new"}', {"content-type": "application/json"}),
    Ask("PUT", "/documents/new", b'{"text": "newer"}', {"content-type": "application/json"}),
    Ask("PUT", "/documents/new", b"{}", {"content-type": "application/json"}),
    Ask("GET", "/documents/new"),
    Ask("HEAD", "/documents"),
    Ask("PATCH", "/echo/a/b?c=d"),
    Ask("OPTIONS", "/echo/a"),
    Ask("GET", "/admin/"),
    Ask("GET", "/admin/", headers=login("ann", "secret")),
    Ask("GET", "/admin/", headers=login("ann", "wrong")),
    Ask("GET", "/admin/boom"),
    Ask("GET", "/admin/none"),
]
SITES = {"todo": TODO, "shelf": SHELF}

Answer = Tuple[int, List[Tuple[str, str]], bytes]


def by_wsgi(app: Any, ask: Ask, headers: Dict[str, str]) -> Answer:
    path, _, query = ask.url.partition("?")
    environ: Dict[str, Any] = {"REQUEST_METHOD": ask.method, "QUERY_STRING": query, "HTTP_HOST": "example.org"}
    environ["SERVER_PROTOCOL"] = "HTTP/1.1"
    environ.update({"PATH_INFO": unquote_to_bytes(path).decode("latin-1"), "wsgi.input": io.BytesIO(ask.body)})
    if ask.body:
        environ["CONTENT_LENGTH"] = str(len(ask.body))
    for name, value in headers.items():
        variable = name.upper().replace("-", "_")
        environ[variable if variable == "CONTENT_TYPE" else f"HTTP_{variable}"] = value
    setup_testing_defaults(environ)
    started: List[Any] = []
    result = app(environ, lambda status, pairs, exc_info=None: started.append((int(status[:3]), pairs)))
    body = b"".join(result)
    getattr(result, "close", bool)()
    return (*started[-1], body)


def by_asgi(app: Any, ask: Ask, headers: Dict[str, str]) -> Answer:
    from tests.asgi import fetch

    path, _, query = ask.url.partition("?")
    sent = {"host": "example.org", "content-length": str(len(ask.body)), **headers}
    answer = fetch(app, ask.method, path, query=query, headers=sent, body=ask.body)
    return answer.status, [(name.decode(), value.decode("latin-1")) for name, value in answer.headers.raw], answer.body


def compared(answer: Answer) -> Tuple[int, List[Tuple[str, str]], str]:
    """Return what must be the same; of a signed cookie only that it is one, since Bottle signs pickles."""
    status, headers, body = answer
    shown = [(name.lower(), re.sub(r'="?![^;]*', "=signed", value)) for name, value in headers]
    text = body.decode("utf-8")
    is_page_of_errors = "Error: " in text  # the text of an error that no handler answers is not the same
    kept = [pair for pair in shown if pair[0] in HEADERS and not (is_page_of_errors and pair[0] == "content-length")]
    return status, sorted(kept), "an error page" if is_page_of_errors else text


def answers(name: str, how: str) -> List[Any]:
    app = importlib.import_module(f"examples.unchanged_bottle.{name}").app
    jar: Dict[str, str] = {}
    found = []
    for ask in SITES[name]:
        headers = dict(ask.headers)
        if jar:
            headers["cookie"] = "; ".join(f"{key}={value}" for key, value in jar.items())
        answer = (by_asgi if how == "asgi" else by_wsgi)(app, ask, headers)
        for key, value in answer[1]:
            if key.lower() == "set-cookie":
                cookie, _, text = value.partition(";")[0].partition("=")
                jar[cookie] = text
        found.append((f"{ask.method} {ask.url}", *compared(answer)))
    return found


def main(how: str) -> None:
    sys.modules["ujson"] = None  # type: ignore[assignment]  # Bottle uses it where it is installed, for other spaces
    if how != "bottle":
        from fenrir_core.alias import install

        install("bottle")
    print(json.dumps({name: answers(name, how) for name in SITES}))


if __name__ == "__main__":
    main(sys.argv[1])
