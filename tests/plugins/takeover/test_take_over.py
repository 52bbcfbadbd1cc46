"""`take_over`: which side answers, guards, prefixes, interfaces, pages of the OpenAPI document."""

from __future__ import annotations

import json
from typing import Any, List

import pytest
from tests.asgi import Socket, run
from tests.plugins.takeover.legacy_apps import ask, legacy, sides, taken

from fenrir import Fenrir
from fenrir_core import App, BuildError, Request, Response, WebSocket
from fenrir_takeover import take_over


def test_our_routes_answer_first_and_the_legacy_application_all_else() -> None:
    requests = [("GET", "/items/7"), ("GET", "/other"), ("POST", "/items/7"), ("GET", "/orders"), ("POST", "/orders")]
    assert sides(taken(), *requests) == ["new", "legacy", "legacy", "legacy", "new"]


@pytest.mark.parametrize("switch", ["/items/{item_id}", "GET /items/<int:id>", "GET *", "*"])
def test_a_route_is_switched_back_by_its_path_or_method(switch: str) -> None:
    app = taken(switches={switch: "legacy"})
    assert sides(app, ("GET", "/items/7")) == ["legacy"]


def test_head_is_switched_with_get() -> None:
    (answer,) = ask(taken(switches={"GET /items/{id}": "legacy"}), ("HEAD", "/items/7"))
    assert answer.headers["x-side"] == "legacy"


def test_the_body_of_a_switched_request_reaches_the_legacy_application() -> None:
    (answer,) = ask(taken(switches={"/orders": "legacy"}), ("POST", "/orders", {"body": [b"two ", b"parts"]}))
    assert json.loads(answer.body) == {"side": "legacy", "method": "POST", "path": "/orders", "body": "two parts"}


def test_a_route_can_be_kept_from_being_switched() -> None:
    app = taken(switches={"*": "legacy"})

    @app.get("/health", takeover=False)
    async def health() -> Any:
        return {"side": "new"}

    assert sides(app, ("GET", "/health"), ("GET", "/items/1")) == ["new", "legacy"]


@pytest.mark.parametrize("switch", ["new", "legacy"])
def test_a_takeover_below_a_prefix_leaves_the_rest_alone(switch: str) -> None:
    app = taken(prefix="/old", switches={"/old/items/{id}": switch})

    @app.get("/items/{item_id}")
    async def other(item_id: int) -> Any:
        return {"side": "outside"}

    found = ask(app, ("GET", "/old/items/1"), ("GET", "/items/1"), ("GET", "/elsewhere"), ("GET", "/old/page"))
    assert [answer.status for answer in found] == [200, 200, 404, 200]
    assert json.loads(found[0].body)["side"] == switch
    assert json.loads(found[3].body)["path"] == "/old/page"


# ------------------------------------------------------------ guards


def guarded(guards: bool, **options: Any) -> Fenrir:
    app = taken(guards=guards, **options)

    @app.before_request
    def guard() -> Any:
        from fenrir import request

        return None if request.headers.get("x-key") else ({"side": "guard"}, 401)

    @app.after_request
    def mark(response: Response) -> Response:
        response.headers["x-marked"] = "yes"
        return response

    return app


REQUESTS = [("GET", "/other"), ("GET", "/items/1"), ("GET", "/items/1", {"headers": {"x-key": "1"}})]


@pytest.mark.parametrize("switch", ["new", "legacy"])
def test_with_guards_the_apps_steps_run_for_both_sides(switch: str) -> None:
    found = ask(guarded(True, switches={"/items/{id}": switch}), *REQUESTS)
    assert [json.loads(answer.body)["side"] for answer in found] == ["guard", "guard", switch]
    assert {answer.headers.get("x-marked") for answer in found} == {"yes"}


def test_without_guards_they_run_for_our_side_alone() -> None:
    found = ask(guarded(False, switches={"/items/{id}": "legacy"}), *REQUESTS, ("POST", "/orders"))
    assert [json.loads(answer.body)["side"] for answer in found] == ["legacy", "legacy", "legacy", "guard"]
    assert [answer.headers.get("x-marked") for answer in found] == [None, None, None, "yes"]


def test_without_guards_an_unknown_method_and_options_are_answered_as_with_them() -> None:
    answers = ask(taken(guards=False), ("DELETE", "/items/1"), ("OPTIONS", "/items/1"))
    assert json.loads(answers[0].body)["method"] == "DELETE"
    assert "GET" in answers[1].headers["allow"]


# ------------------------------------------------------------ interfaces


class Asgi:
    """An ASGI application with a lifespan and its state."""

    def __init__(self) -> None:
        self.events: List[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            self.events.append("started")
            scope["state"]["key"] = "value"
            await send({"type": "lifespan.startup.complete"})
            await receive()
            self.events.append("stopped")
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": scope["path"]})
            await send({"type": "websocket.close", "code": 1000})
        else:
            told = {"side": "legacy", "state": scope["state"].get("key"), "root": scope["root_path"]}
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": json.dumps(told).encode()})


@pytest.mark.parametrize("prefix", ["/", "/old"])
def test_an_asgi_application_has_its_lifespan_and_its_state_on_both_ways(prefix: str) -> None:
    application, base = Asgi(), prefix.rstrip("/")
    app = taken(application, prefix, switches={f"{base}/items/{{id}}": "legacy"})
    found = ask(app, ("GET", f"{base}/page"), ("GET", f"{base}/items/1"))
    assert [json.loads(answer.body) for answer in found] == [{"side": "legacy", "state": "value", "root": base}] * 2
    assert application.events == ["started", "stopped"]


@pytest.mark.parametrize("guards", [True, False])
def test_a_websocket_reaches_an_asgi_application(guards: bool) -> None:
    app = taken(Asgi(), guards=guards)

    async def scenario() -> Any:
        socket = Socket(app, "/talk")
        await socket.finish()
        return socket.heard

    assert run(scenario()) == ["/talk"]


def test_an_app_of_ours_can_be_taken_over() -> None:
    old = App(paradigms=())

    @old.get("/page")
    async def page() -> Any:
        return {"side": "legacy"}

    assert sides(taken(old), ("GET", "/page"), ("GET", "/items/1")) == ["legacy", "new"]


def test_it_works_for_an_app_without_the_method() -> None:
    app = App(paradigms=())
    take_over(app, legacy)
    assert sides(app, ("GET", "/x")) == ["legacy"]


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((7,), {}, "7 is not callable"),
        ((lambda: None,), {}, "can't be told"),
        ((legacy, "old"), {}, "must start with '/'"),
        ((legacy,), {"switches": {"items": "new"}}, "is no path"),
        ((legacy,), {"report_path": "/report"}, "needs both"),
        ((legacy,), {"threads": 0}, "take_over: threads=0 must be greater than 0"),
    ],
)
def test_a_wrong_takeover_is_refused(arguments: Any, options: Any, message: str) -> None:
    with pytest.raises(BuildError, match=message):
        Fenrir().take_over(*arguments, **options)


# ------------------------------------------------------------ pages


def test_the_legacy_application_keeps_its_docs_and_ours_move() -> None:
    found = ask(taken(), *[("GET", path) for path in ("/docs", "/openapi.json", "/openapi-docs")])
    assert [json.loads(answer.body)["side"] for answer in found[:2]] == ["legacy"] * 2
    assert "/openapi-docs/openapi.json" in found[2].text


def test_docs_below_another_prefix_stay_where_they_are() -> None:
    app = taken(prefix="/old")
    assert [answer.status for answer in ask(app, ("GET", "/docs"), ("GET", "/openapi.json"))] == [200, 200]


def test_the_legacy_applications_routes_are_not_in_the_document() -> None:
    app = taken()
    document = json.loads(ask(app, ("GET", "/openapi-docs/openapi.json"))[0].body)
    assert set(document["paths"]) == {"/items/{item_id}", "/orders"}


def test_a_request_and_a_websocket_of_ours_are_untouched_by_a_takeover() -> None:
    app = taken()

    @app.websocket("/ours")
    async def ours(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("ours")

    @app.get("/whole")
    async def whole(request: Request) -> Any:
        return {"path": request.path, "root": request.root_path}

    async def scenario() -> Any:
        socket = Socket(app, "/ours")
        await socket.finish()
        return socket.heard

    assert run(scenario()) == ["ours"]
    assert json.loads(ask(app, ("GET", "/whole"))[0].body) == {"path": "/whole", "root": ""}
