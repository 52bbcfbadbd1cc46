"""Error handlers, functions around requests, and blueprints, in the hybrid app."""

from __future__ import annotations

from typing import Any, Callable, List, Tuple

import pytest

from fenrir import Blueprint, Fenrir, abort, g, jsonify, make_response, request, session, url_for
from fenrir_core import BuildError, HTTPError, Response
from fenrir_flask import Flask, Request, after_this_request, exceptions


def failing(error: Exception) -> Any:
    app = Fenrir()

    @app.get("/")
    async def index() -> None:
        raise error

    return app


def test_an_exception_handler_answers_its_class_and_subclasses(browse: Any) -> None:
    app = failing(UnicodeError("bad"))

    @app.exception(ValueError)
    async def refuse(error: ValueError) -> Any:
        return {"error": str(error), "path": request.path}, 400

    answer = browse(app).get("/")

    assert (answer.status_code, answer.json()) == (400, {"error": "bad", "path": "/"})


def test_an_exception_handler_may_be_plain_and_for_several_classes(browse: Any) -> None:
    for error in (KeyError("k"), IndexError("i")):
        app = failing(error)

        @app.exception(KeyError, IndexError)
        def refuse(error: Exception) -> str:
            return type(error).__name__

        answer = browse(app).get("/")
        assert (answer.status_code, answer.text) == (200, type(error).__name__)


#: An app, and the blueprint with the handler; None for the app's own handler.
LISTED: List[Callable[[], Tuple[Any, Any]]] = [
    lambda: (Fenrir(), None),
    lambda: (Fenrir(), Blueprint("part", __name__)),
    lambda: (Flask(__name__), None),
    lambda: (Flask(__name__), Blueprint("part", __name__)),
]


@pytest.mark.parametrize("classes", [[KeyError, IndexError], (KeyError, IndexError), {KeyError, IndexError}])
@pytest.mark.parametrize("make", LISTED, ids=["hybrid", "hybrid blueprint", "Flask", "Flask blueprint"])
@pytest.mark.parametrize("error", [KeyError("k"), IndexError("i")], ids=["KeyError", "IndexError"])
def test_an_exception_handler_takes_a_list_of_classes(browse: Any, make: Any, classes: Any, error: Exception) -> None:
    app, part = make()
    target = app if part is None else part

    @target.exception(classes)
    def refuse(error: Exception) -> str:
        return type(error).__name__

    def fail() -> None:
        raise error

    target.add_url_rule("/", "fail", fail)
    if part is not None:
        app.register_blueprint(part)
    assert browse(app).get("/").text == type(error).__name__


def test_an_exception_handler_may_take_the_request_and_the_error(browse: Any) -> None:
    app = failing(ValueError("bad"))

    @app.exception(ValueError)
    async def refuse(request: Any, error: ValueError) -> Any:
        return [request.path, str(error)]

    assert browse(app).get("/").json() == ["/", "bad"]


def test_the_most_specific_handler_answers_whatever_the_order(browse: Any) -> None:
    app = failing(UnicodeError("bad"))

    @app.exception(Exception)
    def general(error: Exception) -> str:
        return "general"

    @app.exception(UnicodeError)
    def special(error: Exception) -> str:
        return "special"

    @app.exception(ValueError)
    def middle(error: Exception) -> str:
        return "middle"

    assert browse(app).get("/").text == "special"


def test_a_handler_may_be_for_a_status_also_of_the_routers_own_404(browse: Any) -> None:
    app = Fenrir()

    @app.errorhandler(404)
    def missing(error: HTTPError) -> Any:
        return f"no {request.path}", 404

    answer = browse(app).get("/nothing")

    assert (answer.status_code, answer.text) == (404, "no /nothing")


def test_a_handler_for_500_gets_what_nobody_handled(browse: Any, caplog: Any) -> None:
    app = failing(ValueError("secret"))

    @app.errorhandler(500)
    def broken(error: Any) -> Any:
        return repr(error.original_exception), 500

    answer = browse(app).get("/")

    assert (answer.status_code, answer.text) == (500, "ValueError('secret')")
    assert "GET / failed" in caplog.text


@pytest.mark.parametrize("matches", [200, "404", ValueError("x"), int])
def test_a_handler_for_what_is_no_error_is_refused(matches: Any) -> None:
    with pytest.raises(BuildError, match="can't be registered for"):
        Fenrir().errorhandler(matches)(lambda error: "")


@pytest.mark.parametrize("make", [Fenrir, lambda: Flask(__name__)], ids=["hybrid", "Flask"])
def test_after_this_request_refuses_what_is_no_function(browse: Any, make: Callable[[], Any]) -> None:
    app, seen = make(), []

    def index() -> str:
        with pytest.raises(BuildError, match=r"test_flask_hooks\.py:\d+: after_this_request: 'x' is not callable"):
            after_this_request("x")  # type: ignore[arg-type]  # the mistake that is refused
        seen.append("refused")
        return "served"

    app.add_url_rule("/", "index", index)
    assert (browse(app).get("/").text, seen) == ("served", ["refused"])


def test_an_exception_handler_without_classes_is_refused() -> None:
    with pytest.raises(BuildError, match="needs exception classes"):
        Fenrir().exception()


def test_abort_ends_the_request_with_a_status_or_a_response(browse: Any) -> None:
    app = Fenrir()

    @app.get("/status")
    def status() -> None:
        abort(418, "short and stout")

    @app.get("/response")
    def response() -> None:
        abort(make_response("gone", 410))

    browser = browse(app)
    first, second = browser.get("/status"), browser.get("/response")

    assert (first.status_code, first.json()) == (418, {"detail": "short and stout"})
    assert (second.status_code, second.text) == (410, "gone")
    with pytest.raises(LookupError):
        abort(299)


def test_functions_around_requests_run_in_order_also_for_404(browse: Any) -> None:
    app, seen = Fenrir(), []  # type: Any, List[str]

    @app.before_request
    async def first() -> None:
        g.log = ["first"]

    @app.before_request
    def second() -> None:
        g.log.append("second")

    @app.after_request
    def outer(response: Any) -> Any:
        response.headers["x-log"] = " ".join([*g.log, "outer"])
        return response

    @app.after_request
    async def inner(response: Any) -> Any:
        g.log.append("inner")
        return response

    @app.teardown_request
    def gone(error: Any) -> None:
        seen.append(f"{request.path} {error}")

    @app.get("/")
    async def index() -> str:
        g.log.append("handler")
        return ""

    browser = browse(app)
    assert browser.get("/").headers["x-log"] == "first second handler inner outer"
    assert browser.get("/nothing").headers["x-log"] == "first second inner outer"
    assert seen == ["/ None", "/nothing None"]


def test_a_value_of_before_request_is_the_answer(browse: Any) -> None:
    app = Fenrir()

    @app.before_request
    def stop() -> Any:
        return {"stopped": True}, 403

    @app.get("/")
    def index() -> None:
        raise AssertionError("must not run")

    answer = browse(app).get("/")

    assert (answer.status_code, answer.json()) == (403, {"stopped": True})


def test_after_request_has_flasks_names_on_every_kind_of_response(browse: Any) -> None:
    app = Fenrir()

    @app.after_request
    def change(response: Any) -> Any:
        assert response.status == f"{response.status_code} OK" and response.status_code == 200
        response.status_code = 202
        response.set_cookie("a", "b")
        if not response.is_streamed:
            response.data = response.get_data() + b"!"
        return response

    @app.get("/text")
    def text() -> str:
        return "text"

    @app.get("/kernel")
    def kernel() -> Any:
        return Response(b"kernel")

    @app.get("/stream")
    def stream() -> Any:
        yield "stream"

    browser = browse(app)
    for path, body in (("/text", "text!"), ("/kernel", "kernel!"), ("/stream", "stream")):
        answer = browser.get(path)
        assert (answer.status_code, answer.text, answer.cookies["a"]) == (202, body, "b")


def shop() -> Blueprint:
    blueprint = Blueprint("shop", __name__, url_prefix="/shop")

    @blueprint.before_request
    def mark() -> None:
        g.shop = True

    @blueprint.errorhandler(ValueError)
    def refuse(error: ValueError) -> Any:
        return "shop's own", 400

    @blueprint.route("/<int:item>", methods=["GET", "POST"])
    def item(item: int) -> Any:
        return {"item": item, "url": url_for(".item", item=item), "shop": g.shop, "blueprint": request.blueprint}

    @blueprint.get("/fail")
    def fail() -> None:
        raise ValueError

    return blueprint


def test_a_blueprint_has_its_prefix_names_hooks_and_error_handlers(browse: Any) -> None:
    app = Fenrir()
    app.register_blueprint(shop())

    @app.get("/")
    def index() -> Any:
        return ["shop" in g, url_for("shop.item", item=1)]

    @app.get("/fail")
    def fail() -> None:
        raise ValueError

    @app.exception(ValueError)
    def general(error: ValueError) -> str:
        return "the app's"

    browser = browse(app)
    item = {"item": 3, "url": "/shop/3", "shop": True, "blueprint": "shop"}
    assert browser.get("/shop/3").json() == browser.post("/shop/3").json() == item
    assert browser.get("/").json() == [False, "/shop/1"]
    assert [browser.get(path).text for path in ("/shop/fail", "/fail")] == ["shop's own", "the app's"]


def test_a_blueprint_is_registered_twice_under_two_names(browse: Any) -> None:
    app, blueprint = Fenrir(), shop()
    app.register_blueprint(blueprint)
    app.register_blueprint(blueprint, name="other", url_prefix="/other")

    browser = browse(app)
    assert browser.get("/other/1").json()["url"] == "/other/1"
    assert browser.get("/shop/1").json()["url"] == "/shop/1"
    with pytest.raises(BuildError, match="The name 'shop' is already registered"):
        fresh = Fenrir()
        fresh.register_blueprint(blueprint)
        fresh.register_blueprint(blueprint)


def test_nested_blueprints_add_their_prefixes_and_names(browse: Any) -> None:
    app, outer = Fenrir(), Blueprint("outer", __name__, url_prefix="/outer")
    outer.register_blueprint(shop())
    app.register_blueprint(outer, url_prefix="/v1")

    answer = browse(app).get("/v1/shop/3").json()

    assert answer == {"item": 3, "url": "/v1/shop/3", "shop": True, "blueprint": "outer.shop"}


def test_a_blueprint_may_be_mounted(browse: Any) -> None:
    app = Fenrir()
    app.mount("/mounted", shop())

    assert browse(app).get("/mounted/shop/3").json()["url"] == "/mounted/shop/3"


def test_jsonify_takes_one_value_several_or_keywords(browse: Any) -> None:
    app = Fenrir()

    @app.get("/")
    def index() -> Any:
        with pytest.raises(TypeError):
            jsonify(1, a=1)
        return jsonify([item.get_json() for item in (jsonify(1), jsonify(1, 2), jsonify(b=1, a=2), jsonify())])

    assert browse(app).get("/").json() == [1, [1, 2], {"a": 2, "b": 1}, None]


def test_http_errors_have_flasks_names_and_classes(browse: Any) -> None:
    app = Fenrir()

    @app.errorhandler(exceptions.HTTPException)
    def answer(error: Any) -> Any:
        return [type(error).__name__, error.code, error.name, error.description], error.code

    @app.errorhandler(exceptions.Forbidden)
    def refuse(error: Any) -> Any:
        return ["forbidden", error.description], 403

    @app.get("/<int:status>")
    def index(status: int) -> None:
        abort(status, description="why")

    browser = browse(app)
    assert browser.get("/403").json() == ["forbidden", "why"]
    assert browser.get("/409").json() == ["Conflict", 409, "Conflict", "why"]
    assert browser.get("/418").json() == ["ImATeapot", 418, "I'm a teapot", "why"]
    assert browser.get("/nothing").json() == ["NotFound", 404, "Not Found", exceptions.NotFound.description]


def test_locals_are_seen_through_by_isinstance(browse: Any) -> None:
    app = Fenrir(secret_key="key")

    @app.get("/")
    def index() -> Any:
        return [isinstance(request, Request), isinstance(session, dict), dict(session), {**session}]

    assert browse(app).get("/").json() == [True, True, {}, {}]
