"""Falcon's resources in the hybrid app."""

from __future__ import annotations

import asyncio
import runpy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple, Union

import httpx
import pytest
from pydantic import BaseModel
from typing_extensions import TypedDict

from fenrir_core import BuildError, Fenrir, Response
from fenrir_falcon import HTTPNotFound, Request
from fenrir_falcon import Response as FalconResponse

SNIPPET = Path(__file__).resolve().parents[2] / "documentation" / "falcon_paradigm.py"


def ask(app: Any, method: str, path: str, **kwargs: Any) -> httpx.Response:
    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, **kwargs)

    return asyncio.run(run())


def hybrid(path: str, resource: Any, **options: Any) -> Fenrir:
    app = Fenrir(paradigms=["falcon"])
    app.add_route(path, resource, **options)
    return app


def test_the_documentations_resource_answers_get_with_a_converted_path_value() -> None:
    app = runpy.run_path(str(SNIPPET))["app"]
    answer = ask(app, "GET", "/items/7")
    assert answer.status_code == 200
    assert answer.json() == {"item_id": 7, "msg": "Fetched via Falcon Class-Based view!"}
    assert answer.headers["content-type"] == "application/json"


def test_the_documentations_resource_answers_post_with_what_it_received() -> None:
    app = runpy.run_path(str(SNIPPET))["app"]
    answer = ask(app, "POST", "/items/7", json={"a": [1]})
    assert (answer.status_code, answer.json()) == (201, {"item_id": 7, "received": {"a": [1]}})


def test_a_method_without_responder_is_405_with_those_that_there_are() -> None:
    answer = ask(runpy.run_path(str(SNIPPET))["app"], "DELETE", "/items/7")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"


def test_an_empty_body_where_json_is_read_is_400() -> None:
    answer = ask(runpy.run_path(str(SNIPPET))["app"], "POST", "/items/7")
    assert answer.status_code == 400
    assert answer.json()["title"] == "Invalid JSON"


def test_malformed_json_is_400() -> None:
    answer = ask(runpy.run_path(str(SNIPPET))["app"], "POST", "/items/7", content=b"{")
    assert (answer.status_code, answer.json()["title"]) == (400, "Invalid JSON")
    assert answer.json()["description"].startswith("Could not parse JSON body - Expecting property name")


def test_a_synchronous_responder_reads_its_media_without_await() -> None:
    class Notes:
        def on_post(self, req: Any, resp: Any) -> None:
            resp.media = {"media": req.media, "raw": req.stream.read().decode()}

    assert ask(hybrid("/notes", Notes()), "POST", "/notes", json=[1]).json() == {"media": [1], "raw": "[1]"}


def test_the_first_two_parameters_may_have_any_names() -> None:
    class Thing:
        async def on_get(self, question: Any, answer: Any, name: str) -> None:
            answer.media = {"name": name, "path": question.path}

    assert ask(hybrid("/t/{name}", Thing()), "GET", "/t/x").json() == {"name": "x", "path": "/t/x"}


def test_keyword_parameters_get_all_path_values() -> None:
    class Thing:
        async def on_get(self, req: Any, resp: Any, **values: Any) -> None:
            resp.media = values

    assert ask(hybrid("/t/{a:int}/{b}", Thing()), "GET", "/t/1/x").json() == {"a": 1, "b": "x"}


@pytest.mark.parametrize("status", [201, "201 Created", "201"])
def test_a_status_may_be_a_number_or_a_line(status: Any) -> None:
    class Thing:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.status = status

    answer = ask(hybrid("/", Thing()), "GET", "/")
    assert (answer.status_code, answer.content) == (201, b"")


def test_text_precedes_data_and_data_precedes_media() -> None:
    class Thing:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.media, resp.data, resp.text = {}, b"data", "text"

        async def on_post(self, req: Any, resp: Any) -> None:
            resp.media, resp.data = {}, b"data"

    app = hybrid("/", Thing())
    assert ask(app, "GET", "/").text == "text"


def test_data_precedes_media() -> None:
    class Thing:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.media, resp.data = {}, b"data"

    assert ask(hybrid("/", Thing()), "GET", "/").content == b"data"


def test_a_returned_value_follows_the_hybrid_rule() -> None:
    class Thing:
        async def on_get(self, req: Any, resp: Any) -> Any:
            return {"returned": True}, 202

    answer = ask(hybrid("/", Thing()), "GET", "/")
    assert (answer.status_code, answer.json()) == (202, {"returned": True})


def test_a_returned_response_is_sent_as_it_is() -> None:
    class Thing:
        async def on_get(self, req: Any, resp: Any) -> Response:
            resp.text = "not this"
            return Response("this")

    assert ask(hybrid("/", Thing()), "GET", "/").text == "this"


def test_a_falcon_error_is_json_with_its_title() -> None:
    class Thing:
        async def on_get(self, req: Any, resp: Any) -> None:
            raise HTTPNotFound(title="No such thing", description="It left.")

    answer = ask(hybrid("/", Thing()), "GET", "/")
    assert (answer.status_code, answer.json()) == (404, {"title": "No such thing", "description": "It left."})


def test_a_falcon_error_may_be_raised_by_any_handler() -> None:
    app = Fenrir(paradigms=["falcon"])

    @app.get("/")
    async def home() -> None:
        raise HTTPNotFound()

    answer = ask(app, "GET", "/")
    assert (answer.status_code, answer.json()) == (404, {"title": "404 Not Found"})


def test_a_handler_of_a_status_catches_falcons_errors_too() -> None:
    class Thing:
        async def on_get(self, req: Any, resp: Any) -> None:
            raise HTTPNotFound()

    app = hybrid("/", Thing())

    @app.exception_handler(404)
    async def lost(request: Any, error: Any) -> Any:
        return {"lost": True}, 404

    assert ask(app, "GET", "/").json() == {"lost": True}


def test_headers_and_cookies_of_the_response_are_sent() -> None:
    class Thing:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.set_header("X-One", "1")
            resp.append_header("X-One", "2")
            resp.cache_control = ["no-store", "private"]
            resp.etag = "abc"
            resp.set_cookie("flavour", "mint", max_age=5)
            resp.downloadable_as = "a.txt"

    answer = ask(hybrid("/", Thing()), "GET", "/")
    assert answer.headers["x-one"] == "1, 2"
    assert answer.headers["cache-control"] == "no-store, private"
    assert answer.headers["etag"] == '"abc"'
    assert answer.headers["content-disposition"] == 'attachment; filename="a.txt"'
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("flavour=mint") and "HttpOnly" in cookie and "Secure" in cookie and "Max-Age=5" in cookie


def test_a_cookie_that_is_set_again_replaces_what_it_was() -> None:
    class Thing:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.set_cookie("a", "1")
            resp.set_cookie("ab", "2")
            resp.set_cookie("a", "3")

    sent = ask(hybrid("/", Thing()), "GET", "/").headers.get_list("set-cookie")
    assert [line.partition(";")[0] for line in sent] == ["ab=2", "a=3"]


def test_a_location_is_percent_encoded_so_that_it_can_not_split_the_response() -> None:
    class Thing:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.status, resp.location = 302, "/\u00fc?q=" + req.get_param("q")

    answer = ask(hybrid("/", Thing()), "GET", "/?q=x%0d%0aSet-Cookie:%20a=1")
    assert answer.headers["location"] == "/%C3%BC?q=x%0D%0ASet-Cookie:%20a=1"
    assert "set-cookie" not in answer.headers


def test_a_stream_is_sent_piece_by_piece() -> None:
    class Thing:
        async def on_get(self, req: Any, resp: Any) -> None:
            async def pieces() -> Any:
                yield b"a"
                yield b"b"

            resp.stream = pieces()
            resp.content_type = "text/plain"

    assert ask(hybrid("/", Thing()), "GET", "/").text == "ab"


def test_a_route_with_stream_leaves_the_body_to_the_responder() -> None:
    class Thing:
        async def on_post(self, req: Any, resp: Any) -> None:
            assert await req.stream.read(2) == b"ab"
            resp.text = (await req.stream.read()).decode()

    assert ask(hybrid("/", Thing(), stream=True), "POST", "/", content=b"abcd").text == "cd"


def test_query_parameters_are_read_with_types() -> None:
    class Thing:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.media = {
                "int": req.get_param_as_int("i"),
                "bool": req.get_param_as_bool("b"),
                "list": req.get_param_as_list("l", int),
                "float": req.get_param_as_float("f"),
                "absent": req.get_param("x", default="d"),
            }

    answer = ask(hybrid("/", Thing()), "GET", "/?i=3&b=yes&l=1&l=2&f=1.5")
    assert answer.json() == {"int": 3, "bool": True, "list": [1, 2], "float": 1.5, "absent": "d"}


@pytest.mark.parametrize(
    ("query", "title"), [("", "Missing parameter"), ("?n=x", "Invalid parameter"), ("?n=9", "Invalid parameter")]
)
def test_a_query_parameter_that_is_missing_or_out_of_bounds_is_400(query: str, title: str) -> None:
    class Thing:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.media = req.get_param_as_int("n", required=True, max_value=5)

    answer = ask(hybrid("/", Thing()), "GET", f"/{query}")
    assert (answer.status_code, answer.json()["title"]) == (400, title)


def test_a_urlencoded_form_is_media() -> None:
    class Thing:
        async def on_post(self, req: Any, resp: Any) -> None:
            resp.media = await req.get_media()

    assert ask(hybrid("/", Thing()), "POST", "/", data={"a": ["1", "2"], "b": "x"}).json() == {
        "a": ["1", "2"],
        "b": "x",
    }


def test_media_of_a_type_without_handler_is_415() -> None:
    class Thing:
        async def on_post(self, req: Any, resp: Any) -> None:
            resp.media = await req.get_media()

    answer = ask(hybrid("/", Thing()), "POST", "/", content=b"x", headers={"content-type": "text/x-thing"})
    assert answer.status_code == 415


def test_a_resource_with_a_suffix_uses_the_responders_with_it() -> None:
    class Things:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.text = "one"

        async def on_get_all(self, req: Any, resp: Any) -> None:
            resp.text = "all"

    app = hybrid("/things", Things(), suffix="all")
    assert ask(app, "GET", "/things").text == "all"


def test_a_parameter_annotated_with_falcons_request_gets_it_in_any_handler() -> None:
    app = Fenrir(paradigms=["falcon"])

    @app.get("/")
    async def home(req: Request, resp: FalconResponse) -> Any:
        return {"path": req.path, "kind": type(resp).__name__}

    assert ask(app, "GET", "/").json() == {"path": "/", "kind": "Response"}


def test_a_resource_without_responder_is_an_error_that_names_the_near_misses() -> None:
    class Thing:
        def on_Get(self, req: Any, resp: Any) -> None: ...

        def post(self, req: Any, resp: Any) -> None: ...

    with pytest.raises(BuildError, match=r"Thing for '/' has no responder.*on_Get \(did you mean on_get\?\).*on_post"):
        hybrid("/", Thing())


def test_a_class_in_place_of_a_resource_is_an_error_with_the_remedy() -> None:
    class Thing:
        def on_get(self, req: Any, resp: Any) -> None: ...

    with pytest.raises(BuildError, match=r"write Thing\(\)"):
        hybrid("/", Thing)


def test_a_responder_with_too_few_parameters_is_an_error_that_names_it() -> None:
    class Thing:
        def on_get(self, req: Any) -> None: ...

    with pytest.raises(BuildError, match=r"Thing\.on_get\(\) for '/' takes req"):
        hybrid("/", Thing())


def test_a_websocket_responder_talks_to_the_client() -> None:
    class Echo:
        async def on_websocket(self, req: Any, ws: Any, name: str) -> None:
            await ws.accept()
            await ws.send_text(name + (await ws.receive_text()))

    app = hybrid("/ws/{name}", Echo())
    sent = []
    inbox = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": "!"}]

    async def receive() -> Any:
        return inbox.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/ws/bo", "headers": [], "query_string": b"", "subprotocols": []}
    asyncio.run(app(scope, receive, send))
    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.send", "websocket.close"]
    assert sent[1]["text"] == "bo!"


def test_operations_are_named_after_resource_and_responder() -> None:
    class ItemResource:
        async def on_get(self, req: Any, resp: Any, item_id: int, limit: int = 3) -> None:
            """Read one item."""
            resp.media = item_id

        async def on_get_all(self, req: Any, resp: Any) -> None: ...

    app = Fenrir()
    app.add_route("/items/{item_id:int}", ItemResource())
    app.add_route("/items", ItemResource(), suffix="all")
    app.add_route("/old-items", ItemResource(), suffix="all")
    paths = app.openapi()["paths"]
    one = paths["/items/{item_id}"]["get"]
    assert (one["operationId"], one["summary"], one["description"]) == ("get_item", "Get item", "Read one item.")
    assert [item["schema"]["type"] for item in one["parameters"]] == ["integer", "integer"]
    assert paths["/items"]["get"]["operationId"] == "get_item_all"
    assert paths["/old-items"]["get"]["operationId"] == "get_item_all_old_items"


class _NoSchema: ...


class _Name(BaseModel):
    name: str


def test_the_model_that_a_responder_returns_is_a_schema() -> None:
    class Names:
        async def on_get(self, req: Any, resp: Any) -> List[_Name]:
            return [_Name(name="ann")]

    app = Fenrir()
    app.add_route("/names", Names())
    document = app.openapi()
    content = document["paths"]["/names"]["get"]["responses"]["200"]["content"]
    assert content["application/json"]["schema"]["items"] == {"$ref": "#/components/schemas/_Name"}
    assert document["components"]["schemas"]["_Name"]["required"] == ["name"]


@dataclass
class _Point:
    x: int
    y: float = 0.0


class _Row(TypedDict):
    key: str


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (_Point, {"$ref": "#/components/schemas/_Point"}),
        (_Row, {"$ref": "#/components/schemas/_Row"}),
        (List[int], {"type": "array", "items": {"type": "integer"}}),
        (Dict[str, float], {"type": "object", "additionalProperties": {"type": "number"}}),
        (Optional[_Point], {"anyOf": [{"$ref": "#/components/schemas/_Point"}, {"type": "null"}]}),
        (Union[int, str], {"type": "integer"}),
        (Union[_Row, Response], {"$ref": "#/components/schemas/_Row"}),
        (None, {}),
        (object, {}),
        (Any, {}),
        (List[_NoSchema], {}),
        (Tuple[_Row, int], {}),
    ],
)
def test_the_annotated_type_of_what_a_handler_returns_is_a_schema(annotation: Any, expected: Dict[str, Any]) -> None:
    class Thing:
        async def on_get(self, req: Any, resp: Any) -> Any: ...

    async def function() -> Any: ...

    Thing.on_get.__annotations__["return"] = function.__annotations__["return"] = annotation
    app = Fenrir()
    app.add_route("/responder", Thing())
    app.get("/function")(function)
    for path in ("/responder", "/function"):
        content = app.openapi()["paths"][path]["get"]["responses"]["200"]["content"]
        schema = content["application/json"]["schema"]
        assert {key: value for key, value in schema.items() if key != "title"} == expected


def test_text_among_what_a_handler_returns_has_its_own_type() -> None:
    class Thing:
        async def on_get(self, req: Any, resp: Any) -> Union[List[int], str]:
            return "text"

    app = Fenrir()
    app.add_route("/", Thing())
    content = app.openapi()["paths"]["/"]["get"]["responses"]["200"]["content"]
    assert sorted(content) == ["application/json", "text/html"]


def test_the_routes_of_a_mounted_real_app_are_listed() -> None:
    real = pytest.importorskip("falcon.asgi")
    inspect = pytest.importorskip("fenrir_cli.inspect")
    if real.__name__ != "falcon.asgi":
        pytest.skip("falcon is an alias here")

    class Thing:
        async def on_get(self, req: Any, resp: Any, number: int) -> None: ...

    legacy = real.App()
    legacy.add_route("/things/{number:int}", Thing())
    app = Fenrir()
    app.mount("/legacy", legacy)
    found = [item for item in inspect.routes_of(app) if item.path.startswith("/legacy/")]
    assert [(item.methods, item.path, item.name, item.owner) for item in found] == [
        (("GET",), "/legacy/things/{number:int}", "Thing", "falcon")
    ]
