"""Rules of Werkzeug's map, in an app that is served as ASGI and as WSGI."""

from __future__ import annotations

from typing import Any, List, Optional
from urllib.parse import urlsplit

import pytest
from tests.plugins.flask.asking import Ask

from fenrir_flask import (
    Blueprint,
    Flask,
    jsonify,
    request,
    url_for,
)


@pytest.fixture
def app() -> Flask:
    return Flask(__name__)


def with_hosts() -> Flask:
    app = Flask(__name__, host_matching=True, static_folder=None)
    app.add_url_rule("/", "one", lambda: "one", host="one.org")
    app.add_url_rule("/", "other", lambda name: f"host {name}", host="<name>.net")
    return app


def with_subdomain() -> Flask:
    app = Flask(__name__, subdomain_matching=True)
    app.config["SERVER_NAME"] = "shop.org"
    app.add_url_rule("/", "index", lambda: "index")
    app.add_url_rule("/", "sub", lambda: "sub", subdomain="api")
    return app


def test_rules_may_have_hosts(ask: Ask) -> None:
    assert [ask(with_hosts(), headers={"Host": host}).text for host in ("one.org", "b.net")] == ["one", "host b"]


def test_rules_may_have_subdomains(ask: Ask) -> None:
    found = [ask(with_subdomain(), headers={"Host": host}).text for host in ("shop.org", "api.shop.org")]
    assert found == ["index", "sub"]


def test_a_rule_redirects_by_its_option(app: Flask, ask: Ask) -> None:
    app.add_url_rule("/old", "old", redirect_to="/new")
    answer = ask(app, "/old")
    assert (answer.status, urlsplit(answer.headers["location"]).path) == (308, "/new")


def test_a_rule_redirects_to_the_one_with_defaults(app: Flask, ask: Ask) -> None:
    app.add_url_rule("/users/", "users", lambda page: str(page), defaults={"page": 1})
    app.add_url_rule("/users/page/<int:page>", "users")
    answer = ask(app, "/users/page/1")
    assert (answer.status, urlsplit(answer.headers["location"]).path) == (308, "/users/")


@pytest.mark.parametrize(
    ("converter", "right", "wrong"),
    [
        ("string(length=2)", "ab", "abc"),
        ("string(minlength=2)", "ab", "a"),
        ("int(min=5)", "5", "4"),
        ("int(fixed_digits=2)", "05", "5"),
        ("int(signed=True)", "-5", "a"),
        ("float(max=1.5)", "1.5", "1.6"),
    ],
)
def test_a_converter_may_have_arguments(app: Flask, ask: Ask, converter: str, right: str, wrong: str) -> None:
    app.add_url_rule(f"/<{converter}:value>", "value", lambda value: "found")
    assert (ask(app, f"/{right}").status, ask(app, f"/{wrong}").status) == (200, 404)


@pytest.mark.parametrize("number", [0.00001, 1e20, 1.5, 3, 123456789012345680.0])
def test_the_url_of_a_number_is_one_that_the_rule_matches(app: Flask, ask: Ask, number: float) -> None:
    app.add_url_rule("/numbers/<float:value>", "show", lambda value: repr(value))
    app.add_url_rule("/", "home", lambda: url_for("show", value=number))
    url = ask(app, "/").text
    assert "e" not in url.rpartition("/")[2]
    assert float(ask(app, url).text) == number


def test_a_map_writes_no_exponent_where_the_app_is_served_by_its_own_methods(app: Flask, ask: Ask) -> None:
    app.add_url_rule("/old", "old", redirect_to="/new")
    app.add_url_rule("/numbers/<float(max=1):value>", "show", lambda value: repr(value))
    app.add_url_rule("/", "home", lambda: url_for("show", value=0.00001))
    assert ask(app, "/").text == "/numbers/0.00001"
    assert ask(app, "/numbers/0.00001").text == "1e-05"


@pytest.mark.parametrize("rule", ["int(min=)", "int(min=1,,)", "int(min=1,)", "any(a b)", "float(max=1.5 2)"])
def test_arguments_that_can_not_be_read_are_refused_where_the_rule_is_added(app: Flask, rule: str) -> None:
    with pytest.raises(ValueError, match="can't be read"):
        app.add_url_rule(f"/<{rule}:value>", "value", lambda value: "")


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("any(a, b, 'c d',)", "c%20d"),
        ("any(a,b,)", "b"),
        ("string()", "x"),
        ('any("a,b")', "a,b"),
        ("int( min = 1 )", "5"),
    ],
)
def test_arguments_may_have_blanks_quotes_and_a_last_comma(app: Flask, ask: Ask, rule: str, path: str) -> None:
    app.add_url_rule(f"/<{rule}:value>", "value", lambda value: "found")
    assert ask(app, f"/{path}").text == "found"


def test_a_converter_of_the_user_reads_and_writes_values(app: Flask, ask: Ask) -> None:
    from werkzeug.routing import BaseConverter

    class ListConverter(BaseConverter):
        def to_python(self, value: str) -> List[str]:
            return value.split("+")

        def to_url(self, value: Any) -> str:
            return "+".join(value)

    app.url_map.converters["list"] = ListConverter
    app.add_url_rule(
        "/<list:names>", "names", lambda names: jsonify(names=names, url=url_for("names", names=["c", "d"]))
    )
    assert ask(app, "/a+b").text == '{"names":["a","b"],"url":"/c+d"}\n'


def test_the_map_of_rules_tells_them(app: Flask) -> None:
    blueprint = Blueprint("shop", __name__, url_prefix="/shop")
    blueprint.add_url_rule("/<int:id>", "show", lambda id: str(id), methods=["GET", "POST"])
    app.register_blueprint(blueprint)

    found = {rule.endpoint: (rule.rule, sorted(rule.methods or ())) for rule in app.url_map.iter_rules()}
    assert found["shop.show"] == ("/shop/<int:id>", ["GET", "HEAD", "OPTIONS", "POST"])
    assert app.url_map.bind("localhost").match("/shop/7") == ("shop.show", {"id": 7})
    assert "shop.show" in app.view_functions


def test_nested_blueprints_join_prefixes_names_and_hooks(app: Flask, ask: Ask) -> None:
    inner = Blueprint("inner", __name__, url_prefix="/inner")
    outer = Blueprint("outer", __name__, url_prefix="/outer")
    seen: List[Optional[str]] = []
    for blueprint in (outer, inner):
        blueprint.before_request(lambda name=blueprint.name: seen.append(name))  # type: ignore[misc]
    inner.add_url_rule("/", "index", lambda: f"{request.endpoint} {request.blueprints} {url_for('.index')}")
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    app.before_request_funcs.setdefault("outer.inner", []).append(lambda: seen.append("direct"))

    assert ask(app, "/outer/inner/").text == "outer.inner.index ['outer.inner', 'outer'] /outer/inner/"
    assert seen == ["outer", "inner", "direct"]
