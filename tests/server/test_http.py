"""HTTP over real servers: what a client sees on the wire."""

from __future__ import annotations

import asyncio
from typing import Any, Iterator

import httpx
import pytest


def test_the_lifespan_state_reaches_requests(client: httpx.Client, kind: str) -> None:
    if kind == "hypercorn" and client.get("/state").json() is None:
        pytest.skip("this version of the server gives no lifespan state")
    assert client.get("/state").json() == {"state": "from the lifespan"}


def test_a_body_comes_back_whole_with_and_without_a_length(client: httpx.Client) -> None:
    body = bytes(range(256)) * 300

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(body), 10_000):
            yield body[start : start + 10_000]

    assert client.post("/echo", content=body).content == body
    assert client.put("/echo", content=pieces()).content == body


def test_a_body_over_the_limit_is_answered_413_with_and_without_a_length(client: httpx.Client) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(11):
            yield b"x" * 10_000

    def status(content: Any) -> int:
        try:
            return client.post("/echo", content=content).status_code
        except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
            return 413  # the server closed the connection while the client was still sending

    assert status(b"x" * 100_001) == 413
    assert status(pieces()) == 413
    assert client.get("/text").text == "some text"


def test_an_upload_is_read(client: httpx.Client) -> None:
    answer = client.post("/upload", data={"note": "hello"}, files={"file": ("a.txt", b"x" * 5000, "text/plain")})
    assert answer.json() == {"note": "hello", "file": 5000}


def test_a_body_that_nobody_reads_does_not_get_in_the_way_of_the_next_request(client: httpx.Client) -> None:
    def post(path: str, content: bytes) -> str:
        try:
            return client.post(path, content=content).text
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            return client.post(path, content=content).text  # a server may close instead of reading the rest

    for _ in range(3):
        assert post("/unread", b"x" * 50_000) == "not read"
        assert post("/echo", b"read") == "read"


def test_repeated_headers_survive_in_and_out(client: httpx.Client) -> None:
    answer = client.get("/headers", headers=[("x-tag", "a"), ("x-tag", "b")])
    assert answer.text.replace(", ", ",") == "a,b"
    assert answer.headers.get_list("x-tag") == ["1", "2"]
    assert [cookie.partition(";")[0] for cookie in answer.headers.get_list("set-cookie")] == ["a=1", "b=2"]


def anew(client: httpx.Client, path: str) -> httpx.Response:
    """Send a request over a new connection: uvicorn closes the one over which an unhandled error was answered."""
    return httpx.get(f"{str(client.base_url).rstrip('/')}{path}", timeout=client.timeout)


def test_a_forged_header_is_a_500_and_the_server_goes_on(client: httpx.Client) -> None:
    answer = client.get("/forged")
    assert answer.status_code == 500
    assert "set-cookie" not in answer.headers and "secret" not in answer.text
    assert anew(client, "/text").status_code == 200


def test_answers_without_a_body_leave_the_connection_in_step(client: httpx.Client) -> None:
    for _ in range(3):
        head = client.head("/text")
        assert (head.content, head.headers["content-length"]) == (b"", "9")
        assert client.get("/nothing").status_code == 204
        assert client.head("/none").status_code == 404
        assert client.head("/stream/well").content == b""
        assert client.get("/file", headers={"if-none-match": "*"}).status_code == 304
        assert client.get("/text").text == "some text"


def test_options_404_and_405_are_answered(client: httpx.Client) -> None:
    assert client.options("/text").headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.get("/none").status_code == 404
    assert client.delete("/text").status_code == 405
    # uvicorn's parser, httptools, knows no method of that name, and refuses it itself
    assert client.request("WEBSOCKET", "/ws/echo").status_code in (400, 404)


def test_an_encoded_slash_stays_in_the_value(client: httpx.Client) -> None:
    assert client.get("/name/a%2Fb%20c").json() == {"name": "a/b c", "root_path": ""}
    assert client.get("/mounted/name/a%2Fb").json() == {"name": "a/b", "root_path": "/mounted"}


def test_a_part_of_a_file_is_sent(client: httpx.Client) -> None:
    answer = client.get("/file", headers={"range": "bytes=3-5"})
    assert (answer.status_code, answer.content) == (206, b"The")


def test_many_requests_at_once_never_cross(server: Any) -> None:
    async def scenario() -> None:
        limits = httpx.Limits(max_connections=50)
        async with httpx.AsyncClient(base_url=server.url, trust_env=False, limits=limits, timeout=30) as http:
            answers = await asyncio.gather(*(http.get(f"/own/{number}") for number in range(200)))
        assert [answer.text for answer in answers] == [str(number) for number in range(200)]

    asyncio.run(scenario())


@pytest.mark.parametrize("path", ["/exit", "/exit-in-thread"])
def test_a_handler_that_ends_the_program_does_not(server: Any, client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 500
    assert anew(client, "/text").text == "some text"
    assert f"GET {path} failed" in server.log and "SystemExit: 3" in server.log


def test_a_client_can_not_begin_a_line_of_the_log(server: Any, client: httpx.Client) -> None:
    for sign in ("%0a", "%0d", "%1b[2J", "%c2%85", "%e2%80%a8"):
        assert anew(client, f"/boom/x{sign}2026-01-01 ERROR sent").status_code == 500
    written = server.log
    assert written.count("ERROR sent failed") == 5
    assert not {"\x1b", "\x85", "\u2028"}.intersection(written)
    assert not [line for line in written.splitlines() if line.startswith("2026-01-01")]


@pytest.mark.parametrize("size", [0, 10, 70_000, 100_000])
def test_a_wsgi_application_reads_bodies_of_several_messages(client: httpx.Client, size: int) -> None:
    body = b"x" * size
    assert client.post("/wsgi/", content=body).content == body
    assert client.post("/wsgi/", content=iter([body[:7], body[7:]])).content == body


def test_a_route_that_a_request_registers_is_served_from_then_on(client: httpx.Client, kind: str) -> None:
    assert client.get(f"/registered/{kind}").status_code == 404
    assert client.post(f"/register/{kind}").text == "registered"
    assert client.get(f"/registered/{kind}").text == kind
