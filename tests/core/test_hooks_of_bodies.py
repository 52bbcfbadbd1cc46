"""The hooks that say how values and bodies are written and read, and what templates see."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, Callable, Dict, List
from uuid import UUID

import pytest
from tests.core.hooks import ask, plugin, texts

from fenrir_core import (
    App,
    BuildError,
    Encoder,
    JSONResponse,
    MediaType,
    Request,
    Resolver,
    Response,
    ReturnHandler,
    TemplateContext,
)
from fenrir_core.authoring import dumps, make_dumps, template_context
from fenrir_core.testing import SyncClient, make_app

TEXT = "application/x-backwards"


class Money:
    def __init__(self, amount: int) -> None:
        self.amount = amount


class Euros(Money):
    """A subclass without an encoder of its own."""


class Dollars(Money):
    """A subclass with an encoder of its own."""


@dataclass
class Point:
    x: int


def encoders(*values: Any, name: str = "mine") -> Any:
    def fenrir_encoders() -> Any:
        return values

    return plugin(fenrir_encoders, name)


MONEY = Encoder(Money, lambda value: {"amount": value.amount})


def answers(value: Any, *plugins: Any) -> Any:
    app = make_app(plugins)
    app.get("/")(lambda: value)
    (answer,) = ask(app, "GET /")
    return answer


# ---------------------------------------------------------------- encoders


def test_fenrir_encoders_write_values_alone_inside_of_others_and_in_tuples_with_status() -> None:
    plugins = encoders(MONEY)
    assert answers(Money(1), plugins).json() == {"amount": 1}
    assert answers({"all": [Money(1), (Money(2),)]}, plugins).json() == {"all": [{"amount": 1}, [{"amount": 2}]]}
    answer = answers((Money(3), 201, {"x-a": "b"}), plugins)
    assert (answer.status, answer.headers["x-a"], answer.json()) == (201, "b", {"amount": 3})


def test_the_encoder_of_the_nearest_class_counts() -> None:
    found = answers([Money(1), Euros(2), Dollars(3)], encoders(MONEY, Encoder(Dollars, lambda value: value.amount)))
    assert found.json() == [{"amount": 1}, {"amount": 2}, 3]


def test_an_encoder_comes_before_the_form_that_json_has_for_dataclasses_and_dates() -> None:
    given = encoders(Encoder(Point, lambda value: [value.x]), Encoder(date, lambda value: value.year))
    assert answers([Point(1), date(2020, 1, 2)], given).json() == [[1], 2020]


def test_what_an_encoder_returns_is_converted_in_turn() -> None:
    given = encoders(MONEY, Encoder(Point, lambda value: {"cost": Money(value.x), "on": date(2020, 1, 2)}))
    assert answers(Point(4), given).json() == {"cost": {"amount": 4}, "on": "2020-01-02"}


@pytest.mark.parametrize("by_orjson", [True, False])
def test_both_codecs_ask_the_encoders_of_the_app(by_orjson: bool) -> None:
    write = make_dumps(by_orjson=by_orjson)
    app = make_app([encoders(MONEY)])
    app.get("/")(lambda: Response(write({"a": Money(1)})))
    assert texts(app, "GET /") == ['{"a":{"amount":1}}']


def test_a_response_object_and_dumps_in_a_handler_ask_them_too() -> None:
    app = make_app([encoders(MONEY)])
    app.get("/response")(lambda: JSONResponse([Money(1)]))
    app.get("/dumps")(lambda: dumps([Money(2)]))
    assert texts(app, "GET /response", "GET /dumps") == ['[{"amount":1}]', '[{"amount":2}]']


def test_outside_of_the_app_that_has_it_an_encoder_is_not_asked() -> None:
    inner, app = make_app([]), make_app([encoders(MONEY)])
    inner.get("/")(lambda: {"a": Money(1)})
    app.mount("/inner", inner)
    assert ask(app, "GET /inner/")[0].status == 500
    with pytest.raises(TypeError, match="Money has no JSON form"):
        dumps(Money(1))


def test_an_annotation_with_an_encoder_is_accepted_and_another_refused() -> None:
    def view() -> Money:
        return Euros(1)

    app = make_app([encoders(MONEY)])
    app.get("/")(view)
    assert texts(app, "GET /") == ['{"amount":1}']
    other = make_app([])
    other.get("/")(view)
    with pytest.raises(BuildError, match="annotated to return Money, which is no answer"):
        other.build()


def test_an_encoder_that_returns_the_value_itself_is_a_500_and_not_an_endless_loop() -> None:
    assert answers([Money(1)], encoders(Encoder(Money, lambda value: value))).status == 500


class Colour(Enum):
    RED = 1


class Name(str):
    """A text."""


@pytest.mark.parametrize(
    "kind", [str, Name, int, bool, dict, list, tuple, type(None), Colour, UUID, object, "Money", 1]
)
def test_an_encoder_of_what_json_writes_itself_is_refused_with_what_it_must_be(kind: Any) -> None:
    with pytest.raises(BuildError) as error:
        make_app([encoders(Encoder(kind, str))])
    assert str(error.value).startswith("fenrir_encoders of the plugin mine gave Encoder, whose `type` is ")
    assert "must be a class whose values JSON can't write by itself" in str(error.value)


def test_an_encoder_with_functions_of_other_arguments_is_refused() -> None:
    with pytest.raises(BuildError, match=r"whose `to_json` is .* function that can be called with \(value\)"):
        make_app([encoders(Encoder(Money, lambda: None))])
    with pytest.raises(BuildError, match=r"whose `schema` is .* function that can be called with \(type\)"):
        make_app([encoders(Encoder(Money, str, lambda: {}))])  # type: ignore[arg-type, misc]


async def convert_late(value: Any) -> Any:
    """Do what must be awaited."""


def test_an_asynchronous_encoder_media_type_or_template_context_is_refused() -> None:
    with pytest.raises(BuildError, match="whose `to_json` is .* must be a synchronous function"):
        make_app([encoders(Encoder(Money, convert_late))])
    with pytest.raises(BuildError, match=f"MediaType '{TEXT}', whose `loads` is .* must be a synchronous function"):
        make_app([media_types(MediaType(TEXT, convert_late, write_backwards))])
    app = make_app([context(convert_late)])
    app.get("/")(lambda: "")
    with pytest.raises(BuildError, match="TemplateContext 'mine', whose `names` is .* must be a synchronous function"):
        app.build()


def test_two_encoders_of_one_class_are_an_error_that_names_both_plugins() -> None:
    with pytest.raises(BuildError, match="The encoder of Money comes from both first and second: switch one off"):
        make_app([encoders(MONEY, name="first"), encoders(MONEY, name="second")])


def test_a_route_is_compiled_to_the_same_text_with_encoders_and_without() -> None:
    apps = [make_app(plugins) for plugins in ([], [encoders(MONEY)])]
    for app in apps:
        app.get("/")(lambda: {})
    first, second = (app.compiled_routes[0].source for app in apps)
    assert first == second


# ---------------------------------------------------------------- media types


def read_backwards(body: bytes) -> Any:
    return json.loads(body[::-1])


def write_backwards(value: Any) -> bytes:
    return json.dumps(value).encode()[::-1]


BACKWARDS = MediaType(TEXT, read_backwards, write_backwards)


def media_types(*values: Any, name: str = "mine") -> Any:
    def fenrir_media_types() -> Any:
        return values

    return plugin(fenrir_media_types, name)


def test_fenrir_media_types_are_read_where_json_is() -> None:
    app = make_app([media_types(BACKWARDS)])

    @app.post("/")
    async def index(request: Request) -> Any:
        return {"read": await request.json()}

    with SyncClient(app) as client:
        answer = client.post("/", body=write_backwards([1, "a"]), headers={"content-type": f"{TEXT}; v=1"})
        assert answer.json() == {"read": [1, "a"]}
        assert client.post("/", json=[2]).json() == {"read": [2]}


def test_a_malformed_body_of_a_media_type_is_a_400_that_names_it() -> None:
    app = make_app([media_types(BACKWARDS)])

    @app.post("/")
    async def index(request: Request) -> Any:
        return await request.json()

    with SyncClient(app) as client:
        answer = client.post("/", body=b"xx", headers={"content-type": TEXT})
    assert answer.status == 400
    assert answer.json()["detail"].startswith(f"Invalid {TEXT}: Expecting value")


@pytest.mark.parametrize("value", [{"a": 1}, [1], 1, True, {"on": date(2020, 1, 2)}, ({"a": 1}, 201)])
def test_a_plain_value_is_written_in_the_media_type_that_the_client_prefers(value: Any) -> None:
    app = make_app([media_types(BACKWARDS)])
    app.get("/")(lambda: value)
    with SyncClient(app) as client:
        plain = client.get("/")
        answer = client.get("/", headers={"accept": f"{TEXT}, application/json;q=0.9"})
    assert plain.headers["content-type"] == "application/json"
    assert (answer.status, answer.headers["content-type"]) == (plain.status, TEXT)
    assert read_backwards(answer.body) == plain.json()
    assert plain.headers["vary"] == answer.headers["vary"] == "Accept"
    assert answer.headers["content-length"] == str(len(answer.body))


def test_what_is_no_json_stays_as_it_is() -> None:
    app = make_app([media_types(BACKWARDS)])
    values: Dict[str, Any] = {"/text": "text", "/bytes": b"bytes", "/made": JSONResponse([1]), "/empty": Response()}
    for path, value in values.items():
        app.get(path)(lambda value=value: value)
    with SyncClient(app) as client:
        found = [client.get(path, headers={"accept": TEXT}) for path in values]
    assert [answer.text for answer in found] == ["text", "bytes", "[1]", ""]
    assert not any("vary" in answer.headers for answer in found)


def test_head_has_the_headers_of_the_negotiated_answer() -> None:
    app = make_app([media_types(BACKWARDS)])
    app.get("/")(lambda: {"a": 1})
    with SyncClient(app) as client:
        answer = client.request("HEAD", "/", headers={"accept": TEXT})
    assert (answer.headers["content-type"], answer.headers["content-length"], answer.body) == (TEXT, "8", b"")


def test_what_a_guard_or_an_error_handler_returns_is_negotiated_too() -> None:
    app = make_app([media_types(BACKWARDS)])

    @app.exception_handler(KeyError)
    async def lost(request: Any, error: KeyError) -> Any:
        return {"lost": True}, 404

    @app.get("/")
    async def index() -> None:
        raise KeyError

    with SyncClient(app) as client:
        answer = client.get("/", headers={"accept": TEXT})
    assert (answer.status, read_backwards(answer.body)) == (404, {"lost": True})


def test_an_app_without_media_types_sends_no_vary() -> None:
    assert "vary" not in answers({"a": 1}).headers


@pytest.mark.parametrize(
    "name",
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/html", "application/a+json",
     "msgpack", "application/*", "Application/X", "application/x; v=1", 1],
)  # fmt: skip
def test_a_media_type_that_the_kernel_reads_itself_or_that_is_none_is_refused(name: Any) -> None:
    with pytest.raises(BuildError, match="whose `name` is .* must be a media type without parameters"):
        make_app([media_types(MediaType(name, read_backwards, write_backwards))])


def test_two_plugins_with_one_media_type_are_an_error_that_names_both() -> None:
    with pytest.raises(BuildError, match=f"The media type {TEXT} comes from both first and second"):
        make_app([media_types(BACKWARDS, name="first"), media_types(BACKWARDS, name="second")])


def test_a_media_type_that_writes_no_bytes_is_a_500_that_names_it(caplog: pytest.LogCaptureFixture) -> None:
    app = make_app([media_types(MediaType(TEXT, read_backwards, json.dumps))])  # type: ignore[arg-type]
    app.get("/")(lambda: {"a": 1})
    with SyncClient(app, raise_errors=False) as client:
        assert client.get("/", headers={"accept": TEXT}).status == 500
    assert f"`dumps` of the media type {TEXT} returned str, not bytes." in caplog.text


# ---------------------------------------------------------------- return handlers that hand on


def return_handler(convert: Callable[..., Any], name: str = "mine", **options: Any) -> Any:
    def fenrir_make_return_handler(route: Any) -> Any:
        return ReturnHandler(convert, **options)

    return plugin(fenrir_make_return_handler, name)


def only_money(request: Any, value: Any) -> Any:
    return Response(f"{value.amount} money") if isinstance(value, Money) else NotImplemented


async def only_points(request: Any, value: Any) -> Any:
    return Response(f"{value.x} points") if isinstance(value, Point) else NotImplemented


@pytest.mark.parametrize(
    ("value", "text", "status"),
    [(Money(1), "1 money", 200), ({"a": 1}, '{"a":1}', 200), (("made", 201, {}), "made", 201), ("text", "text", 200)],
)
def test_a_return_handler_hands_on_what_is_not_its_own(value: Any, text: str, status: int) -> None:
    answer = answers(value, return_handler(only_money))
    assert (answer.text, answer.status) == (text, status)


def test_several_return_handlers_are_called_in_turn_also_asynchronous_ones() -> None:
    plugins = return_handler(only_money, "a"), return_handler(only_points, "b", is_async=True)
    found = [answers(value, *plugins).text for value in (Money(1), Point(2), [3])]
    assert found == ["1 money", "2 points", "[3]"]


def test_a_handed_on_value_may_be_annotated_with_the_type_that_only_the_plugin_answers() -> None:
    app = make_app([return_handler(only_money)])

    def view() -> Money:
        return "text", 201  # type: ignore[return-value]

    app.get("/")(view)
    assert ask(app, "GET /")[0].status == 201


def test_a_value_that_all_hand_on_and_the_table_refuses_is_a_500() -> None:
    assert answers(Point, return_handler(only_money)).status == 500


# ---------------------------------------------------------------- what resolvers say for OpenAPI


@pytest.mark.parametrize(
    "part",
    [{"parameter": []}, {"parameters": {}}, {"parameters": [{"name": "q"}]}, {"security": "bearer"}, [], "query"],
)
def test_a_resolver_that_describes_itself_wrongly_is_refused(part: Any) -> None:
    def fenrir_make_resolver(param: Any) -> Any:
        return Resolver(lambda connection: 1, openapi=part)

    app = make_app([plugin(fenrir_make_resolver)])
    app.get("/")(lambda number: str(number))
    with pytest.raises(BuildError, match="Resolver, whose `openapi` is .* must be a dict with some of 'parameters'"):
        app.build()


# ---------------------------------------------------------------- template context


def context(names: Callable[..., Any], name: str = "mine", **options: Any) -> Any:
    def fenrir_template_context(build: Any) -> Any:
        assert build.routes
        yield TemplateContext(name, names, **options)

    return plugin(fenrir_template_context, name)


def shown(app: App, path: str = "/") -> Any:
    return json.loads(texts(app, f"GET {path}")[0])


def test_fenrir_template_context_gives_the_names_for_a_request() -> None:
    app = make_app(
        [
            context(lambda connection: {"path": connection.path, "by": "first"}, "a"),
            context(lambda connection: {"by": "second"}, "b"),
            context(lambda connection: {"secret": 1}, "c", applies=lambda route: route.path == "/admin"),
        ]
    )

    async def index(request: Request) -> Any:
        return template_context(request)

    app.get("/")(index)
    app.get("/admin")(index)
    assert shown(app) == {"path": "/", "by": "second"}
    assert shown(app, "/admin") == {"path": "/admin", "by": "second", "secret": 1}


def test_an_app_without_shared_names_has_none() -> None:
    app = make_app([])

    async def index(request: Request) -> Any:
        return template_context(request)

    app.get("/")(index)
    assert shown(app) == {}


def test_a_template_context_that_returns_no_mapping_is_told_with_its_plugin(caplog: pytest.LogCaptureFixture) -> None:
    app = make_app([context(lambda connection: ["name"])])

    async def index(request: Request) -> Any:
        return template_context(request)

    app.get("/")(index)
    assert ask(app, "GET /")[0].status == 500
    assert "The template context 'mine' of the plugin mine returned list; it must return a mapping" in caplog.text


def test_a_template_context_that_takes_no_connection_is_refused() -> None:
    app = make_app([context(lambda: {})])
    app.get("/")(lambda: "")
    with pytest.raises(BuildError, match=r"TemplateContext 'mine', whose `names` is .* called with \(connection\)"):
        app.build()


def test_hooks_for_bodies_are_called_once_for_an_app() -> None:
    seen: List[str] = []

    def fenrir_encoders() -> Any:
        seen.append("encoders")
        return ()

    def fenrir_media_types() -> Any:
        seen.append("media types")
        return ()

    app = make_app([plugin(fenrir_encoders, "a"), plugin(fenrir_media_types, "b")])
    app.get("/")(lambda: {"a": 1})
    ask(app, "GET /", "GET /")
    assert seen == ["encoders", "media types"]
