"""Class-based views as Flask has them: decorators, instances, methods that subclasses add."""

from __future__ import annotations

import functools
from typing import Any, Callable, List

import pytest

from fenrir_flask import Blueprint, Flask, g, request
from fenrir_flask.views import MethodView, View, http_method_funcs


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    app.testing = True
    return app


def refusing(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let nobody through, as a decorator that asks for a login does."""

    @functools.wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return ("refused", 403) if "x-user" not in request.headers else view(*args, **kwargs)

    return wrapper


def with_user(view: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(view)
    def wrapper(**kwargs: Any) -> Any:
        return view(user=request.headers["x-user"], **kwargs)

    return wrapper


class Item(MethodView):
    def get(self, number: int) -> str:
        return f"get {number}"

    def post(self, number: int) -> str:
        return f"post {number}"


def answers(app: Flask, browse: Any, path: str, **options: Any) -> List[Any]:
    """Return status and text by both ways that the app is served: WSGI and ASGI."""
    by_wsgi = app.test_client().get(path, **options)
    by_asgi = browse(app).get(path, **options)
    return [(by_wsgi.status_code, by_wsgi.text), (by_asgi.status_code, by_asgi.text)]


def test_a_decorator_around_a_view_is_not_passed_by(app: Flask, browse: Any) -> None:
    app.add_url_rule("/items/<int:number>", view_func=refusing(Item.as_view("item")))
    assert answers(app, browse, "/items/1") == [(403, "refused")] * 2
    assert answers(app, browse, "/items/1", headers={"x-user": "a"}) == [(200, "get 1")] * 2


def test_decorators_of_the_class_are_applied_once_in_order(app: Flask, browse: Any) -> None:
    calls: List[str] = []

    def first(view: Any) -> Any:
        calls.append("first")
        return refusing(view)

    class Both(Item):
        decorators = [first, with_user]

        def get(self, number: int, user: str = "") -> str:
            return f"{user} gets {number}"

    app.add_url_rule("/<int:number>", view_func=Both.as_view("both"))
    assert calls == ["first"]
    assert answers(app, browse, "/5", headers={"x-user": "ada"}) == [(200, "ada gets 5")] * 2


def test_asynchronous_methods_may_be_decorated(app: Flask, browse: Any) -> None:
    class Later(MethodView):
        decorators = [refusing]

        async def get(self) -> str:
            return "later"

    app.add_url_rule("/later", view_func=Later.as_view("later"))
    assert answers(app, browse, "/later", headers={"x-user": "a"}) == [(200, "later")] * 2


def test_an_instance_is_made_for_each_request_unless_the_class_says_no(app: Flask, browse: Any) -> None:
    class Each(View):
        def __init__(self, start: int) -> None:
            self.count = start

        def dispatch_request(self) -> str:
            self.count += 1
            return str(self.count)

    class Once(Each):
        init_every_request = False

    app.add_url_rule("/each", view_func=Each.as_view("each", 5))
    app.add_url_rule("/once", view_func=Once.as_view("once", start=5))
    assert answers(app, browse, "/each") == [(200, "6"), (200, "6")]
    assert answers(app, browse, "/once") == [(200, "6"), (200, "7")]


def test_the_view_has_the_attributes_of_flasks(app: Flask) -> None:
    view: Any = Item.as_view("item")
    assert (view.__name__, view.view_class, view.__module__, view.methods) == ("item", Item, __name__, {"GET", "POST"})

    class Other(Item):
        def get(self, number: int) -> str:
            return "other"

    view.view_class = Other  # what tests and libraries do
    app.add_url_rule("/<int:number>", view_func=view)
    assert app.test_client().get("/1").text == "other"


def test_methods_are_those_of_the_class_and_its_bases() -> None:
    class Base(MethodView):
        methods = ["PROPFIND"]

    class More(Base, Item):
        def delete(self) -> str:
            return ""

    assert set(More.methods or ()) == {"PROPFIND", "GET", "POST", "DELETE"}
    assert http_method_funcs >= {"get", "head", "trace"} and "query" not in http_method_funcs


def test_head_is_answered_by_get_unless_it_has_a_method(app: Flask) -> None:
    class Heads(MethodView):
        def get(self) -> Any:
            return "body", {"X-Method": request.method}

    class Own(Heads):
        def head(self) -> Any:
            return "", {"X-Method": "own"}

    app.add_url_rule("/heads", view_func=Heads.as_view("heads"))
    app.add_url_rule("/own", view_func=Own.as_view("own"))
    client = app.test_client()
    assert [client.head(path).headers["X-Method"] for path in ("/heads", "/own")] == ["HEAD", "own"]
    assert client.head("/heads").data == b""


def test_options_may_be_left_to_the_view(app: Flask) -> None:
    class Own(View):
        methods = ["GET", "OPTIONS"]
        provide_automatic_options = False

        def dispatch_request(self) -> str:
            return request.method

    app.add_url_rule("/own", view_func=Own.as_view("own"))
    assert app.test_client().options("/own").text == "OPTIONS"


def test_a_view_without_dispatch_says_so() -> None:
    with pytest.raises(NotImplementedError, match="dispatch_request"):
        View.as_view("view")()


@pytest.mark.parametrize("of", ["app", "blueprint"])
def test_the_view_of_static_files_has_a_name(of: str, tmp_path: Any) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "a.txt").write_text("a")
    app = Flask(__name__, root_path=str(tmp_path))
    app.testing = True
    if of == "blueprint":
        app.register_blueprint(
            Blueprint("b", __name__, static_folder="static", url_prefix="/b", root_path=str(tmp_path))
        )

    @app.before_request
    def name() -> None:
        g.name = app.view_functions[request.endpoint or ""].__name__

    @app.after_request
    def tell(response: Any) -> Any:
        response.headers["X-Name"] = g.name
        return response

    with app.test_client().get("/static/a.txt" if of == "app" else "/b/static/a.txt") as response:
        assert (response.text, response.headers["X-Name"]) == ("a", "static")
