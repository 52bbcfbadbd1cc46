"""What holds for mounted applications of real frameworks, on each server."""

from __future__ import annotations

import ast
import hashlib
import socket
from contextlib import closing
from pathlib import Path
from typing import Any, Iterator
from urllib.parse import quote

import httpx
import pytest
from tests.hybrid.real_mounts import MAKERS
from tests.server.conftest import CLEAN, RunningServer
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

pytestmark = pytest.mark.once
FILE = Path(__file__).with_name("sites.py")
BODY = b"0123456789abcdef" * 9000
WSGI = ("flask", "bottle", "django")
ASGI = tuple(MAKERS)


@pytest.fixture(scope="module")
def sites(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Return a server with the applications; at its end all their lifespans have ended."""
    running = RunningServer(kind, tmp_path_factory.mktemp(kind) / "log", "tests.server.sites:app")
    try:
        running.wait_until_ready(60)  # it imports nine frameworks
        yield running
    finally:
        code = running.stop()
    assert code in CLEAN, running.log
    told = ast.literal_eval(running.log.rpartition("lifespans: ")[2].splitlines()[0])
    # those that note the end of their lifespans; it has come before that of the app that they are mounted in
    assert told and all(log in (["started", "stopped"], []) for log in told.values()), running.log
    assert told.get("fastapi", ["started", "stopped"]) == ["started", "stopped"]


@pytest.fixture(params=WSGI)
def site(request: pytest.FixtureRequest) -> str:
    pytest.importorskip(request.param)
    return str(request.param)


@pytest.fixture
def client(sites: RunningServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sites.url, trust_env=False, timeout=20) as http:
        yield http


# ------------------------------------------------------------ WSGI


@pytest.mark.parametrize("prefix", ["", "/é"])
def test_urls_are_made_and_seen_with_the_prefix(client: httpx.Client, site: str, prefix: str) -> None:
    answer = client.get(f"{prefix}/{site}/where/a b/é")
    told = answer.json()
    encoded = f"{client.base_url}{'/%C3%A9' if prefix else ''}/{site}/where/a%20b/%C3%A9"
    assert told["rest"] == "a b/é"
    if site != "bottle" or not prefix:  # Bottle takes each byte of such a prefix for a letter
        assert [quote(told[name], safe="/:%") for name in ("url", "seen")] == [encoded, encoded]
    assert bytes.fromhex(answer.headers["x-script_name"]).decode() == f"{prefix}/{site}"
    assert bytes.fromhex(answer.headers["x-path_info"]).decode() == "/where/a b/é"


def test_any_byte_of_a_path_reaches_the_application(sites: RunningServer, client: httpx.Client, site: str) -> None:
    # httpx would encode it once more
    with closing(socket.create_connection(("127.0.0.1", sites.port), 20)) as raw:
        raw.sendall(f"GET /{site}/where/%FF%2F HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert b"x-path_info: " + b"/where/\xff/".hex().encode() in answer.lower()


def test_repeated_headers_are_kept_both_ways(client: httpx.Client, site: str) -> None:
    answer = client.get(f"/{site}/twice", headers=[("x-tag", "1"), ("x-tag", "2")])
    assert answer.text.replace(" ", "") == "1,2"
    assert [line.partition(";")[0] for line in answer.headers.get_list("set-cookie")] == ["a=1", "b=2"]
    assert answer.headers.get_list("link", split_commas=True) == ["</1>", "</2>"]


def test_a_session_lasts(client: httpx.Client, site: str) -> None:
    assert [client.get(f"/{site}/visits").text for _ in range(3)] == ["1", "2", "3"]


def test_a_body_is_read_whole(client: httpx.Client, site: str) -> None:
    body = b"0123456789" * 500_000
    assert client.post(f"/{site}/hash", content=body).text == f"{len(body)} {hashlib.sha256(body).hexdigest()}"


def test_a_body_over_the_limit_is_refused(sites: RunningServer, site: str) -> None:
    head = f"POST /{site}/hash HTTP/1.1\r\nHost: x\r\nContent-Length: {9 << 20}\r\n\r\n"
    with closing(socket.create_connection(("127.0.0.1", sites.port), 20)) as raw:
        raw.sendall(head.encode() + b"x" * 100)
        assert raw.recv(12) == b"HTTP/1.1 413"


def test_a_form_is_shown_and_its_upload_received(client: httpx.Client, site: str) -> None:
    page = client.get(f"/{site}/form")
    assert f'action="/{site}/form"' in page.text
    token = page.text.partition('data">')[2].partition("</form>")[0]
    fields, files = {"name": "Frø", "csrfmiddlewaretoken": token}, {"file": ("a.bin", BODY)}
    answer = client.post(f"/{site}/form", data=fields, files=files)
    assert (answer.status_code, answer.text) == (200, f"Frø {len(BODY)} {hashlib.sha256(BODY).hexdigest()}")


def test_djangos_forms_are_protected_and_its_pages_compressed(client: httpx.Client) -> None:
    pytest.importorskip("django")
    page = client.get("/django/form", headers={"accept-encoding": "gzip"})
    assert (page.headers["content-encoding"], "worth compressing" in page.text) == ("gzip", True)
    assert client.post("/django/form", data={"name": "x"}).status_code == 403


def test_an_iterable_is_closed_when_its_client_leaves(sites: RunningServer, client: httpx.Client, site: str) -> None:
    with httpx.stream("GET", f"{sites.url}/{site}/endless", trust_env=False) as answer:
        next(answer.iter_raw())
    sites.wait_for_event(f"{site} closed", 10)


def test_an_error_before_the_first_byte_is_a_500(client: httpx.Client, site: str) -> None:
    assert client.get(f"/{site}/boom").status_code == 500


def test_an_error_after_the_first_byte_is_seen(client: httpx.Client, site: str) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(f"/{site}/late")


def test_a_file_is_sent_and_head_has_its_length(client: httpx.Client, site: str) -> None:
    whole, head = client.get(f"/{site}/file"), client.head(f"/{site}/file")
    assert whole.content == FILE.read_bytes()
    assert (head.content, head.headers["content-length"]) == (b"", whole.headers["content-length"])


@pytest.mark.parametrize("site", ["flask", "bottle"])  # Django's files have neither
def test_ranges_and_conditions_are_the_applications(client: httpx.Client, site: str) -> None:
    pytest.importorskip(site)
    part = client.get(f"/{site}/file", headers={"range": "bytes=5-8"})
    assert (part.status_code, part.content) == (206, FILE.read_bytes()[5:9])
    assert client.get(f"/{site}/file", headers={"if-none-match": part.headers["etag"]}).status_code == 304


def test_a_body_and_its_response_go_both_ways_at_once(sites: RunningServer) -> None:
    with closing(socket.create_connection(("127.0.0.1", sites.port), 20)) as raw:
        raw.sendall(b"POST /echo/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
        raw.sendall(b"6\r\nfirst\n\r\n")
        seen = b""
        while b"first" not in seen:  # the rest of the body is not sent yet
            seen += raw.recv(65536)
        raw.sendall(b"6\r\nlast!\n\r\n0\r\n\r\n")
        seen += b"".join(iter(lambda: raw.recv(65536), b""))
    assert b"last!" in seen


# ------------------------------------------------------------ an application at the root


@pytest.mark.parametrize(("method", "path"), [("GET", "/unknown/path"), ("POST", "/text"), ("PUT", "/events")])
def test_what_the_app_has_no_route_for_is_answered_by_what_is_mounted_at_the_root(
    client: httpx.Client, method: str, path: str
) -> None:
    assert client.request(method, path, content=b"unread" * 100_000).text == f"legacy {method} |{path}"
    assert client.get("/text").text == "some text"


def test_options_joins_the_methods_of_the_route_and_of_the_mount(client: httpx.Client) -> None:
    allowed = client.options("/text").headers["allow"]
    assert {name.strip() for name in allowed.split(",")} == {"GET", "HEAD", "OPTIONS", "POST"}


# ------------------------------------------------------------ ASGI


def lacks(what: str) -> Any:
    return [name for name in ASGI if what not in MAKERS[name][1]]


@pytest.mark.parametrize("name", [name for name in ASGI if name != "sanic"])  # which is told nothing of its prefix
def test_an_asgi_application_knows_its_prefix_and_its_state(client: httpx.Client, name: str) -> None:
    pytest.importorskip(name)
    told = client.get(f"/asgi/{name}/hello").json()
    assert told["root"] == f"/asgi/{name}"
    assert told["url"] in (f"{client.base_url}/asgi/{name}/hello", None)
    assert told.get("state", {"from": "lifespan"}) == {"from": "lifespan"}


@pytest.mark.parametrize("name", lacks("talk"))
def test_a_websocket_has_its_subprotocol_and_close_code(sites: RunningServer, name: str) -> None:
    pytest.importorskip(name)
    with connect(f"{sites.ws_url}/asgi/{name}/talk", subprotocols=[Subprotocol("chat")], open_timeout=20) as talk:
        talk.send("hello")
        assert (talk.recv(20), talk.subprotocol) == ("hello", "chat")
        with pytest.raises(Exception, match="4000"):
            talk.recv(20)


@pytest.mark.parametrize("name", lacks("talk"))
def test_a_websocket_that_the_application_lacks_is_refused(sites: RunningServer, name: str) -> None:
    pytest.importorskip(name)
    with pytest.raises(InvalidStatus) as refusal:
        connect(f"{sites.ws_url}/asgi/{name}/nothing", open_timeout=20)
    assert refusal.value.response.status_code in (403, 404)


@pytest.mark.parametrize("name", lacks("stream"))
def test_a_stream_is_closed_when_its_client_leaves(sites: RunningServer, name: str) -> None:
    pytest.importorskip(name)
    if name == "django":
        pytest.importorskip("django", minversion="5.0", reason="Django heeds the end of a client from 5.0 on")
    with httpx.stream("GET", f"{sites.url}/asgi/{name}/stream", trust_env=False) as answer:
        next(answer.iter_raw())
    sites.wait_for_event(f"{name} stream closed", 10)
