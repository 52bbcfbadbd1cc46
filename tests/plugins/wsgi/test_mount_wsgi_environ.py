"""The environment of a mounted WSGI application."""

from __future__ import annotations

from typing import Any, Dict, List
from wsgiref.util import request_uri
from wsgiref.validate import validator

import pytest
from tests.plugins.wsgi.mounted_apps import EMPTY, ask, mounted, recorder, talk


def test_any_byte_of_the_path_reaches_the_application() -> None:
    seen: Dict[str, Any] = {}
    raw = b"/legacy/" + b"".join(b"%%%02X" % byte for byte in range(256))
    talk(mounted(recorder(seen)), {"path": "/legacy/\ufffd", "raw_path": raw}, [EMPTY])
    assert seen["PATH_INFO"].encode("latin-1") == b"/" + bytes(range(256))


def test_without_a_raw_path_the_decoded_one_is_used_as_utf_8() -> None:
    seen: Dict[str, Any] = {}
    talk(mounted(recorder(seen), "/alt-ü"), {"path": "/alt-ü/größe%"}, [EMPTY])
    assert seen["SCRIPT_NAME"].encode("latin-1").decode() == "/alt-ü"
    assert seen["PATH_INFO"].encode("latin-1").decode() == "/größe%"


def test_the_query_the_client_and_the_headers_become_variables() -> None:
    seen: Dict[str, Any] = {}
    headers = [("x-one", "a"), ("X-One", "b"), ("Cookie", "c=1"), ("Cookie", "d=2"), ("content-type", "text/x")]
    ask(mounted(recorder(seen)), "/legacy/?q=%C3%BC&q=2", headers=headers)
    expected = {
        "QUERY_STRING": "q=%C3%BC&q=2",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_X_ONE": "a,b",
        "HTTP_COOKIE": "c=1; d=2",
        "CONTENT_TYPE": "text/x",
        "HTTP_HOST": "test",
        "SERVER_NAME": "test",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "RAW_URI": "/legacy/?q=%C3%BC&q=2",
        "wsgi.url_scheme": "http",
    }
    assert {key: seen.get(key) for key in expected} == expected
    assert "CONTENT_LENGTH" not in seen


@pytest.mark.parametrize("hosts", [["evil.example/x"], ["evil.example?"], ["a@evil.example"], ["a", "b"]])
def test_a_host_that_is_none_is_refused_before_the_application_is_called(hosts: List[str]) -> None:
    seen: Dict[str, Any] = {}
    answer = ask(mounted(recorder(seen)), "/legacy/x", headers=[("host", host) for host in hosts])
    assert (answer.status, seen) == (400, {})


def test_an_ipv6_address_has_brackets_in_the_environment() -> None:
    seen: Dict[str, Any] = {}
    talk(mounted(recorder(seen)), {"path": "/legacy/x", "server": ("::1", 8000), "headers": []}, [EMPTY])
    assert request_uri(seen) == "http://[::1]:8000/legacy/x"


@pytest.mark.parametrize("name, key", [("proxy", "HTTP_PROXY"), ("x_user", "HTTP_X_USER")])
def test_a_header_that_could_forge_a_variable_is_left_out(name: str, key: str) -> None:
    seen: Dict[str, Any] = {}
    ask(mounted(recorder(seen)), "/legacy/", headers=[(name, "evil")])
    assert key not in seen


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_the_validator_of_the_standard_library_finds_nothing(method: str) -> None:
    def application(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        stream = environ["wsgi.input"]
        text = stream.readline(5) + stream.read(2) + b"".join(stream.readlines(3)) + b"".join(stream)
        environ["wsgi.errors"].flush()
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
        return [text] if method != "HEAD" else [b""]

    body = b"" if method in ("GET", "HEAD") else b"one\ntwo\nthree"
    answer = ask(mounted(validator(application)), "/legacy/a?b=c", method, body=body)
    assert (answer.status, answer.body) == (200, body)
