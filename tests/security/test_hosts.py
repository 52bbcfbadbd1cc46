"""No `Host` header decides the path, host or user of a URL that an app gives."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, List, Tuple
from urllib.parse import urlsplit

import pytest
from tests.asgi import Answer, Socket, fetch, run
from tests.security.host_apps import GUARDED, REDIRECTS, SOCKET_APPS, URL_APPS, made, static_in

import fenrir_fastapi
from fenrir_fastapi.middleware.trustedhost import TrustedHostMiddleware

#: Values that are no host, by what is wrong with them.
HOSTILE = {
    "path": "evil.example/public",
    "path after a port": "evil.example:80/public",
    "query": "evil.example?public",
    "fragment": "evil.example#public",
    "user": "testserver@evil.example",
    "user and password": "testserver:80@evil.example",
    "backslash": "evil.example\\public",
    "space": "evil.example public",
    "space around": " evil.example",
    "tab": "evil\t.example/public",
    "line break": "evil.example\n",
    "NUL": "evil.example\0",
    "DEL": "evil\x7f.example",
    "non-ASCII": "b\xfccher.example",
    "encoded slash": "evil.example%2Fpublic",
    "list": "testserver, evil.example",
    "whole URL": "http://evil.example",
    "slashes": "//evil.example",
    "quote": "evil.example'onload='x",
    "angle": "<b>evil.example",
    "port of letters": "testserver:public",
    "port too large": "testserver:65536",
    "port of other digits": "testserver:\xb2",
    "two ports": "testserver:1:2",
    "no name": ":80",
    "empty": "",
    "empty label": "evil..example",
    "dot": ".",
    "bracket left open": "[::1",
    "bracket never opened": "::1]",
    "IPv6 without brackets": "::1",
    "no address in brackets": "[evil.example]",
    "bad address in brackets": "[1::2::3]",
    "text after brackets": "[::1]evil.example",
    "IPv6 zone": "[fe80::1%25eth0]",
    "too long": "a." * 200 + "example",
}
#: Valid hosts, which are kept as they are.
VALID = [
    "example.org", "example.org:8080", "Example.ORG", "example.org.", "xn--bcher-kva.example", "my_app:8000",
    "127.0.0.1:80", "[::1]", "[::1]:8080", "[2001:db8::ffff:192.0.2.1]:443", "localhost", "1",
]  # fmt: skip
Pairs = List[Tuple[str, str]]


@lru_cache(maxsize=None)
def app_of(kind: str) -> Any:
    """Return the app of a kind; one serves all tests."""
    return URL_APPS[kind]()


@lru_cache(maxsize=None)
def socket_app_of(kind: str) -> Any:
    """Return the app with a WebSocket of a kind; one serves all tests."""
    return SOCKET_APPS[kind]()


@lru_cache(maxsize=None)
def redirect_of(kind: str) -> Tuple[Any, str]:
    """Return the app that redirects, and the path where it does."""
    make, path = REDIRECTS[kind]
    return make(), path


def given(app: Any, headers: Pairs) -> Dict[str, str]:
    """Return the URLs that `/secret` gives."""
    answer = fetch(app, path="/secret", query="a=1", headers=headers)
    assert answer.status == 200, answer.text
    found: Dict[str, str] = json.loads(answer.text)
    return found


def refused(app: Any, headers: Pairs) -> int:
    """Return the status that the handshake at `/secret` gets."""

    async def go() -> int:
        socket = Socket(app, "/secret", headers=headers)
        socket.start()
        await socket.finish()
        return Answer(socket.sent, None).status

    return run(go())


def heard(app: Any, headers: Pairs) -> Dict[str, str]:
    """Return the URLs that the WebSocket at `/secret` gives."""

    async def go() -> Any:
        socket = Socket(app, "/secret", headers=headers)
        socket.start()
        await socket.until(lambda: socket.heard)
        socket.close()
        await socket.finish()
        return json.loads(socket.heard[0])

    found: Dict[str, str] = run(go())
    return found


@pytest.mark.parametrize("host", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("kind", URL_APPS)
def test_a_host_that_is_none_is_refused(kind: str, host: str) -> None:
    assert fetch(app_of(kind), path="/secret", headers=[("host", host)]).status == 400


@pytest.mark.parametrize("kind", URL_APPS)
@pytest.mark.parametrize("second", ["b.example", "a.example"])
def test_several_host_headers_are_refused(kind: str, second: str) -> None:
    assert fetch(app_of(kind), path="/secret", headers=[("host", "a.example"), ("host", second)]).status == 400


@pytest.mark.parametrize("host", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("kind", SOCKET_APPS)
def test_a_websocket_takes_no_host_that_is_none(kind: str, host: str) -> None:
    assert refused(socket_app_of(kind), [("host", host)]) == 400


#: Hosts that the URLs of Werkzeug's request have in another form.
WERKZEUGS = {"Example.ORG": "example.org", "xn--bcher-kva.example": "b\u00fccher.example"}


@pytest.mark.parametrize("host", VALID)
@pytest.mark.parametrize("kind", URL_APPS)
def test_a_valid_host_is_kept(kind: str, host: str) -> None:
    found = given(app_of(kind), [("host", host)])
    urls = {name: urlsplit(text) for name, text in found.items() if text.startswith("http")}
    kept = {host, WERKZEUGS.get(host, host)} if "flask" in kind else {host}
    assert {url.netloc for url in urls.values()} <= kept
    assert found.get("url", "http://x/secret").partition("?")[0].endswith("/secret")
    assert found.get("host", host) in (host, host.rpartition(":")[0].strip("[]"), host.strip("[]"))


@pytest.mark.parametrize("server", [("/run/app.sock", None), ("../evil?", 80), None])
@pytest.mark.parametrize("kind", [kind for kind in URL_APPS if "bottle" not in kind and "fastapi" not in kind])
def test_a_server_without_a_name_is_localhost(kind: str, server: Any) -> None:
    app = app_of(kind)
    answer = fetch(app, path="/secret", headers=[], scope={"server": server})
    assert json.loads(answer.text) == {
        name: text.replace("testserver", "localhost") for name, text in given_plain(app).items()
    }


def given_plain(app: Any) -> Dict[str, str]:
    """Return the URLs that `/secret` gives without a query."""
    found: Dict[str, str] = json.loads(fetch(app, path="/secret", headers=[("host", "testserver")]).text)
    return found


# ------------------------------------------------------------ guards and redirects


@pytest.mark.parametrize("host", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("kind", GUARDED)
def test_a_guard_on_the_urls_path_holds(kind: str, host: str) -> None:
    assert fetch(guarded(kind), path="/secret", headers=[("host", host)]).status in (400, 403)


@lru_cache(maxsize=None)
def guarded(kind: str) -> Any:
    """Return an app with a guard that looks at the URL's path."""
    return GUARDED[kind]()


@pytest.mark.parametrize("host", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("kind", REDIRECTS)
def test_no_redirect_goes_to_a_host_that_is_none(kind: str, host: str) -> None:
    app, path = redirect_of(kind)
    assert fetch(app, path=path, headers=[("host", host)]).status == 400


@pytest.mark.parametrize("host", HOSTILE.values(), ids=HOSTILE)
def test_no_folder_redirects_to_a_host_that_is_none(host: str, tmp_path: Path) -> None:
    app = made(fenrir_fastapi.FastAPI, static_in(tmp_path))()
    assert fetch(app, path="/static/there", headers=[("host", host)]).status == 400


def location(app: Any, path: str, host: str) -> str:
    """Return where a path redirects to."""
    answer = fetch(app, path=path, headers=[("host", host)])
    assert 300 < answer.status < 400, answer.text
    return answer.headers["location"]


def test_redirects_keep_the_brackets_of_an_ipv6_address() -> None:
    app, path = redirect_of("https, fastapi")
    assert location(app, path, "[::1]:80") == "https://[::1]/there"


# ------------------------------------------------------------ paths


#: Targets of request lines, and the path that a URL with them has.
TARGETS = {
    "user": ("@evil.example/x", "/@evil.example/x"),
    "port and user": (":80@evil.example/x", "/:80@evil.example/x"),
    "dot": (".evil.example/x", "/.evil.example/x"),
    "two slashes": ("//evil.example/x", "//evil.example/x"),
    "whole URL": ("http://evil.example/x", "/http://evil.example/x"),
    "backslash": ("/\\evil.example/x", "/%5Cevil.example/x"),
    "fragment": ("/a#x", "/a%23x"),
}


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_starlettes_url_has_the_path_of_the_request(target: Tuple[str, str]) -> None:
    url = starlette_url(target[0], target[0].encode())
    assert (url.hostname, url.path, url.fragment) == ("testserver", target[1], "")


def test_starlettes_url_has_a_decoded_question_mark_in_its_path() -> None:
    assert starlette_url("/a?b", None).path == "/a%3Fb"


def starlette_url(path: str, raw: Any) -> Any:
    """Return the URL of Starlette's request for a path."""
    scope = {
        "type": "http", "method": "GET", "scheme": "http", "path": path, "raw_path": raw, "query_string": b"",
        "headers": [(b"host", b"testserver")], "server": ("testserver", 80),
    }  # fmt: skip
    return fenrir_fastapi.Request(scope).url


@pytest.mark.parametrize("target", [target for name, target in TARGETS.items() if name != "fragment"])
@pytest.mark.parametrize("kind", ["flask", "falcon", "sanic", "bottle"])
def test_a_target_without_a_slash_is_a_path(kind: str, target: Tuple[str, str]) -> None:
    assert urlsplit(url_of_missing(kind, target[0])).hostname == "testserver"


def url_of_missing(kind: str, target: str) -> str:
    """Return the URL that an error handler sees for a path that no route has."""
    import fenrir_bottle
    import fenrir_falcon
    import fenrir_flask
    import fenrir_sanic

    seen: List[str] = []
    app: Any
    if kind == "flask":
        app = fenrir_flask.Flask(__name__)
        app.errorhandler(404)(lambda error: seen.append(fenrir_flask.request.url) or "none")
    elif kind == "bottle":
        app = fenrir_bottle.Bottle()
        app.error(404)(lambda error: seen.append(fenrir_bottle.request.url) or "none")
    elif kind == "falcon":
        app = fenrir_falcon.App()

        async def sink(req: Any, resp: Any) -> None:
            seen.append(req.url)

        app.add_sink(sink, "")
    else:
        app = fenrir_sanic.Sanic("hosts")

        @app.exception(fenrir_sanic.exceptions.NotFound)
        async def missing(request: Any, error: Any) -> Any:
            seen.append(request.url)
            return fenrir_sanic.text("none")

    answer: Answer = fetch(app, path=target, headers=[("host", "testserver")])
    assert seen, answer.text
    return seen[0]


# ------------------------------------------------------------ trusted hosts


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("good.example", 200), ("GOOD.example", 200), ("good.example:8000", 200), ("good.example.", 200),
        ("good.example.:80", 200), ("a.sub.example", 200), ("a.b.sub.example", 200), ("A.SUB.example:80", 200),
        ("[::1]", 200), ("[::1]:8000", 200),
        ("sub.example", 400), ("evil-sub.example", 400), ("asub.example", 400), ("sub.example.evil", 400),
        ("a.sub.example.evil", 400), (".sub.example", 400), ("..sub.example", 400), ("evil.example", 400),
        ("evil/.sub.example", 400), ("evil?.sub.example", 400), ("evil#.sub.example", 400), ("a@b.sub.example", 400),
        ("evil\\.sub.example", 400), ("good.example:80/evil", 400), ("good.example:1:2", 400), ("good.example:x", 400),
        ("evil.example:80@good.example", 400), ("good.example@evil.example", 400), ("good.example..", 400),
        ("[::2]", 400), ("[::1]evil", 400), ("", 400),
    ],
)  # fmt: skip
def test_trusted_hosts_are_compared_label_by_label(host: str, status: int) -> None:
    app = fenrir_fastapi.FastAPI()
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["good.example", "*.sub.example", "[::1]"])
    app.get("/")(lambda: "ok")
    assert fetch(app, headers=[("host", host)]).status == status


def test_several_hosts_are_never_trusted() -> None:
    app = fenrir_fastapi.FastAPI()
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["good.example"])
    assert fetch(app, headers=[("host", "good.example"), ("host", "evil.example")]).status == 400


def test_a_redirect_to_www_goes_to_a_trusted_host() -> None:
    app = fenrir_fastapi.FastAPI()
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["www.good.example"])
    assert location(app, "/x", "good.example:81") == "http://www.good.example:81/x"
    assert fetch(app, path="/x", headers=[("host", "good.example/evil")]).status == 400
