from __future__ import annotations

from typing import Any, Dict

import pytest

from fenrir_wsgi import make_environ, make_scope


def environ(**changed: Any) -> Dict[str, Any]:
    """Return the environment of `GET /`."""
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/",
        "QUERY_STRING": "",
        "SERVER_NAME": "example.org",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "https",
        **changed,
    }


def latin(text: str) -> str:
    """Write text as PEP 3333 does."""
    return text.encode().decode("latin-1")


@pytest.mark.parametrize(
    "script, info, path, root",
    [
        ("", "/a/b", "/a/b", ""),
        ("", "", "/", ""),
        ("/app", "", "/app", "/app"),
        ("/app", "/", "/app/", "/app"),
        ("/app/", "/x", "/app/x", "/app"),
        (latin("/ä"), latin("/größe"), "/ä/größe", "/ä"),
        ("", "/\xff", "/\ufffd", ""),
    ],
)
def test_the_path_is_script_name_and_path_info_decoded(script: str, info: str, path: str, root: str) -> None:
    scope = make_scope(environ(SCRIPT_NAME=script, PATH_INFO=info))
    assert (scope["path"], scope["root_path"]) == (path, root)


@pytest.mark.parametrize("name", ["RAW_URI", "REQUEST_URI"])
def test_the_raw_path_is_what_the_server_kept(name: str) -> None:
    scope = make_scope(environ(PATH_INFO="/a/b c", **{name: "/a%2Fb%20c?x=%2F"}))
    assert scope["raw_path"] == b"/a%2Fb%20c"


@pytest.mark.parametrize("raw", ["", "/other", "http://example.org/a", "/\u0100"])
def test_a_raw_path_that_is_not_the_path_is_not_used(raw: str) -> None:
    scope = make_scope(environ(PATH_INFO=latin("/größe %"), RAW_URI=raw))
    assert scope["raw_path"] == b"/gr%C3%B6%C3%9Fe%20%25"


def test_variables_become_headers_in_lower_case() -> None:
    scope = make_scope(
        environ(
            HTTP_X_ONE="a,b",
            HTTP_COOKIE="c=1; d=2",
            HTTP_X_NAME="gr\xfc\xdfe",
            CONTENT_TYPE="text/plain",
            CONTENT_LENGTH="3",
            HTTP_CONTENT_TYPE="text/forged",
            HTTP_CONTENT_LENGTH="99",
        )
    )
    assert sorted(scope["headers"]) == [
        (b"content-length", b"3"),
        (b"content-type", b"text/plain"),
        (b"cookie", b"c=1; d=2"),
        (b"x-name", b"gr\xfc\xdfe"),
        (b"x-one", b"a,b"),
    ]


def test_empty_content_headers_are_left_out() -> None:
    assert make_scope(environ(CONTENT_TYPE="", CONTENT_LENGTH=""))["headers"] == []


@pytest.mark.parametrize(
    "protocol, version",
    [("HTTP/1.0", "1.0"), ("HTTP/1.1", "1.1"), ("HTTP/2", "2"), ("HTTP/2.0", "2"), ("HTTP/3.0", "3"), ("", "1.1")],
)
def test_the_http_version_is_spelled_as_asgi_does(protocol: str, version: str) -> None:
    assert make_scope(environ(SERVER_PROTOCOL=protocol))["http_version"] == version


@pytest.mark.parametrize(
    "changed, client",
    [
        ({}, None),
        ({"REMOTE_ADDR": ""}, None),
        ({"REMOTE_ADDR": "10.0.0.7"}, ("10.0.0.7", 0)),
        ({"REMOTE_ADDR": "::1", "REMOTE_PORT": "4000"}, ("::1", 4000)),
    ],
)
def test_the_client_is_the_remote_address(changed: Dict[str, Any], client: Any) -> None:
    assert make_scope(environ(**changed))["client"] == client


def test_scheme_method_query_and_server_are_the_environments() -> None:
    scope = make_scope(environ(REQUEST_METHOD="patch", QUERY_STRING="q=%C3%BC&q=2"))
    found = (scope["type"], scope["scheme"], scope["method"], scope["query_string"], scope["server"])
    assert found == ("http", "https", "PATCH", b"q=%C3%BC&q=2", ("example.org", 8000))


def test_each_request_has_a_copy_of_the_state() -> None:
    state = {"a": 1}
    scope = make_scope(environ(), state)
    assert scope["state"] == state and scope["state"] is not state
    assert "state" not in make_scope(environ())


def test_a_scope_becomes_an_environment_and_a_scope_again() -> None:
    scope: Dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "http_version": "1.1",
        "path": "/app/ä/b",
        "raw_path": b"/app/%C3%A4%2Fb",
        "root_path": "/app",
        "query_string": b"x=1",
        "headers": [(b"host", b"example.org"), (b"content-type", b"text/x")],
        "client": ("10.0.0.7", 4000),
        "server": ("example.org", 80),
    }
    again = make_scope(make_environ(scope, "", None, None))
    assert {key: again[key] for key in scope} == scope
