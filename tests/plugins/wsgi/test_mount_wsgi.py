from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any, Dict, Iterator, List, Optional
from wsgiref.util import request_uri
from wsgiref.validate import validator

import pytest

from fenrir import Fenrir
from fenrir_core import BuildError
from fenrir_core.testing import Client

PATIENCE = 10


def echo(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
    """Answer with the place, the method and the body that the application was given."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    text = f"{environ['REQUEST_METHOD']} {environ['SCRIPT_NAME']} {environ['PATH_INFO']} ".encode("latin-1")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [text, body]


def recorder(seen: Dict[str, Any]) -> Any:
    """Make an application that keeps its environment."""

    def application(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        seen.update(environ)
        start_response("204 No Content", [])
        return []

    return application


def mounted(application: Any, prefix: str = "/legacy", **settings: Any) -> Fenrir:
    app = Fenrir(**settings)
    app.mount_wsgi(application, prefix=prefix)
    return app


def ask(app: Fenrir, path: str, method: str = "GET", raise_errors: bool = True, **options: Any) -> Any:
    async def go() -> Any:
        async with Client(app, raise_errors=raise_errors) as client:
            return await client.request(method, path, **options)

    return asyncio.run(go())


def talk(app: Any, scope: Dict[str, Any], messages: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """Send raw ASGI messages and give the app's own."""
    sent: List[Dict[str, Any]] = []
    base = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "root_path": "", "query_string": b"", "headers": [], "client": ("10.0.0.7", 4000), "server": ("test", 80),
    }  # fmt: skip

    async def go() -> None:
        async def receive() -> Dict[str, Any]:
            if not messages:
                await asyncio.Event().wait()
            return messages.pop(0)

        async def send(message: Dict[str, Any]) -> None:
            sent.append(message)

        await app({**base, **scope}, receive, send)

    asyncio.run(asyncio.wait_for(go(), PATIENCE))
    return sent


EMPTY = {"type": "http.request", "body": b"", "more_body": False}

# ---------------------------------------------------------------- registration


@pytest.mark.parametrize(
    "arguments, keywords",
    [
        ((echo,), {"prefix": "/legacy"}),
        ((echo, "/legacy"), {}),
        (("/legacy", echo), {}),
        (("/legacy",), {"wsgi_app": echo}),
        ((), {"prefix": "/legacy/", "wsgi_app": echo}),
    ],
)
def test_the_application_and_the_prefix_may_come_in_any_order(arguments: Any, keywords: Any) -> None:
    app = Fenrir()
    app.mount_wsgi(*arguments, **keywords)
    assert ask(app, "/legacy/x").text == "GET /legacy /x "


@pytest.mark.parametrize(
    "arguments, keywords, message",
    [
        ((), {}, "no WSGI application"),
        ((echo,), {}, "no prefix"),
        (("/legacy",), {}, "no WSGI application"),
        ((echo, "/a"), {"prefix": "/b"}, "more than one prefix"),
        ((echo, echo), {"prefix": "/b"}, "more than one WSGI application"),
        ((echo, "legacy"), {}, "must start with '/'"),
        ((echo,), {"prefix": 7}, "the prefix 7 is not a str"),
        ((42, "/legacy"), {}, "42 is not callable"),
        ((Fenrir(), "/legacy"), {}, "is an ASGI application"),
    ],
)
def test_a_wrong_mount_is_refused_where_it_stands(arguments: Any, keywords: Any, message: str) -> None:
    with pytest.raises(BuildError, match=message) as caught:
        Fenrir().mount_wsgi(*arguments, **keywords)
    assert f"{__file__}:" in str(caught.value)


# ---------------------------------------------------------------- where it answers


@pytest.mark.parametrize(
    "path, info", [("/legacy", ""), ("/legacy/", "/"), ("/legacy/a/b", "/a/b"), ("/legacy/a%20b%2Fc/", "/a b/c/")]
)
def test_the_path_is_split_between_script_name_and_path_info(path: str, info: str) -> None:
    assert ask(mounted(echo), path).text == f"GET /legacy {info} "


def test_a_path_that_only_begins_like_the_prefix_is_not_caught() -> None:
    assert ask(mounted(echo), "/legacyx").status == 404


def test_a_route_of_the_app_wins_over_the_mount() -> None:
    app = mounted(echo)

    @app.get("/legacy/new")
    def new() -> str:
        return "new"

    assert ask(app, "/legacy/new").text == "new"


def test_a_mount_at_the_root_answers_what_no_route_does() -> None:
    app = mounted(echo, "/")

    @app.get("/new")
    def new() -> str:
        return "new"

    assert ask(app, "/new").text == "new"
    assert ask(app, "/old/x").text == "GET  /old/x "


def test_the_longest_of_several_prefixes_wins() -> None:
    app = mounted(echo)
    app.mount_wsgi(echo, "/legacy/deeper")
    assert ask(app, "/legacy/deeper/x").text == "GET /legacy/deeper /x "
    assert ask(app, "/legacy/other").text == "GET /legacy /other "


def test_a_mount_inside_a_mounted_app_knows_both_prefixes() -> None:
    outer = Fenrir()
    outer.mount("/outer", mounted(echo))
    assert ask(outer, "/outer/legacy/x").text == "GET /outer/legacy /x "


def test_a_server_that_leaves_its_root_path_out_of_the_path_is_understood() -> None:
    seen: Dict[str, Any] = {}
    talk(mounted(recorder(seen)), {"path": "/legacy/x", "raw_path": b"/legacy/x", "root_path": "/app"}, [EMPTY])
    assert (seen["SCRIPT_NAME"], seen["PATH_INFO"]) == ("/app/legacy", "/x")


def test_a_websocket_under_the_prefix_is_refused() -> None:
    sent = talk(mounted(echo), {"type": "websocket", "path": "/legacy/x"}, [{"type": "websocket.connect"}])
    assert sent[0]["type"] == "websocket.close"


# ---------------------------------------------------------------- the environment


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
def test_a_host_that_is_none_is_left_out_of_the_environment(hosts: List[str]) -> None:
    seen: Dict[str, Any] = {}
    ask(mounted(recorder(seen)), "/legacy/x", headers=[("host", host) for host in hosts])
    assert request_uri(seen) == "http://test/legacy/x"


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


# ---------------------------------------------------------------- bodies


def test_a_body_in_pieces_is_read_as_a_stream() -> None:
    def application(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        assert "CONTENT_LENGTH" not in environ and "HTTP_TRANSFER_ENCODING" not in environ
        start_response("200 OK", [])
        return [line.strip() + b";" for line in environ["wsgi.input"]]

    pieces = [b"on", b"e\ntwo", b"\n", b"three"]
    answer = ask(mounted(application), "/legacy/", "POST", body=pieces, headers={"transfer-encoding": "chunked"})
    assert answer.text == "one;two;three;"


def test_a_body_of_known_length_comes_whole() -> None:
    answer = ask(mounted(echo), "/legacy/", "POST", body=[b"ab", b"cd", b""], headers={"content-length": "4"})
    assert answer.text == "POST /legacy / abcd"


def test_the_application_reads_while_the_client_still_sends() -> None:
    async def go() -> None:
        inbox: asyncio.Queue[Dict[str, Any]] = asyncio.Queue()
        outbox: asyncio.Queue[Dict[str, Any]] = asyncio.Queue()
        scope = {"type": "http", "method": "POST", "path": "/legacy/", "headers": [], "http_version": "2"}

        def shout(environ: Dict[str, Any], start_response: Any) -> Iterator[bytes]:
            start_response("200 OK", [])
            for line in environ["wsgi.input"]:
                yield line.upper()

        running = asyncio.ensure_future(mounted(shout)(scope, inbox.get, outbox.put))
        for word in (b"one\n", b"two\n"):
            inbox.put_nowait({"type": "http.request", "body": word, "more_body": True})
            message = await asyncio.wait_for(outbox.get(), PATIENCE)
            if message["type"] == "http.response.start":
                message = await asyncio.wait_for(outbox.get(), PATIENCE)
            assert message["body"] == word.upper()
        inbox.put_nowait({"type": "http.request", "body": b"", "more_body": False})
        await asyncio.wait_for(running, PATIENCE)

    asyncio.run(go())


@pytest.mark.parametrize("headers", [{"content-length": "11"}, {}])
def test_a_body_over_the_limit_is_answered_with_413(headers: Dict[str, str]) -> None:
    app = mounted(echo, max_body=10)
    assert ask(app, "/legacy/", "POST", body=b"x" * 11, headers=headers).status == 413


def test_a_streamed_body_over_the_limit_is_answered_with_413_whatever_the_application_makes_of_it() -> None:
    def application(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        try:
            environ["wsgi.input"].read()
        except Exception:
            start_response("200 OK", [])
        return [b"all is well"]

    app = mounted(application, max_body=10)
    assert ask(app, "/legacy/", "POST", body=[b"x" * 6, b"x" * 6, b""]).status == 413


class Odd:
    """An awaitable that is no coroutine, as a server's `receive` may return."""

    def __init__(self, message: Dict[str, Any]) -> None:
        self.message = message

    def __await__(self) -> Iterator[Any]:
        yield from asyncio.sleep(0).__await__()
        return self.message


WAYS: Dict[str, List[Dict[str, Any]]] = {
    "in one message": [{"body": b"abcdef"}],
    "with an empty last message": [{"body": b"abcdef", "more_body": True}, {"body": b"", "more_body": False}],
    "with an empty first message": [{"body": b"", "more_body": True}, {"body": b"abcdef"}],
    "without the keys that may be left out": [{"more_body": True}, {"body": b"abcdef", "more_body": True}, {}],
    "with empty messages between": [
        {"body": b"ab", "more_body": True},
        {"body": b"", "more_body": True},
        {"more_body": True},
        {"body": b"cdef", "more_body": False},
    ],
    "byte by byte": [*({"body": b"%c" % letter, "more_body": True} for letter in b"abcdef"), {"body": b""}],
}


@pytest.mark.parametrize("headers", [[(b"content-length", b"6")], [], [(b"expect", b"100-continue")]])
@pytest.mark.parametrize("awaitable", ["a coroutine", "no coroutine"])
@pytest.mark.parametrize("way", WAYS)
def test_a_body_is_read_whole_however_the_server_cuts_it(way: str, awaitable: str, headers: Any) -> None:
    def application(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        body = environ["wsgi.input"].read()
        start_response("200 OK", [])
        return [body]

    messages = [{"type": "http.request", **message} for message in WAYS[way]]
    sent: List[Dict[str, Any]] = []

    async def receive() -> Dict[str, Any]:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop(0)

    def receive_oddly() -> Any:
        return Odd(messages.pop(0)) if messages else receive()

    async def send(message: Dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/legacy/", "headers": headers, "http_version": "1.1"}
    serving = mounted(application)(scope, receive if awaitable == "a coroutine" else receive_oddly, send)
    asyncio.run(asyncio.wait_for(serving, PATIENCE))
    assert sent[0]["status"] == 200
    assert b"".join(message.get("body", b"") for message in sent[1:]) == b"abcdef"


# ---------------------------------------------------------------- answers


def test_repeated_headers_and_the_status_are_kept_and_the_connection_is_the_servers() -> None:
    def application(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        start_response("299 Odd", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Connection", "close")])
        return [b"x"]

    answer = ask(mounted(application), "/legacy")
    assert answer.status == 299
    assert answer.headers.getlist("set-cookie") == ["a=1", "b=2"]
    assert "connection" not in answer.headers and answer.headers["content-length"] == "1"


def test_head_has_the_headers_and_no_body() -> None:
    def application(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        start_response("200 OK", [("Content-Length", "5")])
        return [b"hello"]

    answer = ask(mounted(application), "/legacy", "HEAD")
    assert (answer.headers["content-length"], answer.body) == ("5", b"")


def test_the_write_callable_sends() -> None:
    def application(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        write = start_response("200 OK", [])
        write(b"one ")
        write(b"two ")
        return [b"three"]

    assert ask(mounted(application), "/legacy").text == "one two three"


def test_start_response_may_be_called_again_with_an_error_before_the_first_bytes() -> None:
    def application(environ: Dict[str, Any], start_response: Any) -> Iterator[bytes]:
        import sys

        start_response("200 OK", [])
        yield b""
        try:
            raise ValueError("late")
        except ValueError:
            start_response("503 Busy", [("X-Late", "1")], sys.exc_info())
        yield b"busy"

    answer = ask(mounted(application), "/legacy")
    assert (answer.status, answer.headers["x-late"], answer.text) == (503, "1", "busy")


def test_an_answer_in_pieces_is_sent_as_it_comes_and_waits_for_the_client() -> None:
    made: List[int] = []

    def application(environ: Dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        for index in range(64):
            made.append(index)
            yield b"x" * 65536

    async def go() -> None:
        async with Client(mounted(application)) as client, client.stream("GET", "/legacy") as stream:
            size = 0
            async for chunk in stream:
                if size == 0:
                    # 256 KiB, four pieces, each: read, in the client's one place, on the way to it, in the channel; and
                    # one piece is being made
                    assert len(made) <= 17
                size += len(chunk)
            assert size == 64 * 65536

    asyncio.run(go())


def test_the_iterable_is_closed_when_the_client_leaves() -> None:
    closed = threading.Event()

    def application(environ: Dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        try:
            while True:
                yield b"x" * 65536
        finally:
            closed.set()

    async def go() -> None:
        async with Client(mounted(application)) as client, client.stream("GET", "/legacy") as stream:
            async for _ in stream:
                break

    asyncio.run(go())
    assert closed.wait(PATIENCE)


def test_an_application_that_waits_for_a_body_is_let_go_when_the_client_leaves() -> None:
    seen: List[BaseException] = []
    ended = threading.Event()

    def application(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        try:
            environ["wsgi.input"].read()
        except OSError as error:
            seen.append(error)
            raise
        finally:
            ended.set()
        return []

    part = {"type": "http.request", "body": b"x", "more_body": True}
    scope = {"path": "/legacy", "method": "POST"}
    assert talk(mounted(application), scope, [part, {"type": "http.disconnect"}]) == []
    assert ended.wait(PATIENCE) and "disconnected" in str(seen[0])


# ---------------------------------------------------------------- errors


def raising(error: BaseException, before: Optional[bytes] = None) -> Any:
    def application(environ: Dict[str, Any], start_response: Any) -> Iterator[bytes]:
        if before is not None:
            start_response("200 OK", [])
            yield before
        raise error

    return application


def test_an_exception_before_the_headers_is_logged_and_answered_with_500(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "fenrir.error"):
        answer = ask(mounted(raising(RuntimeError("secret"))), "/legacy", raise_errors=False)
    assert answer.status == 500 and "secret" not in answer.text
    assert "RuntimeError: secret" in caplog.text


def test_an_exception_before_the_headers_reaches_the_apps_own_handlers() -> None:
    app = mounted(raising(KeyError("gone")))

    @app.exception_handler(KeyError)
    def gone(connection: Any, error: BaseException) -> Any:
        return {"gone": str(error)}, 410

    answer = ask(app, "/legacy")
    assert (answer.status, answer.json()) == (410, {"gone": "'gone'"})


def test_an_exception_after_the_headers_breaks_the_answer_off() -> None:
    taken = threading.Event()

    def application(environ: Dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"half"
        assert taken.wait(PATIENCE)
        raise RuntimeError("late")

    async def go() -> None:
        async with Client(mounted(application), raise_errors=False) as client:
            async with client.stream("GET", "/legacy") as stream:
                async for _ in stream:
                    taken.set()

    with pytest.raises(RuntimeError, match="late"):
        asyncio.run(go())


def test_an_application_that_exits_does_not_end_the_server() -> None:
    assert ask(mounted(raising(SystemExit(3))), "/legacy", raise_errors=False).status == 500


@pytest.mark.parametrize(
    "application, message",
    [
        (lambda environ, start_response: [b"x"], "before it called start_response"),
        (lambda environ, start_response: start_response("200 OK", []) and ["text"], "returned str as body"),
        (lambda environ, start_response: start_response("OK", []) and [], "the status 'OK'"),
        (lambda environ, start_response: start_response("200 OK", [("X", "a\r\nb")]) and [], "X|x"),
    ],
)
def test_what_wsgi_forbids_is_an_error(application: Any, message: str) -> None:
    with pytest.raises(Exception, match=message):
        ask(mounted(application), "/legacy")


def test_a_close_that_fails_is_logged_and_the_answer_stands(caplog: pytest.LogCaptureFixture) -> None:
    class Body(List[bytes]):
        def close(self) -> None:
            raise ValueError("close failed")

    def application(environ: Dict[str, Any], start_response: Any) -> Body:
        start_response("200 OK", [])
        return Body([b"fine"])

    assert ask(mounted(application), "/legacy").text == "fine"
    assert "close failed" in caplog.text


def test_many_requests_at_once_never_cross() -> None:
    app = mounted(echo)

    async def go() -> None:
        async with Client(app) as client:
            paths = [f"/legacy/{index}" for index in range(300)]
            answers = await asyncio.gather(
                *[client.post(path, body=path, headers={"content-length": str(len(path))}) for path in paths]
            )
        assert [answer.text for answer in answers] == [f"POST /legacy {path[7:]} {path}" for path in paths]

    asyncio.run(go())
