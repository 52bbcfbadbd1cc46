"""Falcon's own application class."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, List

import httpx
import pytest

import fenrir_falcon as falcon
from fenrir_core import BuildError, Fenrir


def ask(app: Any, method: str, path: str, **kwargs: Any) -> httpx.Response:
    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, **kwargs)

    return asyncio.run(run())


class Things:
    async def on_get(self, req: Any, resp: Any) -> Any:
        resp.media = {"things": []}
        return "ignored"

    async def on_post(self, req: Any, resp: Any) -> None:
        resp.media = await req.get_media()
        resp.status = falcon.HTTP_201


def make(**kwargs: Any) -> falcon.App:
    app = falcon.App(**kwargs)
    app.add_route("/things", Things())
    return app


def test_what_a_responder_returns_is_ignored() -> None:
    assert ask(make(), "GET", "/things").json() == {"things": []}


def test_media_that_is_set_to_none_is_no_body() -> None:
    class Nothing:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.media = {"taken": "back"}
            resp.media = None

    app = falcon.App()
    app.add_route("/nothing", Nothing())
    assert ask(app, "GET", "/nothing").content == b""


def test_media_that_is_set_again_after_it_was_written_is_written_again() -> None:
    class Twice:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.media = {"number": 1}
            assert await resp.render_body() == b'{"number":1}'
            resp.media = {"number": 2}

    app = falcon.App()
    app.add_route("/twice", Twice())
    assert ask(app, "GET", "/twice").json() == {"number": 2}


def test_media_is_awaited_in_an_asynchronous_responder() -> None:
    answer = ask(make(), "POST", "/things", json=[1])
    assert (answer.status_code, answer.json()) == (201, [1])


def test_an_unknown_path_is_404_in_falcons_shape() -> None:
    answer = ask(make(), "GET", "/nowhere")
    assert (answer.status_code, answer.json()) == (404, {"title": "404 Not Found"})


def test_an_unknown_method_is_405_with_allow() -> None:
    answer = ask(make(), "PUT", "/things")
    assert (answer.status_code, answer.json()) == (405, {"title": "405 Method Not Allowed"})
    assert "GET" in answer.headers["allow"]


def test_head_is_answered_only_by_on_head() -> None:
    assert ask(make(), "HEAD", "/things").status_code == 405


def test_a_trailing_slash_makes_another_path() -> None:
    assert ask(make(), "GET", "/things/").status_code == 404


def test_an_error_is_xml_for_a_client_that_prefers_it() -> None:
    answer = ask(make(), "GET", "/nowhere", headers={"accept": "application/xml"})
    assert answer.headers["content-type"] == "application/xml"
    assert "<title>404 Not Found</title>" in answer.text


def test_an_unexpected_error_is_500_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        async def on_get(self, req: Any, resp: Any) -> None:
            raise OSError("lost")

    app = make()
    app.add_route("/broken", Broken())
    answer = ask(app, "GET", "/broken")
    assert (answer.status_code, answer.json()) == (500, {"title": "500 Internal Server Error"})
    assert "lost" in caplog.text


def test_an_error_handler_covers_subclasses_and_the_nearest_wins() -> None:
    class Broken:
        async def on_get(self, req: Any, resp: Any) -> None:
            raise ConnectionResetError

    async def handle(req: Any, resp: Any, ex: Any, params: Any) -> None:
        resp.status, resp.media = 503, type(ex).__name__

    async def other(req: Any, resp: Any, ex: Any, params: Any) -> None:
        raise AssertionError

    app = make()
    app.add_route("/broken", Broken())
    app.add_error_handler(Exception, other)
    app.add_error_handler(ConnectionError, handle)
    answer = ask(app, "GET", "/broken")
    assert (answer.status_code, answer.json()) == (503, "ConnectionResetError")


def test_an_error_handler_of_falcons_class_sees_unknown_paths() -> None:
    async def handle(req: Any, resp: Any, ex: Any, params: Any) -> None:
        resp.status, resp.text = 404, "nothing here"

    app = make()
    app.add_error_handler(falcon.HTTPNotFound, handle)
    assert ask(app, "GET", "/nowhere").text == "nothing here"


def test_a_redirect_ends_the_request() -> None:
    class Old:
        async def on_get(self, req: Any, resp: Any) -> None:
            raise falcon.HTTPMovedPermanently("/new")

    app = make()
    app.add_route("/old", Old())
    answer = ask(app, "GET", "/old")
    assert (answer.status_code, answer.headers["location"]) == (301, "/new")


class Trace:
    def __init__(self, name: str, seen: List[str], complete: bool = False) -> None:
        self.name, self.seen, self.complete = name, seen, complete

    async def process_request(self, req: Any, resp: Any) -> None:
        self.seen.append(f"{self.name} request")
        resp.complete = self.complete

    async def process_resource(self, req: Any, resp: Any, resource: Any, params: Any) -> None:
        self.seen.append(f"{self.name} {type(resource).__name__}")

    async def process_response(self, req: Any, resp: Any, resource: Any, req_succeeded: bool) -> None:
        self.seen.append(f"{self.name} {req_succeeded}")
        resp.set_header("x-trace", self.name)


def test_middleware_runs_first_to_last_and_back() -> None:
    seen: List[str] = []
    answer = ask(make(middleware=[Trace("a", seen), Trace("b", seen)]), "GET", "/things")
    assert seen == ["a request", "b request", "a Things", "b Things", "b True", "a True"]
    assert answer.headers["x-trace"] == "a"


def test_process_response_may_change_media_in_place() -> None:
    class Count:
        async def process_response(self, req: Any, resp: Any, resource: Any, req_succeeded: bool) -> None:
            resp.media["count"] = len(resp.media["things"])

    assert ask(make(middleware=Count()), "GET", "/things").json() == {"things": [], "count": 0}


def test_a_complete_response_skips_the_rest() -> None:
    seen: List[str] = []
    answer = ask(make(middleware=[Trace("a", seen, complete=True), Trace("b", seen)]), "GET", "/things")
    assert seen == ["a request", "b True", "a True"]
    assert answer.content == b""


def test_process_response_runs_for_unknown_paths() -> None:
    seen: List[str] = []
    assert ask(make(middleware=Trace("a", seen)), "GET", "/nowhere").headers["x-trace"] == "a"
    assert seen == ["a request", "a False"]


def test_a_component_without_methods_is_an_error() -> None:
    with pytest.raises(BuildError, match="is not middleware"):
        make(middleware=[object()])


def test_components_are_told_of_start_and_stop() -> None:
    seen: List[str] = []

    class Pool:
        async def process_startup(self, scope: Any, event: Any) -> None:
            seen.append(event["type"])

        async def process_shutdown(self, scope: Any, event: Any) -> None:
            seen.append(event["type"])

    async def run() -> None:
        async with make(middleware=Pool()).lifespan():
            pass

    asyncio.run(run())
    assert seen == ["lifespan.startup", "lifespan.shutdown"]


def test_a_before_hook_gives_parameters_to_the_responder() -> None:
    async def load(req: Any, resp: Any, resource: Any, params: Any, suffix: str) -> None:
        params["thing"] = params.pop("thing_id") + suffix

    class Thing:
        @falcon.before(load, "!")
        async def on_get(self, req: Any, resp: Any, thing: str) -> None:
            resp.text = thing

    app = falcon.App()
    app.add_route("/things/{thing_id}", Thing())
    assert ask(app, "GET", "/things/x").text == "x!"


def test_hooks_of_a_class_cover_its_synchronous_responders_too() -> None:
    def mark(req: Any, resp: Any, resource: Any, params: Any) -> None:
        resp.set_header("x-before", "1")

    def seal(req: Any, resp: Any, resource: Any) -> None:
        resp.set_header("x-after", resp.text)

    @falcon.before(mark)
    @falcon.after(seal)
    class Thing:
        def on_post(self, req: Any, resp: Any, name: str) -> None:
            resp.text = f"{name}{req.media}"

    app = falcon.App()
    app.add_route("/{name}", Thing())
    answer = ask(app, "POST", "/x", json=1)
    assert (answer.text, answer.headers["x-before"], answer.headers["x-after"]) == ("x1", "1", "x1")


def test_a_sink_answers_where_no_route_does() -> None:
    async def sink(req: Any, resp: Any, rest: str) -> None:
        resp.text = rest

    app = make()
    app.add_sink(sink, r"/old/(?P<rest>.*)")
    assert ask(app, "GET", "/old/a/b").text == "a/b"
    assert ask(app, "PUT", "/things").status_code == 405
    assert ask(app, "GET", "/nowhere").status_code == 404


def test_a_static_route_serves_files_and_nothing_outside(tmp_path: Path) -> None:
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "a.txt").write_text("hello")
    (tmp_path / "secret.txt").write_text("secret")
    app = make()
    app.add_static_route("/files", str(tmp_path / "public"))
    assert ask(app, "GET", "/files/a.txt").text == "hello"
    assert ask(app, "GET", "/files/../secret.txt").status_code == 404
    assert ask(app, "GET", "/files/%2e%2e/secret.txt").status_code == 404


class _Varies:
    async def on_get(self, req: Any, resp: Any) -> None:
        for name in ("Accept", "Cookie"):
            resp.raw_headers.append((b"vary", name.encode()))

    async def on_post(self, req: Any, resp: Any) -> None:
        await self.on_get(req, resp)
        resp.append_header("Vary", "X-Own")


def _varying(kind: Any) -> Any:
    app = kind()
    app.add_route("/", _Varies())
    return app


def test_cors_adds_to_every_line_of_vary() -> None:
    app = _varying(falcon.App)
    app.add_middleware(falcon.CORSMiddleware(allow_origins=["https://a.example"]))
    answer = ask(app, "GET", "/", headers={"origin": "https://a.example"})
    assert answer.headers.get_list("vary") == ["Accept, Cookie, Origin"]


@pytest.mark.parametrize("kind", [falcon.App, Fenrir])
def test_append_header_keeps_every_line_of_the_header(kind: Any) -> None:
    assert ask(_varying(kind), "POST", "/").headers.get_list("vary") == ["Accept, Cookie, X-Own"]


def test_cors_names_the_origin_once_in_vary() -> None:
    app = falcon.App(middleware=[falcon.CORSMiddleware(allow_origins=["https://a.example"])])

    class Own:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.vary = "origin"

    app.add_route("/", Own())
    assert ask(app, "GET", "/", headers={"origin": "https://a.example"}).headers["vary"] == "origin"


def test_cors_lets_any_origin_read() -> None:
    answer = ask(make(cors_enable=True), "GET", "/things", headers={"origin": "http://other"})
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_preflight_request_is_told_the_methods() -> None:
    headers = {"origin": "http://other", "access-control-request-method": "POST"}
    answer = ask(make(cors_enable=True), "OPTIONS", "/things", headers=headers)
    assert answer.status_code == 200
    assert "POST" in answer.headers["access-control-allow-methods"]


def test_a_request_class_of_ones_own_is_used() -> None:
    class MyRequest(falcon.Request):
        @property
        def shout(self) -> str:
            return self.path.upper()

    class Thing:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.text = req.shout

    app = falcon.App(request_type=MyRequest)
    app.add_route("/x", Thing())
    assert ask(app, "GET", "/x").text == "/X"


def test_an_option_that_is_not_there_is_an_error_with_the_nearest() -> None:
    with pytest.raises(AttributeError, match="auto_parse_qs_csv"):
        make().req_options.auto_parse_qs_cvs = True  # type: ignore[attr-defined]


def test_events_are_sent_as_a_stream() -> None:
    class Events:
        async def on_get(self, req: Any, resp: Any) -> None:
            async def emit() -> Any:
                yield falcon.asgi.SSEvent(json={"n": 1}, event="tick")

            resp.cache_control = "no-store"
            resp.sse = emit()

    app = falcon.App()
    app.add_route("/", Events())
    answer = ask(app, "GET", "/")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text == 'event: tick\ndata: {"n":1}\n\n'


def test_the_date_converter_reads_a_format() -> None:
    class Day:
        async def on_get(self, req: Any, resp: Any, when: Any) -> None:
            resp.text = str(when.month)

    app = falcon.App()
    app.add_route('/{when:dt("%Y-%m-%d")}', Day())
    assert ask(app, "GET", "/2024-02-29").text == "2"
    assert ask(app, "GET", "/2024-02-30").status_code == 404


def test_a_responder_of_query_reads_its_body() -> None:
    class Search:
        async def on_query(self, req: Any, resp: Any) -> None:
            resp.media = await req.get_media()

    app = falcon.App()
    app.add_route("/search", Search())
    assert ask(app, "QUERY", "/search", json={"near": "Oslo"}).json() == {"near": "Oslo"}
    assert ask(app, "GET", "/search").headers["allow"] == "OPTIONS, QUERY"


def test_retry_after_is_written_in_utc() -> None:
    class Busy:
        async def on_get(self, req: Any, resp: Any) -> None:
            moment = datetime(2030, 1, 1, 2, 0, tzinfo=timezone(timedelta(hours=2)))
            raise falcon.HTTPServiceUnavailable(retry_after=moment)

    app = falcon.App()
    app.add_route("/busy", Busy())
    assert ask(app, "GET", "/busy").headers["retry-after"] == "Tue, 01 Jan 2030 00:00:00 GMT"


def test_another_json_handler_is_used_from_the_next_response_on() -> None:
    app = make()
    assert ask(app, "GET", "/things").content == b'{"things":[]}'
    app.resp_options.media_handlers["application/json"] = falcon.media.JSONHandler(dumps=lambda value: "other")
    assert ask(app, "GET", "/things").content == b"other"
    del app.resp_options.media_handlers["application/json"]
    assert ask(app, "GET", "/things").status_code == 415


def test_the_public_modules_have_falcons_names() -> None:
    from fenrir_falcon import errors, hooks, status_codes

    assert errors.HTTPNotFound is falcon.HTTPNotFound
    assert (hooks.before, hooks.after) == (falcon.before, falcon.after)
    assert status_codes.HTTP_404 == falcon.HTTP_404
    assert len(set(falcon.__all__)) == len(falcon.__all__)


def test_importing_the_paradigm_imports_no_other() -> None:
    code = "import fenrir_falcon, sys; print([m for m in sys.modules if m.startswith('fenrir_') and '.' not in m])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "fenrir_sanic" not in out and "fenrir_flask" not in out and "fenrir_fastapi" not in out
