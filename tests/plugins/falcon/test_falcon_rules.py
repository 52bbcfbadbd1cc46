"""Rules in which Falcon's own app follows Falcon rather than the hybrid app."""

from __future__ import annotations

import asyncio
from copy import copy
from datetime import datetime
from importlib import import_module
from typing import Any, Dict, List, Optional

import pytest

import fenrir_falcon as falcon
import fenrir_falcon.asgi
from fenrir_core import Encoder, hookimpl
from fenrir_falcon import inspect, testing


def serve(template: str, resource: Any, path: str, app: Any = None, **kwargs: Any) -> testing.Result:
    app = fenrir_falcon.asgi.App() if app is None else app
    app.add_route(template, resource)
    return testing.simulate_request(app, kwargs.pop("method", "GET"), path, **kwargs)


class Show:
    async def on_get(self, req: Any, resp: Any, **params: Any) -> None:
        resp.text = repr(sorted(params.items()))


def test_the_status_is_a_line_from_the_start() -> None:
    seen: List[Any] = []

    class Component:
        async def process_response(self, req: Any, resp: Any, resource: Any, ok: bool) -> None:
            seen.append(resp.status)

    app = fenrir_falcon.asgi.App(middleware=[Component()])
    serve("/", Show(), "/", app)
    assert seen == [falcon.HTTP_200]


def test_middleware_gives_parameters_that_the_path_has_not() -> None:
    class Auth:
        async def process_resource(self, req: Any, resp: Any, resource: Any, params: Dict[str, Any]) -> None:
            params["user"] = "ada"

    class Hello:
        async def on_get(self, req: Any, resp: Any, user: str) -> None:
            resp.text = user

    assert serve("/", Hello(), "/", fenrir_falcon.asgi.App(middleware=[Auth()])).text == "ada"


def test_a_parameter_that_nothing_gives_fails_that_request_alone() -> None:
    class Mixed:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.text = "fine"

        async def on_post(self, req: Any, resp: Any, missing: str) -> None: ...

    app = fenrir_falcon.asgi.App()
    assert serve("/", Mixed(), "/", app).text == "fine"
    assert testing.simulate_post(app, "/").status_code == 500


def test_process_request_routes_again_by_a_new_path() -> None:
    class Rewrite:
        async def process_request(self, req: Any, resp: Any) -> None:
            req.path = req.path.replace("/old/", "/new/")

    app = fenrir_falcon.asgi.App(middleware=[Rewrite()])
    assert serve("/new/{name}", Show(), "/old/a", app).text == "[('name', 'a')]"


def test_the_last_resource_of_a_path_serves_it() -> None:
    class Other:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.text = "other"

    app = fenrir_falcon.asgi.App()
    app.add_route("/", Show())
    assert serve("/", Other(), "/", app).text == "other"


def test_a_resource_without_responders_allows_only_options() -> None:
    result = serve("/", object(), "/")
    assert (result.status_code, result.headers["allow"]) == (405, "OPTIONS")


def test_options_names_the_other_methods() -> None:
    assert serve("/", Show(), "/", method="OPTIONS").headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ('/{t:dt("%Y-%m-%d")}', "/2030-01-02", [("t", datetime(2030, 1, 2))]),
        ("/{n:int(2)}", "/42", [("n", 42)]),
        ("/{n:int(min=5)}", "/4", None),
        ("/{a}.{b:int}", "/x.1", [("a", "x"), ("b", 1)]),
        ("/x/{rest:path}", "/x/a/b", [("rest", "a/b")]),
    ],
)
def test_fields_take_falcons_converters(template: str, path: str, expected: Optional[Any]) -> None:
    result = serve(template, Show(), path)
    assert (result.text if expected else result.status_code) == (repr(expected) if expected else 404)


def test_an_app_has_converters_of_its_own() -> None:
    class Upper(falcon.routing.BaseConverter):
        def convert(self, value: str) -> str:
            return value.upper()

    app = fenrir_falcon.asgi.App()
    app.router_options.converters["upper"] = Upper
    assert serve("/{name:upper}", Show(), "/ada", app).text == "[('name', 'ADA')]"


def test_a_router_of_the_apps_own_finds_the_resources() -> None:
    class Router:
        def add_route(self, template: str, resource: Any, **kwargs: Any) -> None:
            self.resource = resource

        def find(self, path: str, req: Any = None) -> Any:
            return self.resource, {"GET": self.resource.on_get}, {"path": path}, None

    assert serve("anything", Show(), "/x/y", fenrir_falcon.asgi.App(router=Router())).text == "[('path', '/x/y')]"


@pytest.mark.parametrize("template", ["no-slash", "/a//b", "/{a}/{a}", "/{1a}", "/{a:nothing}"])
def test_a_malformed_template_is_an_error_where_it_is_added(template: str) -> None:
    with pytest.raises(ValueError, match="."):
        fenrir_falcon.asgi.App().add_route(template, Show())


def test_the_errors_of_process_response_reach_the_apps_handlers() -> None:
    class Component:
        async def process_response(self, req: Any, resp: Any, resource: Any, ok: bool) -> None:
            raise KeyError("x")

    async def handle(req: Any, resp: Any, error: Any, params: Any) -> None:
        resp.status, resp.text = 409, "handled"

    app = fenrir_falcon.asgi.App(middleware=[Component()])
    app.add_error_handler(KeyError, handle)
    result = serve("/", Show(), "/", app)
    assert (result.status_code, result.text) == (409, "handled")


def test_middleware_that_is_no_object_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="not its name"):
        fenrir_falcon.asgi.App().add_middleware("x")


def test_headers_that_can_be_iterated_once_are_read() -> None:
    sent: List[Any] = []

    class Id:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.text = req.get_header("X-Id")

    app = fenrir_falcon.asgi.App()
    app.add_route("/", Id())
    scope = testing.create_scope()
    scope["headers"] = iter([iter([b"x-id", b"7"])])

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, testing.ASGIRequestEventEmitter(), send))  # type: ignore[arg-type]
    assert sent[1]["body"] == b"7"


def test_an_unknown_protocol_is_refused() -> None:
    scope = {**testing.create_scope(), "type": "pigeons"}
    with pytest.raises(falcon.UnsupportedScopeError):
        asyncio.run(fenrir_falcon.asgi.App()(scope, None, None))  # type: ignore[arg-type]


def test_media_may_be_awaited() -> None:
    class Read:
        async def on_post(self, req: Any, resp: Any) -> None:
            resp.media = await req.media

    assert serve("/", Read(), "/", method="POST", json=[1]).json == [1]


def test_a_multipart_form_is_read_part_by_part() -> None:
    class Upload:
        async def on_post(self, req: Any, resp: Any) -> None:
            resp.media = [
                [part.name, part.secure_filename if part.filename else None, await part.get_text()]
                async for part in await req.get_media()
            ]

    body = (
        '--B\r\nContent-Disposition: form-data; name="a"\r\n\r\none\r\n'
        '--B\r\nContent-Disposition: form-data; name="b"; filename="../x.txt"\r\n\r\ntwo\r\n--B--\r\n'
    )
    result = serve("/", Upload(), "/", method="POST", body=body, content_type="multipart/form-data; boundary=B")
    assert result.json == [["a", None, "one"], ["b", "_._x.txt", "two"]]


def test_a_media_handler_that_is_only_asynchronous_is_called() -> None:
    class Handler(falcon.media.BaseHandler):
        async def deserialize_async(self, stream: Any, content_type: Any, content_length: Any) -> Any:
            return (await stream.read()).decode().upper()

        async def serialize_async(self, media: Any, content_type: str) -> bytes:
            return f"<{media}>".encode()

    class Shout:
        async def on_post(self, req: Any, resp: Any) -> None:
            resp.content_type, resp.media = "text/x", await req.get_media()

    app = fenrir_falcon.asgi.App()
    app.req_options.media_handlers["text/x"] = app.resp_options.media_handlers["text/x"] = Handler()
    assert serve("/", Shout(), "/", app, method="POST", body="ada", content_type="text/x").text == "<ADA>"


@pytest.mark.parametrize(
    ("header", "route", "prefix"),
    [
        ({"Forwarded": "for=1.2.3.4;proto=https;host=a.test, for=5.6.7.8"}, ["1.2.3.4", "5.6.7.8"], "https://a.test"),
        ({"X-Forwarded-Proto": "https", "X-Forwarded-Host": "b.test"}, [], "https://b.test"),
    ],
)
def test_what_proxies_say_is_read(header: Any, route: List[str], prefix: str) -> None:
    req = testing.create_asgi_req(headers=header)
    assert req.access_route == [*route, "127.0.0.1"]
    assert (req.forwarded_prefix, req.forwarded_uri) == (prefix, f"{prefix}/")


def test_an_app_is_described() -> None:
    app = fenrir_falcon.asgi.App(middleware=[falcon.CORSMiddleware()])
    app.add_route("/x/{a}", Show())
    app.add_sink(lambda req, resp: None, "/s")
    text = inspect.inspect_app(app).to_string()
    assert "⇒ /x/{a} - Show:\n       └── GET - on_get" in text
    assert "→ CORSMiddleware.process_response_async" in text


def test_an_app_is_a_wsgi_application_too() -> None:
    class Sync:
        def on_post(self, req: Any, resp: Any) -> None:
            resp.data = req.bounded_stream.read()
            resp.set_header("X-Env", req.env["REQUEST_METHOD"])

    app = falcon.App()
    app.add_route("/", Sync())
    start = testing.StartResponseMock()
    environ = testing.create_environ(method="POST", body="héllo")
    body = b"".join(testing.closed_wsgi_iterable(app(environ, start)))
    app._wsgi.close()  # type: ignore[union-attr]  # its thread
    assert (start.status, start.headers_dict["x-env"], body.decode()) == ("200 OK", "POST", "héllo")


def test_a_subclass_calls_the_hooked_responder_of_its_base() -> None:
    def number(req: Any, resp: Any, resource: Any, params: Dict[str, Any]) -> None:
        params["item_id"] = int(params["item_id"])

    class Base:
        @falcon.before(number)
        def on_get(self, req: Any, resp: Any, item_id: Any) -> None:
            resp.media = item_id

    class Child(Base):
        def on_get(self, req: Any, resp: Any, item_id: Any) -> None:
            super().on_get(req, resp, item_id)

    assert serve("/{item_id}", Child(), "/7").json == 7


def test_media_that_failed_fails_again() -> None:
    class Twice:
        async def on_post(self, req: Any, resp: Any) -> None:
            errors = []
            for _ in range(2):
                try:
                    await req.get_media()
                except falcon.MediaNotFoundError as error:
                    errors.append(error)
            resp.media = errors[0] is errors[1]

    assert serve("/", Twice(), "/", method="POST").json is True


def test_a_copy_of_an_app_has_components_of_its_own() -> None:
    class Mark:
        def __init__(self, name: str) -> None:
            self.name = name

        async def process_response(self, req: Any, resp: Any, resource: Any, ok: bool) -> None:
            resp.append_header("X-Mark", self.name)

    app = fenrir_falcon.asgi.App(middleware=[Mark("a")])
    app.add_route("/", Show())
    other = copy(app)
    other.add_middleware(Mark("b"))
    assert testing.simulate_get(app, "/").headers["x-mark"] == "a"
    assert testing.simulate_get(other, "/").headers["x-mark"] == "b, a"


#: The names that public code imports, by the module that it imports them from.
IMPORTED = {
    "falcon": "async_to_sync MEDIA_TEXT MEDIA_YAML MEDIA_MSGPACK HTTP_703 HTTP_702 HTTP_792 to_query_str http_now "
    "DEFAULT_MEDIA_TYPE COMBINED_METHODS HTTP_METHODS WebSocketServerError PayloadTypeError OperationNotAllowed",
    "falcon.testing": "TestClient simulate_get simulate_post create_environ create_req create_asgi_req create_scope "
    "ASGIConductor SimpleTestResource SimpleTestResourceAsync TestCase capture_responder_args set_resp_defaults",
    "falcon.util": "to_query_str http_now BufferedReader CaseInsensitiveDict Context sync_to_async deprecated uri",
    "falcon.uri": "encode encode_value decode parse_query_string parse_host unquote_string",
    "falcon.routing": "BaseConverter IntConverter DateTimeConverter UUIDConverter CompiledRouter map_http_methods "
    "set_default_responders StaticRoute",
    "falcon.routing.converters": "BaseConverter FloatConverter PathConverter",
    "falcon.constants": "MEDIA_JSON MEDIA_XML MEDIA_HTML WebSocketPayloadType SINGLETON_HEADERS",
    "falcon.asgi": "App Request Response SSEvent WebSocket BoundedStream",
    "falcon.asgi.ws": "WebSocket WebSocketOptions",
    "falcon.asgi.reader": "BufferedReader",
    "falcon.asgi.stream": "BoundedStream",
    "falcon.request_helpers": "",
    "falcon.response_helpers": "",
    "falcon.http_status": "HTTPStatus",
    "falcon.errors": "DelimiterError UnsupportedError UnsupportedScopeError CompatibilityError PayloadTypeError "
    "WebSocketServerError OperationNotAllowed",
    "falcon.media": "MultipartFormHandler MessagePackHandler Handlers JSONHandler BaseHandler TextBaseHandlerWS "
    "BinaryBaseHandlerWS URLEncodedFormHandler JSONHandlerWS MessagePackHandlerWS",
    "falcon.media.multipart": "MultipartForm BodyPart MultipartParseError MultipartParseOptions MultipartFormHandler",
    "falcon.media.validators": "",
    "falcon.media.validators.jsonschema": "validate",
    "falcon.inspect": "inspect_app inspect_routes inspect_middleware inspect_error_handlers inspect_sinks "
    "StringVisitor register_router",
    "falcon.status_codes": "HTTP_200 HTTP_703",
    "falcon.hooks": "before after",
    "falcon.cyutil.misc": "encode_items_to_latin1",
    "falcon.cyutil": "",
    "falcon.cyutil.uri": "decode parse_query_string",
}


@pytest.mark.parametrize("name", list(IMPORTED))
def test_the_names_that_public_code_imports_are_there(name: str) -> None:
    module = import_module(name.replace("falcon", "fenrir_falcon", 1))
    assert [item for item in IMPORTED[name].split() if not hasattr(module, item)] == []


def test_requests_have_what_public_code_reads() -> None:
    names = "forwarded forwarded_host forwarded_uri forwarded_scheme forwarded_prefix get_param_as_dict "
    names += "get_param_as_media get_query_string_as_media"
    assert [name for name in names.split() if not hasattr(falcon.Request, name)] == []
    assert falcon.App().router_options.converters["int"] is fenrir_falcon.routing.IntConverter


class Named:
    def __init__(self, name: str) -> None:
        self.name = name

    async def on_get(self, req: Any, resp: Any, **params: Any) -> None:
        resp.text = f"{self.name} {sorted(params.items())}"


TEMPLATES = {
    "/files/{name}.{ext}": "complex",
    "/files/{name}": "plain",
    "/numbers/{a:int}.{b}": "pair",
    "/numbers/{number:int}": "number",
    "/both/{a:int}/{b:int}": "two",
    "/items/{item:int}": "item",
    "/{first}/fixed": "first",
    "/rest/{rest:path}": "rest",
    "/{first}/{when:dt('%Y')}": "when",
    "/files/readme": "literal",
}
PATHS = (
    "/files/a.b /files/a /numbers/7 /numbers/7.8 /both/1/2 /y/2024 /items/7 /items/x /x/fixed /files/fixed /rest/a/b "
    "/2024 /files/readme /no /rest/fixed"
).split()


@pytest.mark.parametrize("order", [1, -1])
def test_templates_have_the_precedence_of_falcons_router(order: int) -> None:
    app, router = fenrir_falcon.asgi.App(), fenrir_falcon.routing.CompiledRouter()
    for template, name in list(TEMPLATES.items())[::order]:
        app.add_route(template, Named(name))
        router.add_route(template, Named(name))
    for path in PATHS:
        found = router.find(path)
        wanted = "404" if found is None else f"{found[0].name} {sorted(found[2].items())}"
        result = testing.simulate_get(app, path)
        assert (path, result.text if result.status_code == 200 else "404") == (path, wanted)


def test_a_template_of_falcons_router_moves_only_those_that_match_the_same() -> None:
    app = fenrir_falcon.asgi.App()
    for template in ("/files/{name}", "/items/{item:int}", "/files/readme", "/files/{name}.{ext}", "/more/{other}"):
        app.add_route(template, Named(template))
    compiled = {route.path for route in app.routes}  # type: ignore[union-attr]  # there is no mount
    assert compiled == {"/items/{item:int}", "/files/readme", "/more/{other}"}


class Money:
    """A value that only a plugin's encoder can write."""


class Shop:
    @hookimpl
    def fenrir_encoders(self) -> Any:
        yield Encoder(Money, lambda money: {"amount": 5})


class Price:
    async def on_get(self, req: Any, resp: Any) -> Any:
        resp.media = {"price": Money()}
        resp.set_header("X-Price", "5")

    async def on_post(self, req: Any, resp: Any) -> Any:
        return Money()


class Last:
    def process_response(self, req: Any, resp: Any, resource: Any, req_succeeded: bool) -> None: ...


@pytest.mark.parametrize("middleware", [[], [Last()]])
def test_an_encoder_writes_media_and_what_is_returned_is_ignored(middleware: List[Any]) -> None:
    app = fenrir_falcon.asgi.App(plugins=[Shop()], middleware=middleware)
    app.add_route("/", Price())
    assert testing.simulate_get(app, "/").json == {"price": {"amount": 5}}
    assert testing.simulate_post(app, "/").content == b""
