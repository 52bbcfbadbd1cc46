"""The page about an unhandled exception."""

from __future__ import annotations

import os
import platform
import traceback
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple
from urllib.parse import parse_qsl

from fenrir_core.authoring import DEBUG_PAGE, get_logger, host_of

from ..explain import explain
from ..logs import log_failure
from ..versions import version_of
from .browser import is_navigation
from .facts import MOST_LETTERS, Problem, culprit, problems_of
from .html import STATE, Writer, page, page_headers
from .secrets import Secrets

logger = get_logger("fenrir.error")

_FOOT = (
    "Only <code>fenrir run --dev</code> shows this page, and only to browsers; programs are given the app's own 500. "
    "Values whose names say that they are secrets are hidden."
)


class CrashPages:
    """Middleware that shows browsers a page about an unhandled exception.

    The kernel asks for the page before it sends its bare 500 (`error_response` in
    `fenrir_core.runtime.error_handling`), so the app's own handlers come first. What any other ASGI app
    raises is caught and logged here.

    Args:
        app: An ASGI app.
        state: Returns the state of the process, see `live`.
    """

    def __init__(self, app: Any, state: Callable[[], str]) -> None:
        self._app, self._state = app, state

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve a connection (ASGI 3.0)."""
        if scope["type"] != "http" or not is_navigation(scope["headers"]):
            await self._app(scope, receive, send)
            return
        scope = {**scope, "extensions": {**(scope.get("extensions") or {}), DEBUG_PAGE: self._of_kernel}}
        is_started = False

        async def watch(message: Any) -> None:
            nonlocal is_started
            is_started = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:
            if is_started:
                raise
            log_failure(scope, error)
            text = self._page(error, scope, None)
            if text is None:
                raise
            await _send_page(send, text)

    def _of_kernel(self, connection: Any, error: BaseException) -> Any:
        from fenrir_core import Response

        text = self._page(error, connection.scope, connection)
        return None if text is None else Response(text, 500, page_headers(), "text/html")

    def _page(self, error: BaseException, scope: Any, connection: Any) -> Optional[str]:
        try:
            return crash_html(error, scope, connection).replace(STATE, self._state())
        except Exception:  # a faulty page must not prevent the response
            logger.exception("The page about an error could not be made")
            return None


async def _send_page(send: Any, text: str) -> None:
    body = text.encode("utf-8")
    fields = {**page_headers(), "content-type": "text/html; charset=utf-8", "content-length": str(len(body))}
    headers = [(name.encode("ascii"), value.encode("ascii")) for name, value in fields.items()]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def crash_html(error: BaseException, scope: Any, connection: Any = None) -> str:
    """Return the page.

    Args:
        error: The unhandled exception.
        scope: The connection scope of the request.
        connection: The kernel's connection, if the app is one of Fenrir's.
    """
    secrets = Secrets()
    request = dict(_request(scope, connection, secrets))
    problems = problems_of(error, secrets)
    writer = Writer(secrets)
    problem = problems[0]
    line = f"{scope['method']} {_url(scope, secrets)}"
    head = (
        f"<header><div><h1>{writer.text(problem.kind)}</h1>{_message(writer, problem)}"
        f"<p class=where><code>{writer.text(line)}</code>{_answered(writer, connection)}</p></div></header>"
    )
    opened = culprit(problems)
    parts = [
        head,
        "<main><h2>What was called</h2>",
        *[writer.problem(each, opened) for each in problems],
        _as_text(writer, error, secrets),
        "".join(
            f"<h2>{title}</h2><div class=box>{writer.pairs(rows)}</div>" for title, rows in request.items() if rows
        ),
        _route(writer, connection),
        f"<h2>Environment</h2><div class=box>{writer.pairs(_environment(connection))}</div>",
        "</main>",
    ]
    # only safe methods may be repeated by an automatic reload
    is_live = scope["method"] in ("GET", "HEAD")
    return page(f"{writer.text(problem.kind)} at {writer.text(scope['path'])}", "".join(parts), _FOOT, is_live)


def _message(writer: Writer, problem: Problem) -> str:
    if not problem.message:
        return ""
    kind = "message long" if len(problem.message) > 200 or problem.message.count("\n") > 3 else "message"
    return f'<p class="{kind}">{writer.text(problem.message)}</p>'


def _url(scope: Any, secrets: Secrets) -> str:
    query = secrets.hide_pairs(scope.get("query_string", b"").decode("latin-1"))
    return str(scope["path"]) + (f"?{query}" if query else "")


def _answered(writer: Writer, connection: Any) -> str:
    if connection is None or connection.route.fallback:
        return ""
    explanation = explain(connection.compiled_route)
    route = explanation.route
    return (
        f" is answered by <code>{writer.text(', '.join(route.methods))} {writer.text(route.path)}</code>, "
        f"<code>{writer.text(route.handler)}</code> in <code>{writer.text(route.where)}</code>"
    )


def _request(scope: Any, connection: Any, secrets: Secrets) -> Iterator[Tuple[str, List[Tuple[str, str]]]]:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    path = dict(getattr(connection, "path_params", None) or {})
    client = scope.get("client")
    yield (
        "Request",
        [
            ("method", scope["method"]),
            ("URL", f"{scope.get('scheme', 'http')}://{host_of(scope)}{_url(scope, secrets)}"),
            ("HTTP version", scope.get("http_version", "")),
            ("client", f"{client[0]}:{client[1]}" if client else "unknown"),
            *([("root path", scope["root_path"])] if scope.get("root_path") else []),
        ],
    )
    yield "Path values", [(name, secrets.text_of(name, value)) for name, value in path.items()]
    yield "Query", [(name, secrets.text_of(name, value)) for name, value in query]
    yield "Headers", [(name, _plain(secrets, name, value)) for name, value in headers]


def _plain(secrets: Secrets, name: str, value: str) -> str:
    shown = secrets.text_of(name, value)
    return value if shown == repr(value) or len(value) > 300 and shown.startswith(("'", '"')) else shown


def _as_text(writer: Writer, error: BaseException, secrets: Secrets) -> str:
    lines = "".join(traceback.format_exception(type(error), error, error.__traceback__)).splitlines()
    # lines that are not indented are no source
    text = "\n".join(
        secrets.hide_literals(line) if line.startswith(" ") else secrets.hide_in_message(line[:MOST_LETTERS])
        for line in lines
    )
    return (
        "<details class=more><summary>The traceback as text</summary>"
        f"<pre class=plain>{writer.text(text)}</pre></details>"
    )


def _route(writer: Writer, connection: Any) -> str:
    """Return what `fenrir why` shows of the route: its steps and their plugins."""
    if connection is None or connection.route.fallback:
        return ""
    explanation = explain(connection.compiled_route)
    rows = []
    for step in explanation.steps:
        inputs = "".join(
            f"<br><span class=note>{writer.text(item.name)}: {writer.text(item.source)}</span>" for item in step.inputs
        )
        where = "" if os.path.isabs(step.where) else step.where  # a place in a library is of no use here
        rows.append(
            f"<tr><th>{writer.text(step.stage)}</th><td><code>{writer.text(step.name)}</code>{inputs}</td>"
            f"<td>{writer.text(step.by)}</td><td>{writer.text(step.how)} {writer.text(where)}</td></tr>"
        )
    return (
        f'<h2>Steps of the route</h2><div class="box steps"><table>{"".join(rows)}</table></div>'
        "<details class=more><summary>The function that the build made of them</summary>"
        f"<pre class=plain>{writer.text(explanation.source)}</pre></details>"
    )


def _environment(connection: Any) -> List[Tuple[str, str]]:
    found: Dict[str, str] = {
        "Python": f"{platform.python_version()} ({platform.python_implementation()}) on {platform.system()}",
        "Fenrir": f"fenrir-core {version_of('fenrir-core')}, fenrir-cli {version_of('fenrir-cli')}",
        "directory": os.getcwd(),
    }
    if connection is not None:
        active = [item for item in connection.app.plugins.records if item.state == "active"]
        found["plugins"] = ", ".join(f"{item.name} {item.version}".rstrip() for item in active) or "none"
    return list(found.items())
