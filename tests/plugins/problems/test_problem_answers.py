"""With the switch on, the response to any error in any paradigm is problem details."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Dict, List

import pytest
from tests.plugins.problems.failing_apps import APPS, ask, make

from fenrir import Fenrir
from fenrir_core import BuildError, HTTPError, InvalidInput, WebSocket
from fenrir_core.exceptions import reason_phrase
from fenrir_core.testing import Client, Refused, check_plugin
from fenrir_falcon import App as Falcon
from fenrir_fastapi import FastAPI, Query
from fenrir_flask import Flask
from fenrir_problems import MEDIA_TYPE, Problem, ProblemType, plugin

each_paradigm = pytest.mark.parametrize("paradigm", sorted(APPS))


def problem(app: Any, path: str, method: str = "GET", **options: Any) -> Dict[str, Any]:
    """Return the problem details in the response to a request."""
    answer = ask(app, (method, path), **options)[0]
    assert answer.headers["content-type"] == MEDIA_TYPE, answer.text
    found: Dict[str, Any] = answer.json()
    assert found["status"] == answer.status
    return found


def failing(error: Exception, **settings: Any) -> Fenrir:
    app = Fenrir(problem_details=True, **settings)

    @app.get("/")
    async def fail() -> None:
        raise error

    return app


# ---------------------------------------------------------------- every paradigm


def test_the_plugin_is_a_proper_one() -> None:
    check_plugin(plugin)


@each_paradigm
def test_a_problem_is_written_as_it_was_raised(paradigm: str) -> None:
    answer = ask(make(paradigm), ("GET", "/problem"))[0]
    assert (answer.status, answer.headers["content-type"], answer.headers["x-balance"]) == (403, MEDIA_TYPE, "30")
    assert answer.json() == {
        "type": "https://example.org/out-of-credit",
        "title": "You do not have enough credit.",
        "status": 403,
        "detail": "Your balance is 30, but that costs 50.",
        "instance": "/account/12345/msgs/abc",
        "balance": 30,
    }


@each_paradigm
def test_a_path_without_a_route_is_a_problem(paradigm: str) -> None:
    found = problem(make(paradigm), "/no%20where")
    assert (found["type"], found["title"], found["status"]) == ("about:blank", "Not Found", 404)
    assert found["instance"] == "/no%20where"


@each_paradigm
def test_a_wrong_method_is_a_problem_that_keeps_allow(paradigm: str) -> None:
    answer = ask(make(paradigm), ("POST", "/own"))[0]
    assert (answer.status, answer.headers["content-type"], answer.json()["title"]) == (
        405,
        MEDIA_TYPE,
        "Method Not Allowed",
    )
    assert "GET" in answer.headers["allow"].split(", ")


@each_paradigm
@pytest.mark.parametrize(("path", "status"), [("/large", 413), ("/media", 415)])
def test_an_error_of_the_kernel_is_a_problem(paradigm: str, path: str, status: int) -> None:
    assert problem(make(paradigm), path) == {
        "type": "about:blank",
        "title": reason_phrase(status),
        "status": status,
        "instance": path,
    }


@each_paradigm
def test_an_http_error_keeps_its_detail_and_headers(paradigm: str) -> None:
    answer = ask(make(paradigm), ("GET", "/kernel"))[0]
    assert (answer.status, answer.headers["retry-after"], answer.json()["detail"]) == (429, "5", "Slow down.")


@each_paradigm
def test_a_crash_is_a_problem_that_tells_nothing(paradigm: str, caplog: pytest.LogCaptureFixture) -> None:
    found = problem(make(paradigm), "/crash")
    assert found == {"type": "about:blank", "title": "Internal Server Error", "status": 500, "instance": "/crash"}
    assert "the password is 1234" in caplog.text


@pytest.mark.parametrize(
    ("paradigm", "expected", "header"),
    [
        ("fenrir", {"status": 401, "title": "Unauthorized", "detail": "Who are you?"}, ("www-authenticate", "Bearer")),
        ("fastapi", {"status": 401, "title": "Unauthorized", "detail": "Who are you?"}, ("www-authenticate", "Bearer")),
        ("flask", {"status": 409, "title": "Conflict", "detail": "Taken."}, None),
        ("falcon", {"status": 503, "title": "Closed", "detail": "We are closed.", "code": 7}, ("retry-after", "60")),
        ("sanic", {"status": 401, "detail": "Who are you?"}, ("www-authenticate", 'Basic realm="pets"')),
        ("bottle", {"status": 402, "title": "Payment Required", "detail": "Pay first."}, None),
    ],
)
def test_an_error_of_the_paradigms_own_keeps_what_it_tells(paradigm: str, expected: Any, header: Any) -> None:
    answer = ask(make(paradigm), ("GET", "/own"))[0]
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert {name: answer.json()[name] for name in expected} == expected
    if header is not None:
        assert answer.headers[header[0]] == header[1]


@each_paradigm
def test_without_the_switch_nothing_is_a_problem(paradigm: str) -> None:
    answers = ask(make(paradigm, problem_details=False), ("GET", "/own"), ("GET", "/nowhere"), ("GET", "/problem"))
    assert [answer.headers.get("content-type") == MEDIA_TYPE for answer in answers] == [False, False, False]
    assert [answer.status for answer in answers][1:] == [404, 403]


def test_the_environment_can_throw_the_switch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENRIR_PROBLEM_DETAILS", "1")
    monkeypatch.setenv("FENRIR_PROBLEM_BASE", "https://example.org/problems/")
    app = Fenrir()
    app.get("/")(lambda: "")
    assert app.settings["problem_base"] == "https://example.org/problems/"
    assert problem(app, "/nowhere")["status"] == 404


# ---------------------------------------------------------------- the author's own handlers come first


def test_an_authors_own_handler_comes_first() -> None:
    app = make("fenrir")

    @app.exception_handler(404)
    async def lost(request: Any, error: Any) -> Any:
        return "lost", 404

    @app.exception_handler(LookupError)
    async def crashed(request: Any, error: Any) -> Any:
        return "crashed", 500

    assert [answer.text for answer in ask(app, ("GET", "/nowhere"), ("GET", "/crash"))] == ["lost", "crashed"]


def test_falcons_own_error_serializer_comes_first() -> None:
    app = Falcon(problem_details=True)

    def serialize(req: Any, resp: Any, error: Any) -> None:
        resp.text = "serialized"

    app.set_error_serializer(serialize)
    assert ask(app, ("GET", "/nowhere"))[0].text == "serialized"


def test_headers_that_a_falcon_middleware_had_set_stay_on_a_problem() -> None:
    class Stamp:
        async def process_request(self, req: Any, resp: Any) -> None:
            resp.set_header("x-stamp", "1")

    app = Falcon(problem_details=True, middleware=[Stamp()])
    answer = ask(app, ("GET", "/nowhere"))[0]
    assert (answer.headers["content-type"], answer.headers["x-stamp"]) == (MEDIA_TYPE, "1")


def test_a_flask_teardown_still_sees_what_crashed() -> None:
    app, seen = Flask(__name__, problem_details=True), []

    @app.teardown_request
    def note(error: Any) -> None:
        seen.append(type(error))

    @app.route("/")
    def fail() -> None:
        raise LookupError("inside")

    assert problem(app, "/")["status"] == 500
    assert seen == [LookupError]


def test_a_crash_behind_fastapi_middleware_is_a_problem() -> None:
    app, seen = FastAPI(problem_details=True), []

    @app.middleware("http")
    async def watch(request: Any, call_next: Any) -> Any:
        try:
            return await call_next(request)
        except LookupError as error:
            seen.append(error)
            raise

    @app.get("/crash")
    async def crash() -> None:
        raise LookupError("inside")

    async def run() -> Any:
        async with Client(app, raise_errors=False) as client:
            messages = []
            scope = {
                "type": "http", "method": "GET", "path": "/crash", "headers": [], "query_string": b"",
                "http_version": "1.1", "scheme": "http", "server": ("test", 80), "extensions": {},
            }  # fmt: skip

            async def receive() -> Any:
                return {"type": "http.request", "body": b""}

            async def send(message: Any) -> None:
                messages.append(message)

            with pytest.raises(LookupError):  # it is raised to the server too, as FastAPI does
                await client.app(scope, receive, send)
            return messages

    start, body = asyncio.run(run())
    assert start["status"] == 500
    assert (b"content-type", MEDIA_TYPE.encode()) in start["headers"]
    assert json.loads(body["body"])["title"] == "Internal Server Error"
    assert len(seen) == 1


def test_what_is_raised_and_no_error_is_left_alone() -> None:
    from fenrir_bottle import HTTPResponse

    app = failing(HTTPResponse("fine", 200))
    assert ask(app, ("GET", "/"))[0].text == "fine"
    answer = ask(failing(HTTPError(304, headers={"etag": '"1"'})), ("GET", "/"))[0]
    assert (answer.status, answer.headers["etag"]) == (304, '"1"')
    assert answer.headers.get("content-type") != MEDIA_TYPE


# ---------------------------------------------------------------- mistakes in the input


def test_mistakes_in_the_input_are_listed_with_place_and_pointer() -> None:
    app = Fenrir(problem_details=True)

    @app.post("/pets/{pet_id}")
    async def pet(pet_id: int, tags: Dict[str, int], limit: int = Query(ge=1)) -> None: ...

    found = problem(app, "/pets/x?limit=0", "POST", json={"a/b~c d": "many"})
    assert (found["status"], found["title"]) == (422, reason_phrase(422))
    assert found["detail"] == "The request does not fit what is expected."
    places = [(item["location"], item["pointer"], item["code"]) for item in found["errors"]]
    assert places == [
        ("path", "#/pet_id", "int_parsing"),
        ("query", "#/limit", "greater_than_equal"),
        ("body", "#/a~1b~0c%20d", "int_parsing"),
    ]
    assert all(item["detail"] for item in found["errors"])


def test_what_the_client_sent_is_not_repeated() -> None:
    app = Fenrir(problem_details=True)

    @app.post("/login")
    async def login(pin: int, body: Dict[str, int]) -> None: ...

    answer = ask(app, ("POST", "/login?pin=secret"), json={"password": "hunter2"})[0]
    assert answer.status == 422 and "secret" not in answer.text and "hunter2" not in answer.text


def test_mistakes_in_another_shape_are_told_as_text() -> None:
    found = problem(failing(InvalidInput(["the first", {"msg": "the second"}])), "/")
    assert found["errors"] == [{"detail": "the first"}, {"detail": "the second"}]


# ---------------------------------------------------------------- types of problems


class OutOfStock(Problem):
    status = 409
    type = "out-of-stock"
    title = "It is sold out."


def test_a_subclass_declares_a_type_of_problem() -> None:
    found = problem(failing(OutOfStock(detail="No rex left.", left=0), problem_base="https://example.org/p/"), "/")
    assert found == {
        "type": "https://example.org/p/out-of-stock",
        "title": "It is sold out.",
        "status": 409,
        "detail": "No rex left.",
        "instance": "/",
        "left": 0,
    }


def test_a_problem_of_a_class_is_answered_by_its_authors_handler() -> None:
    app = failing(OutOfStock())

    @app.exception_handler(OutOfStock)
    async def sold_out(request: Any, error: OutOfStock) -> Any:
        return f"{error}", 409

    assert ask(app, ("GET", "/"))[0].text == "409: It is sold out."


def test_a_problem_without_the_switch_is_an_http_error_like_any_other() -> None:
    app = Fenrir()

    @app.get("/")
    async def fail() -> None:
        raise OutOfStock()

    answer = ask(app, ("GET", "/"))[0]
    assert (answer.status, answer.json()) == (409, {"detail": "It is sold out."})


def test_types_can_be_given_by_status_and_by_class() -> None:
    class Missing(HTTPError):
        status = 404

    class Broke(Exception):
        pass

    app = Fenrir(
        problem_details=True,
        problem_base="https://example.org/p/",
        problem_types={
            404: "no-such-page",
            500: ProblemType("our-fault", "We made a mistake."),
            Missing: ProblemType("missing", "It went missing."),
            Broke: ProblemType("https://pay.example/broke", status=402, detail=str),
        },
    )
    errors = {"/missing": Missing(), "/broke": Broke("30 of 50"), "/crash": LookupError("secret")}
    for path, error in errors.items():

        @app.get(path)
        async def fail(error: Any = error) -> None:
            raise error

    base = "https://example.org/p/"
    found = [problem(app, path) for path in ("/nowhere", "/crash", "/missing", "/broke")]
    assert [(item["type"], item["title"], item["status"], item.get("detail")) for item in found] == [
        (base + "no-such-page", "Not Found", 404, None),
        (base + "our-fault", "We made a mistake.", 500, None),
        (base + "missing", "It went missing.", 404, None),
        ("https://pay.example/broke", "Payment Required", 402, "30 of 50"),
    ]


@pytest.mark.parametrize(
    ("types", "message"),
    [
        ("https://example.org", "it must be a mapping"),
        ({200: "fine"}, "the key 200 is neither a status from 400 to 599 nor an exception class"),
        ({404: 1}, "1, given for 404, is neither a ProblemType nor a URI"),
        ({KeyError: ProblemType("x", status=200)}, "the status 200, given for .* is not from 400 to 599"),
    ],
)
def test_wrong_types_are_found_when_the_app_is_made(types: Any, message: str) -> None:
    with pytest.raises(BuildError, match=message):
        Fenrir(problem_types=types)


def test_a_problem_is_an_error_by_its_status() -> None:
    with pytest.raises(ValueError, match="A problem's status is 400 to 599, not 200"):
        Problem(200)


def test_a_detail_that_is_no_text_becomes_the_context() -> None:
    found = problem(failing(HTTPError(400, {"field": "age"})), "/")
    assert "detail" not in found and found["context"] == {"field": "age"}


def test_a_header_that_names_another_content_type_does_not_count() -> None:
    found = problem(failing(HTTPError(400, "no", {"Content-Type": "text/plain", "x-a": "1"})), "/")
    assert found["detail"] == "no"


# ---------------------------------------------------------------- WebSockets and mounts


def test_a_websocket_is_denied_with_problem_details() -> None:
    app = Fenrir(problem_details=True)

    @app.websocket("/ws")
    async def refuse(websocket: WebSocket) -> None:
        raise Problem(403, detail="Members only.")

    async def run() -> List[Any]:
        answers = []
        async with Client(app) as client:
            for path in ("/ws", "/nowhere"):
                with pytest.raises(Refused) as refused:
                    async with client.websocket(path):
                        pass
                answers.append(refused.value.answer)
        return answers

    first, second = asyncio.run(run())
    assert (first.status, first.json()["detail"]) == (403, "Members only.")
    assert (second.status, second.json()["title"]) == (404, "Not Found")
    assert {answer.headers["content-type"] for answer in (first, second)} == {MEDIA_TYPE}


def test_the_instance_below_a_mount_is_the_whole_path() -> None:
    outer = Fenrir(autoload=False)
    outer.mount("/shop", make("fastapi"))
    assert problem(outer, "/shop/kernel")["instance"] == "/shop/kernel"
