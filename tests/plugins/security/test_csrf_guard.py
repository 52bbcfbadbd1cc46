"""The guard against forged requests: what it lets through, in each class and for whatever serves a request."""

from __future__ import annotations

import logging
from typing import Any, Dict, List, Tuple

import pytest
from tests.plugins.security.apps import OWN, add, ask, drive, each_class, make, say, under_tls

from fenrir import Fenrir
from fenrir_core import BuildError, WebSocket
from fenrir_core.testing import Client, Refused
from fenrir_flask.views import MethodView
from fenrir_sanic.views import HTTPMethodView
from fenrir_security import CSRFError, csrf_exempt

EVIL = "https://evil.example"
#: Headers of an unsafe request and whether it is let through.
CASES: List[Tuple[Dict[str, str], bool]] = [
    ({"sec-fetch-site": "same-origin"}, True),
    ({"sec-fetch-site": "same-origin", "origin": OWN}, True),
    ({"sec-fetch-site": "none"}, True),
    ({"sec-fetch-site": "same-site", "origin": "http://www.test"}, False),
    ({"sec-fetch-site": "cross-site", "origin": EVIL}, False),
    ({"sec-fetch-site": "cross-site"}, False),
    ({"sec-fetch-site": "cross-site", "origin": OWN}, False),
    ({"sec-fetch-site": "Same-Origin"}, False),
    ({"sec-fetch-site": ""}, False),
    ({"sec-fetch-site": "same-origin, cross-site"}, False),
    ({"sec-fetch-site": "cross-site", "origin": "https://friend.example"}, True),
    ({"sec-fetch-site": "cross-site", "origin": "https://friend.example:8443"}, False),
    ({"sec-fetch-site": "cross-site", "origin": "http://friend.example"}, False),
    ({"origin": OWN}, True),
    ({"origin": OWN + ":80"}, False),  # no browser writes it so
    ({"origin": "https://test"}, False),
    ({"origin": "http://test:8000"}, False),
    ({"origin": "http://test.evil.example"}, False),
    ({"origin": "http://nottest"}, False),
    ({"origin": "null"}, False),
    ({"origin": ""}, False),
    ({"origin": EVIL}, False),
    ({"origin": "https://friend.example"}, True),
    ({}, False),
    ({"referer": OWN + "/form"}, False),
    ({"cookie": "session=1"}, False),
    ({"x-requested-with": "XMLHttpRequest"}, False),
    ({"authorization": "Bearer 123"}, True),
    ({"authorization": "Token 123", "sec-fetch-site": "cross-site", "origin": EVIL}, True),
    ({"authorization": "Basic YTpi"}, False),
    ({"authorization": "basic YTpi", "sec-fetch-site": "cross-site"}, False),
    ({"authorization": "Digest username=a"}, False),
    ({"authorization": "Negotiate abc"}, False),
    ({"authorization": "NTLM abc", "origin": EVIL}, False),
    ({"authorization": "", "origin": EVIL}, False),
]


def guarded(paradigm: str, **settings: Any) -> Any:
    app = make(paradigm, **{"csrf": True, "csrf_trusted_origins": "https://friend.example", **settings})
    add(app, "/", "GET POST", say())
    return app


@each_class
def test_unsafe_requests_are_judged_by_what_the_browser_says_of_them(paradigm: str) -> None:
    answers = ask(guarded(paradigm), *[("POST", "/", headers) for headers, _ in CASES])
    wrong = [
        (headers, answer.status)
        for (headers, is_right), answer in zip(CASES, answers)
        if answer.status != (200 if is_right else 403)
    ]
    assert wrong == []


@each_class
def test_headers_that_are_sent_twice_and_disagree_are_refused(paradigm: str) -> None:
    twice = [
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-origin")],
        [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        [("origin", EVIL), ("origin", OWN)],
        [("origin", OWN), ("origin", EVIL)],
        [("sec-fetch-site", "cross-site"), ("origin", EVIL), ("origin", "https://friend.example")],
    ]
    assert [answer.status for answer in ask(guarded(paradigm), *[("POST", "/", pairs) for pairs in twice])] == [403] * 5


@each_class
def test_safe_methods_of_other_sites_are_served(paradigm: str) -> None:
    foreign = {"sec-fetch-site": "cross-site", "origin": EVIL}
    requests = [(method, "/", foreign) for method in ("GET", "HEAD", "OPTIONS")]
    with_guard, without = ask(guarded(paradigm), *requests), ask(guarded(paradigm, csrf=False), *requests)
    assert [answer.status for answer in with_guard] == [answer.status for answer in without]
    assert with_guard[0].status == 200


@each_class
def test_every_unsafe_method_is_guarded(paradigm: str) -> None:
    app = make(paradigm, csrf=True)
    methods = ["POST", "PUT", "PATCH", "DELETE"]
    add(app, "/", " ".join(methods), say())
    for origin, status in ((EVIL, 403), (OWN, 200)):
        found = ask(app, *[(method, "/", {"origin": origin}) for method in methods])
        assert [answer.status for answer in found] == [status] * 4


@each_class
def test_the_handler_does_not_run_where_the_request_is_refused(paradigm: str) -> None:
    ran: List[int] = []
    app = make(paradigm, csrf=True)
    add(app, "/", "POST", lambda: str(ran.append(1)))
    ask(app, ("POST", "/", {"sec-fetch-site": "cross-site"}))
    assert ran == []


@each_class
def test_the_answer_has_the_shape_of_the_paradigm_and_says_why(paradigm: str) -> None:
    refused, without = ask(guarded(paradigm), ("POST", "/", {"origin": EVIL}), ("POST", "/"))
    kinds = {"fenrir": "application/json", "fastapi": "application/json", "falcon": "application/json"}
    assert refused.headers["content-type"].startswith(kinds.get(paradigm, "text/"))
    assert "comes from another site, whose origin is not trusted" in refused.text
    assert "neither by Sec-Fetch-Site nor by Origin" in without.text


def test_an_error_handler_of_the_app_answers_it() -> None:
    app = guarded("fenrir")

    @app.exception_handler(CSRFError)
    async def explain(request: Any, error: CSRFError) -> Any:
        return {"no": error.detail}, 400

    (refused,) = ask(app, ("POST", "/", {"origin": EVIL}))
    assert refused.status == 400 and "no" in refused.json()


def test_the_log_says_what_was_compared_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "fenrir")
    ask(guarded("fenrir"), ("POST", "/x%0aforged", {"origin": "http://a"}))
    (line,) = [record.getMessage() for record in caplog.records if "was refused" in record.getMessage()]
    assert "\n" not in line and "csrf_trusted_origins" in line and "'http://test'" in line


def test_under_tls_the_origin_is_https_and_the_plain_one_is_foreign() -> None:
    app = under_tls(guarded("fenrir"))
    found = ask(app, ("POST", "/", {"origin": "https://test"}), ("POST", "/", {"origin": "http://test"}))
    assert [answer.status for answer in found] == [200, 403]


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("Example.COM", "http://example.com", 200),
        ("example.com:80", "http://example.com", 200),
        ("example.com:8000", "http://example.com:8000", 200),
        ("example.com:8000", "http://example.com", 403),
        ("[::1]:8000", "http://[::1]:8000", 200),
        ("127.0.0.1", "http://localhost", 403),
    ],
)
def test_the_own_origin_is_that_of_the_host_header(host: str, origin: str, status: int) -> None:
    async def steps(client: Client) -> None:
        assert (await client.post("/", headers={"origin": origin})).status == status

    drive(steps, guarded("fenrir"), host=host)


@each_class
def test_hosts_of_the_same_site_are_trusted_by_choice(paradigm: str) -> None:
    headers = {"sec-fetch-site": "same-site", "origin": "http://www.test"}
    (answer,) = ask(guarded(paradigm, csrf_same_site=True), ("POST", "/", headers))
    assert answer.status == 200


@each_class
def test_a_marked_handler_is_exempt(paradigm: str) -> None:
    app = guarded(paradigm)
    add(app, "/hook", "POST", csrf_exempt(say("hook")))
    hook, other = ask(app, ("POST", "/hook"), ("POST", "/"))
    assert (hook.text.strip('"'), other.status) == ("hook", 403)


@pytest.mark.parametrize("paradigm", ["fenrir", "fastapi", "flask", "sanic"])
def test_a_route_with_the_option_is_exempt(paradigm: str) -> None:
    app = guarded(paradigm)
    add(app, "/hook", "POST", say("hook"), csrf=False)
    hook, other = ask(app, ("POST", "/hook"), ("POST", "/"))
    assert (hook.status, other.status) == (200, 403)


@each_class
def test_paths_in_the_setting_are_exempt(paradigm: str) -> None:
    app = guarded(paradigm, csrf_exempt=["/hook"])
    add(app, "/hook", "POST", say("hook"))
    add(app, "/hooked", "POST", say("hooked"))
    assert [answer.status for answer in ask(app, ("POST", "/hook"), ("POST", "/hooked"))] == [200, 403]


async def asgi(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


@each_class
def test_mounted_apps_are_guarded_and_a_prefix_in_the_setting_is_exempt(paradigm: str) -> None:
    app = make(paradigm, csrf=True, csrf_exempt=["/api"])
    app.mount("/legacy", asgi)
    app.mount("/api", asgi)
    own = ("POST", "/legacy/x", {"origin": OWN})
    found = ask(app, ("POST", "/legacy/x"), own, ("GET", "/legacy/x"), ("POST", "/api/x"))
    assert [answer.status for answer in found] == [403, 200, 200, 200]


def test_mounted_wsgi_applications_are_guarded() -> None:
    def application(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        start_response("200 OK", [("content-type", "text/plain")])
        return [b"served"]

    app = Fenrir(csrf=True)
    app.mount_wsgi(application, prefix="/old")
    assert [answer.status for answer in ask(app, ("POST", "/old/"), ("POST", "/old/", {"origin": OWN}))] == [403, 200]


@each_class
def test_a_mounted_app_of_each_class_is_guarded_by_the_outer_one(paradigm: str) -> None:
    inner = make(paradigm)
    add(inner, "/", "POST", say("inner"))
    app = Fenrir(csrf=True)
    app.mount("/inner", inner)
    found = ask(app, ("POST", "/inner/"), ("POST", "/inner/", {"sec-fetch-site": "same-origin"}))
    assert [answer.status for answer in found] == [403, 200]


def test_a_method_that_middleware_overrides_is_judged_as_it_is_served() -> None:
    ran: List[str] = []

    class Override:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http" and b"_method=DELETE" in scope["query_string"]:
                scope = {**scope, "method": "DELETE"}
            await self.app(scope, receive, send)

    app = Fenrir(csrf=True)
    app.add_middleware(Override)
    app.get("/")(lambda: "read")

    @app.delete("/")
    def delete() -> str:
        ran.append("deleted")
        return "deleted"

    url = "/?_method=DELETE"
    refused, served = ask(app, ("GET", url, {"origin": EVIL}), ("GET", url, {"sec-fetch-site": "same-origin"}))
    assert (refused.status, served.status, ran) == (403, 200, ["deleted"])


def test_hooks_before_the_handler_and_handlers_of_unknown_paths_do_not_run_either() -> None:
    ran: List[str] = []
    app = Fenrir(csrf=True)
    app.before_request(lambda: ran.append("before"))
    app.exception_handler(404)(lambda request, error: ran.append("404") or "nothing here")
    app.get("/")(lambda: "read")
    found = ask(app, ("POST", "/nowhere", {"origin": EVIL}), ("POST", "/", {"origin": EVIL}))
    assert ([answer.status for answer in found], ran) == ([403, 403], [])


WEBSOCKETS: List[Tuple[Dict[str, str], bool]] = [
    ({}, True),  # no browser
    ({"origin": OWN}, True),
    ({"origin": EVIL}, False),
    ({"origin": "null"}, False),
    ({"origin": OWN, "sec-fetch-site": "same-origin"}, True),
    ({"origin": EVIL, "sec-fetch-site": "cross-site"}, False),
    ({"origin": "https://friend.example", "sec-fetch-site": "cross-site"}, True),
]


@pytest.mark.parametrize("paradigm", ["fenrir", "fastapi", "sanic", "falcon"])
def test_websockets_of_other_sites_are_refused(paradigm: str) -> None:
    app = guarded(paradigm)
    if paradigm == "falcon":

        class Resource:
            async def on_websocket(self, req: Any, ws: Any) -> None:
                await ws.accept()
                await ws.send_text("hello")

        app.add_route("/ws", Resource())
    elif paradigm == "sanic":

        async def feed(request: Any, ws: Any) -> None:
            await ws.send("hello")

        app.add_websocket_route(feed, "/ws")
    else:

        @app.websocket("/ws")
        async def socket(websocket: WebSocket) -> None:
            await websocket.accept()
            await websocket.send_text("hello")

    async def opened(client: Client, headers: Dict[str, str]) -> bool:
        try:
            async with client.websocket("/ws", headers=headers) as session:
                assert await session.receive() == "hello"
        except Refused as refused:
            assert refused.answer.status == 403
            return False
        return True

    async def steps(client: Client) -> None:
        wrong = [headers for headers, is_right in WEBSOCKETS if await opened(client, headers) is not is_right]
        assert wrong == []

    drive(steps, app)


@pytest.mark.parametrize(
    "wrong", ["example.com", "https://example.com/path", "*", "null", "ftp://example.com", "https://"]
)
def test_a_trusted_origin_that_is_none_is_an_error_when_it_is_set(wrong: str) -> None:
    with pytest.raises(BuildError, match="is not an origin such as 'https://example.com'"):
        Fenrir(csrf_trusted_origins=[wrong])


def test_a_marked_method_of_a_view_is_exempt() -> None:
    class Pets(MethodView):
        @csrf_exempt
        def post(self) -> str:
            return "post"

        def put(self) -> str:
            return "put"

    app = make("flask", csrf=True)
    app.add_url_rule("/pets", view_func=Pets.as_view("pets"))
    assert [answer.status for answer in ask(app, ("POST", "/pets"), ("PUT", "/pets"))] == [200, 403]


def test_a_mark_without_effect_is_a_build_error() -> None:
    class Pets(HTTPMethodView):
        @csrf_exempt
        async def post(self, request: Any) -> None:
            pass

    app = make("sanic", csrf=True)
    app.add_route(Pets.as_view(), "/pets")
    with pytest.raises(BuildError, match=r"the exemption of .*Pets.post\(\) would have no effect"):
        app.build()
    with pytest.raises(BuildError, match="csrf_exempt can't be set on .*: it is a class"):
        csrf_exempt(Pets)


@each_class
def test_off_it_adds_nothing_to_a_route(paradigm: str) -> None:
    app = make(paradigm)
    add(app, "/", "POST", say())
    app.build()
    sources = [route.source for route in app.compiled_routes]
    assert not [source for source in sources if "security" in source]


def test_on_it_adds_nothing_to_a_route_of_safe_methods() -> None:
    app = Fenrir(csrf=True)
    app.get("/")(say())
    app.build()
    (route,) = [route for route in app.compiled_routes if route.route.path == "/"]
    assert "security" not in route.source


@pytest.mark.parametrize(("guards", "status"), [(True, 403), (False, 200)])
def test_a_legacy_application_that_is_taken_over_is_guarded_unless_guards_are_off(guards: bool, status: int) -> None:
    def legacy(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        start_response("200 OK", [("content-type", "text/plain")])
        return [b"legacy"]

    app = Fenrir(csrf=True)
    app.take_over(legacy, guards=guards)
    app.post("/new")(say())
    foreign, own = {"origin": EVIL}, {"origin": OWN}
    found = ask(
        app, ("POST", "/old", foreign), ("POST", "/old", own), ("GET", "/old", foreign), ("POST", "/new", foreign)
    )
    assert [answer.status for answer in found] == [status, 200, 200, 403]
