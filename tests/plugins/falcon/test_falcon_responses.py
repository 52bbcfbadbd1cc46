"""What middleware learns of a response, and how errors, cookies and preflights are written."""

from __future__ import annotations

from typing import Any, List, Optional, Tuple

import pytest
from tests.asgi import fetch

import fenrir_falcon as falcon
import fenrir_falcon.asgi
from fenrir_core import Call, RouteHook, hookimpl
from fenrir_falcon import testing


class Outcomes:
    async def on_get(self, req: Any, resp: Any) -> None:
        resp.status = 404

    async def on_post(self, req: Any, resp: Any) -> None:
        raise falcon.HTTPStatus(200)

    async def on_put(self, req: Any, resp: Any) -> None:
        raise falcon.HTTPConflict()


class Witness:
    """A component that keeps what `process_response` is told."""

    def __init__(self) -> None:
        self.seen: List[Tuple[Any, bool]] = []

    async def process_response(self, req: Any, resp: Any, resource: Any, req_succeeded: bool) -> None:
        self.seen.append((falcon.code_to_http_status(resp.status), req_succeeded))


@pytest.mark.parametrize(
    ("method", "path", "seen"),
    [
        ("GET", "/", ("404 Not Found", True)),
        ("POST", "/", ("200 OK", False)),
        ("PUT", "/", ("409 Conflict", False)),
        ("DELETE", "/", ("405 Method Not Allowed", False)),
        ("OPTIONS", "/", ("200 OK", True)),
        ("GET", "/nowhere", ("404 Not Found", False)),
    ],
)
def test_a_request_failed_if_something_was_raised(method: str, path: str, seen: Tuple[str, bool]) -> None:
    witness = Witness()
    app = fenrir_falcon.asgi.App(middleware=[witness])
    app.add_route("/", Outcomes())
    testing.simulate_request(app, method, path)
    assert witness.seen == [seen]


# ---------------------------------------------------------------- errors


class Failing:
    def __init__(self, error: falcon.HTTPError) -> None:
        self.error = error

    async def on_get(self, req: Any, resp: Any) -> None:
        resp.schedule(self.work)
        resp.media = {"not": "sent"}
        raise self.error

    async def work(self) -> None: ...


def failing(error: falcon.HTTPError, app: Optional[Any] = None, **kwargs: Any) -> testing.Result:
    app = fenrir_falcon.asgi.App() if app is None else app
    app.add_route("/", Failing(error))
    return testing.simulate_get(app, "/", **kwargs)


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "text/html, */*;q=0.1"])
def test_an_error_is_json_for_most_clients(accept: Optional[str]) -> None:
    headers = {} if accept is None else {"Accept": accept}
    result = failing(falcon.HTTPConflict(title="Taken", code=7, headers={"X-Why": "so"}), headers=headers)
    assert result.json == {"title": "Taken", "code": 7}
    assert (result.status, result.headers["x-why"], result.headers["vary"]) == ("409 Conflict", "so", "Accept")
    assert result.headers["content-type"] == "application/json"


def test_an_error_with_a_cookie_and_vary_keeps_both() -> None:
    headers = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Vary", "Cookie")]
    result = failing(falcon.HTTPForbidden(headers=headers))
    assert (sorted(result.cookies), result.headers["vary"]) == (["a", "b"], "Cookie, Accept")


def test_an_error_has_one_content_type_that_of_its_body() -> None:
    assert failing(falcon.HTTPGone(headers={"Content-Type": "text/x"})).headers["content-type"] == "application/json"


def test_an_error_that_writes_itself_otherwise_does() -> None:
    class Own(falcon.HTTPBadRequest):
        def to_dict(self, obj_type: Any = dict) -> Any:
            return {"own": True}

    assert failing(Own()).json == {"own": True}


def test_a_serializer_that_is_set_late_is_used_for_unknown_paths() -> None:
    app = fenrir_falcon.asgi.App()
    client = testing.TestClient(app)
    assert client.simulate_get("/").json == {"title": "404 Not Found"}

    def serialize(req: Any, resp: Any, error: falcon.HTTPError) -> None:
        resp.text = f"own {error.status}"

    app.set_error_serializer(serialize)
    assert client.simulate_get("/").text == "own 404 Not Found"
    assert client.simulate_request("DELETE", "/").text == "own 404 Not Found"


def test_a_handler_of_unknown_methods_gets_the_error() -> None:
    async def handle(req: Any, resp: Any, error: Any, params: Any) -> None:
        resp.text = f"no: {error.headers['Allow']}"

    app = fenrir_falcon.asgi.App()
    app.add_route("/", Outcomes())
    app.add_error_handler(falcon.HTTPMethodNotAllowed, handle)
    assert testing.simulate_delete(app, "/").text == "no: GET, POST, PUT, OPTIONS"


def test_an_error_keeps_the_arguments_it_was_made_with() -> None:
    req = testing.create_asgi_req(headers={"X-Number": "no"})
    with pytest.raises(falcon.HTTPInvalidHeader) as caught:
        req.get_header_as_int("X-Number")
    assert caught.value.args == ("The value of the header must be an integer.", "X-Number")


def test_without_xml_errors_a_client_of_xml_gets_no_body() -> None:
    app = fenrir_falcon.asgi.App()
    app.resp_options.xml_error_serialization = False
    assert failing(falcon.HTTPGone(), app, headers={"Accept": "app/x+xml"}).content == b""


def test_an_empty_range_is_an_error() -> None:
    with pytest.raises(falcon.HTTPInvalidHeader):
        testing.create_asgi_req(headers={"Range": ""}).range  # noqa: B018  # reading it raises


# ---------------------------------------------------------------- headers


@pytest.mark.parametrize("value", ["a\r\nx: y", "a\nb", "a\x00"])
def test_a_forged_header_is_refused(value: str) -> None:
    class Forged:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.set_header("X-Name", value)
            resp.text = "never sent"

    app = fenrir_falcon.asgi.App()
    app.add_route("/", Forged())
    assert testing.simulate_get(app, "/").status_code == 500


def test_a_header_that_is_set_again_is_replaced() -> None:
    class Twice:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.set_header("X-Name", "first")
            resp.set_header("x-name", "second")
            resp.set_header("Content-Length", "999")
            resp.text = "short"

    app = fenrir_falcon.asgi.App()
    app.add_route("/", Twice())
    result = testing.simulate_get(app, "/")
    assert (result.headers["x-name"], result.headers["content-length"]) == ("second", "5")


def test_a_cookie_is_unset_with_the_attributes_it_was_set_with() -> None:
    class Forget:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.set_cookie("a", "1", path="/x", max_age=9)
            resp.unset_cookie("a")
            resp.unset_cookie("b", same_site="none", domain="example.com")

    app = fenrir_falcon.asgi.App()
    app.add_route("/", Forget())
    cookies = testing.simulate_get(app, "/").cookies
    one, other = cookies["a"], cookies["b"]
    assert (one.value, one.path, one.http_only, one.max_age, one.same_site) == ("", "/x", True, None, "Lax")
    assert (other.domain, other.same_site, other.secure) == ("example.com", "none", True)


def test_a_preflight_of_a_resource_that_names_no_methods_allows_none() -> None:
    class Own:
        async def on_options(self, req: Any, resp: Any) -> None: ...

    app = fenrir_falcon.asgi.App(cors_enable=True)
    app.add_route("/", Own())
    headers = {"Origin": "http://a.example", "Access-Control-Request-Method": "GET"}
    result = testing.simulate_options(app, "/", headers=headers)
    assert [name for name in result.headers if name.startswith("access-control")] == []


def test_options_names_the_methods_that_have_their_own_responder() -> None:
    class Any_:
        async def on_request(self, req: Any, resp: Any) -> None:
            resp.text = req.method

    class Some(Any_):
        async def on_get(self, req: Any, resp: Any) -> None: ...

    app = fenrir_falcon.asgi.App()
    app.router_options.default_to_on_request = True
    app.add_route("/any", Any_())
    app.add_route("/some", Some())
    assert "allow" not in testing.simulate_options(app, "/any").headers
    assert testing.simulate_options(app, "/some").headers["allow"] == "GET"
    assert testing.simulate_request(app, "PATCH", "/some").text == "PATCH"


# ---------------------------------------------------------------- middleware


class Step:
    def __init__(self, name: str, seen: List[str], *, fails: bool = False, ends: bool = False) -> None:
        self.name, self.seen, self.fails, self.ends = name, seen, fails, ends

    async def process_request(self, req: Any, resp: Any) -> None:
        self.seen.append(f"{self.name}?")
        if self.fails:
            raise falcon.HTTPForbidden()
        resp.complete = self.ends

    async def process_response(self, req: Any, resp: Any, resource: Any, req_succeeded: bool) -> None:
        self.seen.append(f"{self.name}!")


class OnlyBefore:
    async def process_request(self, req: Any, resp: Any) -> None: ...


@pytest.mark.parametrize(
    ("is_independent", "last", "seen"),
    [
        (True, {"fails": True}, ["a?", "b?", "c!", "b!", "a!"]),
        (False, {"fails": True}, ["a?", "b?", "a!"]),
        (True, {"ends": True}, ["a?", "b?", "c!", "b!", "a!"]),
        (False, {"ends": True}, ["a?", "b?", "c!", "b!", "a!"]),
        (False, {}, ["a?", "b?", "c?", "c!", "b!", "a!"]),
    ],
)
def test_dependent_components_see_the_responses_of_what_they_let_pass(
    is_independent: bool, last: Any, seen: List[str]
) -> None:
    found: List[str] = []
    steps = [OnlyBefore(), Step("a", found), Step("b", found, **last), Step("c", found)]
    app = fenrir_falcon.asgi.App(middleware=steps, independent_middleware=is_independent)
    app.add_route("/", Outcomes())
    testing.simulate_get(app, "/")
    assert found == seen


@pytest.mark.parametrize("is_asgi_server", [True, False])
def test_a_synchronous_component_reads_the_media(is_asgi_server: bool) -> None:
    class Validate:
        def process_resource(self, req: Any, resp: Any, resource: Any, params: Any) -> None:
            params["note"] = req.get_media()["note"]

    class Notes:
        def on_post(self, req: Any, resp: Any, note: str) -> None:
            resp.media = [note, req.media, req.bounded_stream.read().decode()]

    app = falcon.App(middleware=[Validate()])
    app.add_route("/", Notes())
    given: Any = app
    if is_asgi_server:

        async def serve(scope: Any, receive: Any, send: Any) -> None:
            await app(scope, receive, send)

        given = serve
    result = testing.simulate_post(given, "/", json={"note": "hi"})
    assert result.json[:2] == ["hi", {"note": "hi"}]


def test_a_synchronous_component_reads_a_body_without_a_length() -> None:
    class Keep:
        def process_request(self, req: Any, resp: Any) -> None:
            req.context.note = req.get_media()["note"]

    class Note:
        def on_post(self, req: Any, resp: Any) -> None:
            resp.text = req.context.note

    app = falcon.App(middleware=[Keep()])
    app.add_route("/", Note())
    headers = {"transfer-encoding": "chunked", "content-type": "application/json"}
    assert fetch(app, "POST", headers=headers, body=[b'{"note":', b'"a"}']).text == "a"


@pytest.mark.parametrize("middleware", [[], [Witness()]], ids=["without", "with"])
@pytest.mark.parametrize(("name", "value"), [("status", 418), ("body", b"changed")])
def test_what_a_hook_of_a_plugin_sets_is_sent(name: str, value: Any, middleware: List[Any]) -> None:
    class Change:
        @hookimpl
        def fenrir_route_hooks(self) -> Any:
            yield RouteHook("change", after=Call.of(lambda request, response: setattr(response, name, value)))

    class Text:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.text = "whole"

    app = fenrir_falcon.asgi.App(plugins=[Change()], middleware=middleware)
    app.add_route("/", Text())
    result = testing.simulate_get(app, "/")
    expected = {"status": 200, "body": b"whole", name: value}
    assert {"status": result.status_code, "body": result.content} == expected


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("method", "status"), [("BREW", 400), ("WEBSOCKET", 400), ("PATCH", 405), ("VERSION-CONTROL", 405)]
)
def test_a_method_that_http_has_not_is_a_bad_request(method: str, status: int) -> None:
    app = fenrir_falcon.asgi.App()
    app.add_route("/", Outcomes())
    assert testing.simulate_request(app, method, "/").status_code == status


def test_all_values_of_a_cookie_are_read() -> None:
    req = testing.create_asgi_req(headers={"Cookie": 'a=1; b="x y"; a=2'})
    assert (req.get_cookie_values("a"), req.get_cookie_values("b"), req.get_cookie_values("c")) == (
        ["1", "2"], ["x y"], None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "kind"), [("a b", "c", KeyError), ("é", "a", KeyError), ("a", "é", ValueError)]
)
def test_a_cookie_that_can_not_be_sent_is_refused(name: str, value: str, kind: Any) -> None:
    with pytest.raises(kind):
        falcon.Response().set_cookie(name, value)


def test_arguments_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="crossorigin"):
        falcon.Response().append_link("/", "next", crossorigin="lax")
    with pytest.raises(ValueError, match="delimiter"):
        testing.create_asgi_req(query_string="a=1").get_param_as_list("a", delimiter=";")
    with pytest.raises(ValueError, match="Cannot instantiate converter"):
        falcon.App().add_route("/{a:int(0)}", Outcomes())
    with pytest.raises(TypeError):
        falcon.App().add_error_handler("Error", print)  # type: ignore[arg-type]  # what is refused


def test_a_file_name_has_a_safe_substitute() -> None:
    resp = falcon.Response()
    resp.downloadable_as = "Ångström.txt"
    assert resp.get_header("Content-Disposition") == (
        "attachment; filename=A_ngstro_m.txt; filename*=UTF-8''%C3%85ngstr%C3%B6m.txt"
    )
