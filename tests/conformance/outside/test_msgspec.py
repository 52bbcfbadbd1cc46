# mypy: disable-error-code="no-untyped-def, no-untyped-call, import-not-found, import-untyped, misc"
"""An outsider's plugin for msgspec: structs and MessagePack in every style of handlers and every class of apps."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional

import pytest

import fenrir_bottle
import fenrir_falcon
import fenrir_falcon.asgi
import fenrir_fastapi
import fenrir_flask
import fenrir_sanic
import fenrir_sanic.response
from fenrir_core import App, Fenrir, JSONResponse
from fenrir_core.testing import SyncClient, check_plugin, make_app

msgspec = pytest.importorskip("msgspec")

HERE = Path(__file__).resolve().parent
MSGPACK = "application/msgpack"


class Item(msgspec.Struct):
    name: str
    price: float = 1.5


ITEM = Item("pen")
WRITTEN = {"name": "pen", "price": 1.5}


@pytest.fixture(autouse=True)
def plugin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return the plugin's module; it is not installed, so that no other test has it."""
    monkeypatch.syspath_prepend(str(HERE / "acme-msgspec" / "src"))
    from acme_msgspec import plugin

    yield plugin
    for name in [name for name in sys.modules if name.startswith("acme_msgspec")]:
        del sys.modules[name]


class Resource:
    """A resource that answers with `media`."""

    def __init__(self, media: Any) -> None:
        self.media = media

    async def on_get(self, req: Any, resp: Any) -> None:
        resp.media = self.media


#: An app of each kind: the hybrid one and the own class of each paradigm.
CLASSES: Dict[str, Callable[[Any], Any]] = {
    "hybrid": lambda plugins: Fenrir(plugins=plugins, autoload=False),
    "fastapi": lambda plugins: fenrir_fastapi.FastAPI(plugins=plugins),
    "flask": lambda plugins: fenrir_flask.Flask("shop", plugins=plugins),
    "falcon": lambda plugins: fenrir_falcon.asgi.App(plugins=plugins),
    "sanic": lambda plugins: fenrir_sanic.Sanic("shop", plugins=plugins),
    "bottle": lambda plugins: fenrir_bottle.Bottle(plugins=plugins),
}


def serving(kind: str, value: Any, plugin: Any) -> Any:
    """Return an app of a kind whose route ``/`` answers with a value, in the usual way of its framework."""
    app = CLASSES[kind]([plugin])
    if kind == "falcon":
        app.add_route("/", Resource(value))
    elif kind == "sanic":
        app.get("/")(lambda request: fenrir_sanic.response.json(value))
    else:
        app.get("/")(lambda: value)
    return app


KINDS = ("hybrid", "fastapi", "flask", "falcon", "sanic", "bottle")


def get(app: App, path: str = "/", **options: Any) -> Any:
    with SyncClient(app) as client:
        return client.get(path, **options)


# ---------------------------------------------------------------- answers


@pytest.mark.parametrize("kind", KINDS)
def test_a_struct_is_answered_as_json_in_each_class_of_apps(kind: str, plugin: Any) -> None:
    answer = get(serving(kind, ITEM, plugin))
    assert (answer.status, answer.json()) == (200, WRITTEN)
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("kind", KINDS)
def test_structs_inside_of_a_dict_are_written_in_each_class_of_apps(kind: str, plugin: Any) -> None:
    value = {"best": ITEM, "all": [ITEM, {"again": (ITEM,)}]}
    assert get(serving(kind, value, plugin)).json() == {"best": WRITTEN, "all": [WRITTEN, {"again": [WRITTEN]}]}


@pytest.mark.parametrize("kind", ["hybrid", "flask"])
@pytest.mark.parametrize("annotation", [None, Item])
def test_a_struct_in_a_tuple_with_status_and_headers(kind: str, annotation: Any, plugin: Any) -> None:
    app = serving(kind, ITEM, plugin)

    def create():
        return ITEM, 201, {"x-made": "1"}

    if annotation:
        create.__annotations__["return"] = annotation
    app.post("/")(create)
    with SyncClient(app) as client:
        answer = client.post("/")
    assert (answer.status, answer.headers["x-made"], answer.json()) == (201, "1", WRITTEN)


@pytest.mark.parametrize("kind", ["hybrid", "fastapi", "flask", "bottle"])
def test_a_struct_that_is_annotated_is_answered(kind: str, plugin: Any) -> None:
    app = serving(kind, ITEM, plugin)

    def view() -> Item:
        return ITEM

    app.get("/annotated")(view)
    assert get(app, "/annotated").json() == WRITTEN


def test_sanic_answers_with_a_struct_that_is_returned(plugin: Any) -> None:
    app = fenrir_sanic.Sanic("shop", plugins=[plugin])
    app.get("/")(lambda request: ITEM)
    assert get(app).json() == WRITTEN


@pytest.mark.parametrize("is_hybrid", [True, False])
def test_flasks_jsonify_writes_structs(is_hybrid: bool, plugin: Any) -> None:
    app = make_app([plugin]) if is_hybrid else fenrir_flask.Flask("shop", plugins=[plugin])

    @app.get("/")
    def view():
        return fenrir_flask.jsonify(ITEM, [ITEM])

    assert get(app).json() == [WRITTEN, [WRITTEN]]


def test_the_hybrid_app_writes_structs_in_the_ways_of_all_paradigms(plugin: Any) -> None:
    app = Fenrir(plugins=[plugin], autoload=False)
    router, flask, sanic = fenrir_fastapi.APIRouter(), fenrir_flask.Blueprint("f", "f"), fenrir_sanic.Blueprint("s")

    async def value():
        return {"item": ITEM}

    async def annotated() -> List[Item]:
        return [ITEM]

    router.get("/fastapi")(value)
    router.get("/annotated")(annotated)
    app.include_router(router)
    flask.route("/flask")(value)
    app.register_blueprint(flask)
    app.add_route("/falcon", Resource({"item": ITEM}))
    sanic.get("/sanic")(lambda request: fenrir_sanic.response.json({"item": ITEM}))
    app.blueprint(sanic)
    with SyncClient(app) as client:
        for path in ("/fastapi", "/flask", "/falcon", "/sanic"):
            assert client.get(path).json() == {"item": WRITTEN}, path
        assert client.get("/annotated").json() == [WRITTEN]


def test_a_websocket_sends_structs(plugin: Any) -> None:
    app = make_app([plugin])

    @app.websocket("/ws")
    async def socket(websocket: Any) -> None:
        await websocket.accept()
        await websocket.send_json({"item": ITEM})

    with SyncClient(app) as client, client.websocket("/ws") as websocket:
        assert json.loads(websocket.receive()) == {"item": WRITTEN}


def test_a_mounted_app_has_its_own_encoders_only(plugin: Any) -> None:
    inner, app = make_app([]), make_app([plugin])
    for item in (inner, app):
        item.get("/x")(lambda: {"item": ITEM})
    app.mount("/inner", inner)
    with SyncClient(app, raise_errors=False) as client:
        assert [client.get(path).status for path in ("/x", "/inner/x")] == [200, 500]


# ---------------------------------------------------------------- FastAPI's models


def model_apps(plugins: Any) -> List[Any]:
    return [fenrir_fastapi.FastAPI(plugins=plugins), Fenrir(plugins=plugins, autoload=False)]


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize("annotation", [Item, List[Item], Dict[str, Item], Optional[Item]])
def test_a_response_model_of_structs_holds(index: int, annotation: Any, plugin: Any) -> None:
    value = {List[Item]: [ITEM], Dict[str, Item]: {"a": ITEM}}.get(annotation, ITEM)
    app = model_apps([plugin])[index]

    @app.get("/", response_model=annotation)
    async def right():
        return value

    @app.get("/wrong", response_model=annotation)
    async def wrong():
        return {"name": 1}

    with SyncClient(app, raise_errors=False) as client:
        written = {List[Item]: [WRITTEN], Dict[str, Item]: {"a": WRITTEN}}.get(annotation, WRITTEN)
        assert client.get("/").json() == written
        assert client.get("/wrong").status == 500


def test_a_router_with_structs_is_included_by_an_app_with_the_plugin(plugin: Any) -> None:
    router = fenrir_fastapi.APIRouter()

    @router.get("/")
    async def view() -> Item:
        return ITEM

    app = fenrir_fastapi.FastAPI(plugins=[plugin])
    app.include_router(router)
    assert get(app).json() == WRITTEN
    with pytest.raises(fenrir_fastapi.exceptions.FastAPIError, match=r"test_msgspec.py:\d+: .*view\(\) returns"):
        fenrir_fastapi.FastAPI().include_router(router)


def test_without_the_plugin_a_struct_as_model_is_refused_where_it_is_declared() -> None:
    app = fenrir_fastapi.FastAPI()
    with pytest.raises(fenrir_fastapi.exceptions.FastAPIError, match="plugin has an encoder"):

        @app.get("/")
        async def view() -> Item:
            return ITEM


def test_jsonable_encoder_converts_structs(plugin: Any) -> None:
    app = fenrir_fastapi.FastAPI(plugins=[plugin])

    @app.get("/")
    async def view():
        return {"text": str(fenrir_fastapi.encoders.jsonable_encoder([{"item": ITEM}]))}

    assert get(app).json() == {"text": str([{"item": WRITTEN}])}


# ---------------------------------------------------------------- parameters and bodies


def taking(kind: str, plugin: Any) -> Any:
    """Return an app of a kind whose route ``POST /`` answers with the name in a struct that it takes."""

    async def take(item: Item):
        return {"name": item.name}

    async def take_sanic(request, item: Item):
        return fenrir_sanic.response.json({"name": item.name})

    class Taking:
        async def on_post(self, req, resp, item: Item):
            resp.media = {"name": item.name}

    app = CLASSES[kind]([plugin])
    if kind == "falcon":
        app.add_route("/", Taking())
    elif kind == "bottle":

        @app.post("/")
        def take_bottle(item: Item):
            return {"name": item.name}

    else:
        app.post("/")(take_sanic if kind == "sanic" else take)
    return app


@pytest.mark.parametrize("kind", KINDS)
def test_a_struct_is_a_parameter_in_each_class_of_apps(kind: str, plugin: Any) -> None:
    with SyncClient(taking(kind, plugin)) as client:
        assert client.post("/", json={"name": "ink"}).json() == {"name": "ink"}
        assert client.post("/", json={"name": 1}).status == 422
        packed = msgspec.msgpack.encode({"name": "ink"})
        assert client.post("/", body=packed, headers={"content-type": MSGPACK}).json() == {"name": "ink"}
        assert client.post("/", body=b"\xc1", headers={"content-type": MSGPACK}).status == 400


def read_falcon() -> Any:
    class Reading:
        async def on_post(self, req, resp):
            resp.media = {"read": await req.get_media()}

    return Reading()


async def read_fastapi(body: Dict[str, Any]):
    return {"read": body}


READERS: Dict[str, Callable[[Any], Any]] = {
    "hybrid": lambda app: app.post("/")(read_kernel),
    "fastapi": lambda app: app.post("/")(read_fastapi),
    "flask": lambda app: app.post("/")(lambda: {"read": fenrir_flask.request.json}),
    "falcon": lambda app: app.add_route("/", read_falcon()),
    "sanic": lambda app: app.post("/")(lambda request: fenrir_sanic.response.json({"read": request.json})),
    "bottle": lambda app: app.post("/")(lambda: {"read": fenrir_bottle.request.json}),
}


async def read_kernel(request):
    return {"read": await request.json()}


@pytest.mark.parametrize("kind", KINDS)
def test_messagepack_is_read_where_json_is(kind: str, plugin: Any) -> None:
    app = CLASSES[kind]([plugin])
    READERS[kind](app)
    with SyncClient(app) as client:
        packed = msgspec.msgpack.encode({"a": [1, "x"]})
        answer = client.post("/", body=packed, headers={"content-type": MSGPACK})
        assert (answer.status, answer.json()) == (200, {"read": {"a": [1, "x"]}})
        wrong = client.post("/", body=b"\xc1", headers={"content-type": MSGPACK})
        assert wrong.status == (422 if kind == "fastapi" else 400)


# ---------------------------------------------------------------- MessagePack by Accept


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("accept", "is_packed"),
    [
        (MSGPACK, True),
        ("application/json;q=0.5, application/msgpack", True),
        ("application/msgpack;q=0.5, application/json", False),
        ("application/msgpack, */*;q=0.1", True),
        ("*/*", False),
        ("application/*", False),
        ("text/html", False),
        (None, False),
    ],
)
def test_an_answer_is_written_in_what_the_client_prefers(
    kind: str, accept: Optional[str], is_packed: bool, plugin: Any
) -> None:
    answer = get(serving(kind, {"item": ITEM}, plugin), headers={} if accept is None else {"accept": accept})
    assert answer.headers["content-type"] == (MSGPACK if is_packed else "application/json")
    assert (msgspec.msgpack.decode(answer.body) if is_packed else answer.json()) == {"item": WRITTEN}
    assert answer.headers["vary"] == "Accept"
    assert answer.headers["content-length"] == str(len(answer.body))


def test_sanic_writes_a_returned_struct_in_what_the_client_prefers(plugin: Any) -> None:
    app = fenrir_sanic.Sanic("shop", plugins=[plugin])
    app.get("/")(lambda request: ITEM)
    answer = get(app, headers={"accept": MSGPACK})
    assert msgspec.msgpack.decode(answer.body) == WRITTEN


@pytest.mark.parametrize("kind", ["hybrid", "flask"])
@pytest.mark.parametrize("is_tuple", [True, False])
def test_flasks_jsonify_is_written_in_what_the_client_prefers(kind: str, is_tuple: bool, plugin: Any) -> None:
    app = CLASSES[kind]([plugin])
    app.get("/")(lambda: (fenrir_flask.jsonify(ITEM), 201) if is_tuple else fenrir_flask.jsonify(ITEM))
    with SyncClient(app) as client:
        answer = client.get("/", headers={"accept": MSGPACK})
        assert (answer.status, msgspec.msgpack.decode(answer.body)) == (201 if is_tuple else 200, WRITTEN)
        assert (answer.headers["content-type"], answer.headers["vary"]) == (MSGPACK, "Accept")
        assert answer.headers["content-length"] == str(len(answer.body))
        assert client.get("/").json() == WRITTEN


@pytest.mark.parametrize("kind", ["hybrid", "sanic"])
def test_the_value_of_sanics_json_is_changed_after_it_was_negotiated(kind: str, plugin: Any) -> None:
    app = CLASSES[kind]([plugin])

    @app.get("/")
    async def view(request):
        return fenrir_sanic.response.json({"item": ITEM}, headers={"x-own": "1"})

    @app.middleware("response")
    async def add(request, response):
        response.update(seen=response.raw_body["item"].name)

    with SyncClient(app) as client:
        packed = client.get("/", headers={"accept": MSGPACK})
        expected = {"item": WRITTEN, "seen": "pen"}
        assert msgspec.msgpack.decode(packed.body) == client.get("/").json() == expected
        assert (packed.headers["x-own"], packed.headers["content-type"]) == ("1", MSGPACK)


def test_what_a_handler_writes_itself_stays_as_it_is(plugin: Any) -> None:
    app = make_app([plugin])
    app.get("/response")(lambda: JSONResponse({"a": 1}))
    app.get("/text")(lambda: "plain")
    app.get("/dumps")(lambda: fenrir_sanic.response.json({"a": 1}, dumps=json.dumps))
    app.get("/type")(lambda: fenrir_sanic.response.json({"a": 1}, content_type="application/problem+json"))

    def tagged():
        response = fenrir_flask.jsonify(a=1)
        response.headers["etag"] = '"of the JSON"'
        return response

    app.get("/etag")(tagged)
    with SyncClient(app) as client:
        assert client.get("/text", headers={"accept": MSGPACK}).text == "plain"
        for path in ("/response", "/dumps", "/type", "/etag"):
            assert client.get(path, headers={"accept": MSGPACK}).json() == {"a": 1}, path


def test_a_response_of_another_framework_stays_as_it_is(plugin: Any) -> None:
    starlette = pytest.importorskip("starlette.responses")
    app = CLASSES["hybrid"]([plugin])
    app.get("/")(lambda: starlette.JSONResponse({"a": 1}))
    assert get(app, headers={"accept": MSGPACK}).json() == {"a": 1}


def test_falcons_resp_text_stays_as_it_is(plugin: Any) -> None:
    class Texts:
        async def on_get(self, req, resp):
            resp.text = '{"a": 1}'

    app = fenrir_falcon.asgi.App(plugins=[plugin])
    app.add_route("/", Texts())
    assert get(app, headers={"accept": MSGPACK}).text == '{"a": 1}'


def test_what_is_no_json_value_by_itself_is_packed_as_json_writes_it(plugin: Any) -> None:
    from datetime import date

    answer = get(serving("hybrid", {"day": date(2020, 1, 2)}, plugin), headers={"accept": MSGPACK})
    assert msgspec.msgpack.decode(answer.body) == {"day": "2020-01-02"}


# ---------------------------------------------------------------- OpenAPI


@pytest.mark.parametrize("is_hybrid", [True, False])
def test_the_document_has_the_schemas_of_structs_in_and_out(is_hybrid: bool, plugin: Any) -> None:
    app: Any = CLASSES["hybrid" if is_hybrid else "fastapi"]([plugin])

    @app.post("/items")
    async def create(item: Item) -> List[Item]:
        return [item]

    document = app.openapi()
    operation = document["paths"]["/items"]["post"]
    ref = {"$ref": "#/components/schemas/Item"}
    for media_type in ("application/json", MSGPACK):
        assert operation["requestBody"]["content"][media_type]["schema"] == ref
        schema = operation["responses"]["200"]["content"][media_type]["schema"]
        assert (schema["type"], schema["items"]) == ("array", ref)
    assert document["components"]["schemas"]["Item"]["properties"]["name"] == {"type": "string"}
    assert list(document["components"]["schemas"]) == ["Item"]


def test_two_structs_of_one_name_are_two_components(plugin: Any) -> None:
    other = msgspec.defstruct("Item", [("weight", int)])
    app = CLASSES["hybrid"]([plugin])

    async def light(item: Item) -> None:
        """Take one."""

    async def heavy(item: Any) -> None:
        """Take the other."""

    heavy.__annotations__["item"] = other
    app.post("/light")(light)
    app.post("/heavy")(heavy)
    schemas = app.openapi()["components"]["schemas"]
    assert {name: list(schema["properties"]) for name, schema in schemas.items()} == {
        "Item": ["name", "price"],
        "Item_2": ["weight"],
    }


def test_the_document_is_valid(plugin: Any) -> None:
    validator = pytest.importorskip("openapi_spec_validator")
    app = fenrir_fastapi.FastAPI(plugins=[plugin])

    @app.put("/items")
    async def replace(item: Item) -> Dict[str, Item]:
        return {"item": item}

    validator.validate(app.openapi())


def test_it_passes_the_check() -> None:
    check_plugin("acme_msgspec.plugin", serve=True, spares={})
