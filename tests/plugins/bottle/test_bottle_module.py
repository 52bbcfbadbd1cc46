"""The names of Bottle's module: default app, `run`, extensions, containers, router, helpers."""

from __future__ import annotations

import importlib
import io
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import ModuleType
from typing import Any, Dict, Iterator

import pytest

import fenrir_bottle as bottle
from fenrir_bottle import Bottle, ConfigDict, FormsDict, HeaderDict, HTTPError, MultiDict, Router

#: What public files import from Bottle, by how many of 25 do so.
IMPORTED = """
route run template request response static_file get post put delete patch error redirect abort view url hook
default_app app Bottle install uninstall debug auth_basic PluginError ext TEMPLATE_PATH TEMPLATES
SimpleTemplate jinja2_template jinja2_view mako_template mako_view HTTPResponse HTTPError BottleException
FormsDict MultiDict HeaderDict WSGIHeaderDict ConfigDict FileUpload cookie_encode cookie_decode
cookie_is_encoded parse_auth parse_date parse_range_header path_shift yieldroutes html_escape html_quote tob
touni makelist ResourceManager Router Route RouteBuildError RouteError JSONPlugin TemplatePlugin mount
server_names ServerAdapter load load_app http_date LocalRequest LocalResponse BaseRequest BaseResponse Request
Response local DEBUG NORUN HTTP_CODES json_dumps BytesIO CookieError BaseTemplate TemplateError Jinja2Template
MakoTemplate CheetahTemplate WSGIFileWrapper AppStack new_module UTC
""".split()


@pytest.mark.parametrize("name", IMPORTED)
def test_a_name_of_bottle_is_imported(name: str) -> None:
    found: Dict[str, Any] = {}
    exec(f"from fenrir_bottle import {name}", found)
    assert isinstance(found[name], ModuleType) == (name == "ext")


@pytest.mark.parametrize("name", ["app", "request", "response", "ext"])
def test_a_module_of_the_same_name_does_not_take_its_place(name: str) -> None:
    before = getattr(bottle, name)
    importlib.import_module(f"fenrir_bottle.{name}")
    assert getattr(bottle, name) is before


@pytest.fixture
def default() -> Iterator[Bottle]:
    with Bottle() as app:
        yield app


def test_functions_of_the_module_register_with_the_default_app(default: Bottle) -> None:
    @bottle.get("/hello/<name>", name="hello")
    def hello(name: str) -> str:
        return name

    assert bottle.url("hello", name="ann", q=1) == "/hello/ann?q=1"
    assert [route.rule for route in default.routes] == ["/hello/<name>"]


def test_the_default_app_is_the_one_on_top_of_the_stack(default: Bottle) -> None:
    above = bottle.default_app.push()
    assert bottle.app() is above
    assert bottle.default_app.pop() is above
    assert bottle.app() is default


def test_an_app_is_loaded_without_its_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, default: Bottle) -> None:
    (tmp_path / "hello_script.py").write_text(
        "from fenrir_bottle import route, run\n@route('/')\ndef home(): return 'hi'\nrun(port=1)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    loaded = bottle.load_app("hello_script")
    assert [route.rule for route in loaded.routes] == ["/"]
    assert bottle.app() is default and not default.routes


def fetch(url: str) -> bytes:
    """Return what a server answers that may not listen yet."""
    deadline = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                return bytes(answer.read())
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


@pytest.mark.parametrize(
    "command",
    [["shop.py"], ["-m", "fenrir_bottle", "-s", "wsgiref", "-b", "127.0.0.1:PORT", "shop:app"]],
    ids=["run", "python -m fenrir_bottle"],
)
def test_the_server_of_the_standard_library_serves(command: Any, tmp_path: Path, free_port: int) -> None:
    (tmp_path / "shop.py").write_text(
        "from fenrir_bottle import Bottle, run\napp = Bottle()\napp.get('/', callback=lambda: 'hi')\n"
        f"if __name__ == '__main__':\n    run(app, server='wsgiref', port={free_port})\n"
    )
    arguments = [text.replace("PORT", str(free_port)) for text in command]
    process = subprocess.Popen([sys.executable, *arguments], cwd=str(tmp_path), stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        assert any("Hit Ctrl-C" in line for line in lines)
        assert fetch(f"http://127.0.0.1:{free_port}/") == b"hi"
    finally:
        process.terminate()
        process.communicate()


def test_an_extension_is_a_module_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("bottle_extension")
    monkeypatch.setitem(sys.modules, "bottle_extension", module)
    assert importlib.import_module("fenrir_bottle.ext.extension") is module
    with pytest.raises(ImportError):
        importlib.import_module("fenrir_bottle.ext.missing")


# -------------------------------------------------------------------- router


@pytest.mark.parametrize(
    ("rule", "path", "values"),
    [
        ("/static", "/static", {}),
        ("/<name>", "/ann", {"name": "ann"}),
        ("/<n:int>", "/-7", {"n": -7}),
        ("/<n:float>", "/.5", {"n": 0.5}),
        ("/<p:path>/x", "/a/b/x", {"p": "a/b"}),
        ("/<a:re:[a-z]+>-<b>", "/x-1", {"a": "x", "b": "1"}),
        ("/<:re:x|y>/z", "/y/z", {}),
        (r"/\<name>", "/<name>", {}),
        ("/func(<p:re:(foo|bar)>)", "/func(bar)", {"p": "bar"}),
    ],
)
def test_a_rule_matches(rule: str, path: str, values: Any) -> None:
    router = Router()
    router.add(rule, "GET", "target")
    assert router.match({"REQUEST_METHOD": "GET", "PATH_INFO": path}) == ("target", values)


@pytest.mark.parametrize(("rule", "values"), [("/:name", {"name": "ann"}), ("/:name#[a-z]+#", {"name": "ann"})])
def test_the_old_syntax_is_read_with_a_warning(rule: str, values: Any) -> None:
    router = Router()
    with pytest.warns(DeprecationWarning, match="write <name>"):
        router.add(rule, "GET", "target")
    assert router.match({"REQUEST_METHOD": "GET", "PATH_INFO": "/ann"}) == ("target", values)


def test_rules_are_matched_in_order_of_registration_and_static_ones_first() -> None:
    router = Router()
    for rule in ("/<name>", "/<n:int>", "/7"):
        router.add(rule, "GET", rule)
    found = [router.match({"REQUEST_METHOD": "GET", "PATH_INFO": path})[0] for path in ("/7", "/8")]
    assert found == ["/7", "/<name>"]


def test_a_filter_of_ones_own_may_refuse_a_value() -> None:
    router = Router()
    router.add_filter("hex", lambda config: ("[0-9a-z]+", lambda text: int(text, 16), hex))
    router.add("/<n:hex>", "GET", "target", name="named")
    assert router.match({"REQUEST_METHOD": "GET", "PATH_INFO": "/ff"})[1] == {"n": 255}
    assert router.build("named", n=255) == "/0xff"
    with pytest.raises(HTTPError) as raised:
        router.match({"REQUEST_METHOD": "GET", "PATH_INFO": "/zz"})
    assert raised.value.status_code == 400


def test_a_filters_own_groups_do_not_shift_the_values() -> None:
    router = Router()
    router.add_filter("unit", lambda config: (r"(\d+)(px|em)", None, None))
    router.add("/<first:re:(a|b)+>", "GET", "before")
    router.add("/<size:unit>/<rest:path>", "GET", "sized")
    router.add("/<:re:x(y)?>/<last>", "GET", "after")
    for path, expected in {
        "/ab": ("before", {"first": "ab"}),
        "/12px/a/b": ("sized", {"size": "12px", "rest": "a/b"}),
        "/xy/z": ("after", {"last": "z"}),
    }.items():
        assert router.match({"REQUEST_METHOD": "GET", "PATH_INFO": path}) == expected


def test_each_of_many_rules_has_its_own_values() -> None:
    router = Router()
    for number in range(250):
        router.add(f"/{number}/<a>/<b:int>", "GET", number)
    for number in range(250):
        found = router.match({"REQUEST_METHOD": "GET", "PATH_INFO": f"/{number}/x/{number}"})
        assert found == (number, {"a": "x", "b": number})


def test_a_url_without_a_value_is_refused() -> None:
    router = Router()
    router.add("/<name>", "GET", None, name="hello")
    with pytest.raises(bottle.RouteBuildError, match="'name'"):
        router.build("hello")


# -------------------------------------------------------------------- containers


def test_a_multidict_shows_the_newest_of_several_values() -> None:
    values = MultiDict(a=1)
    values["a"] = 2
    assert (values["a"], values.getall("a"), list(values.allitems())) == (2, [1, 2], [("a", 1), ("a", 2)])


def test_form_values_are_attributes() -> None:
    form = FormsDict(name="ann")
    assert (form.name, form.missing, form.get("missing")) == ("ann", "", None)


def test_headers_have_names_without_case_and_no_control_characters() -> None:
    headers = HeaderDict(content_type="text/x")
    assert headers["Content-TYPE"] == "text/x"
    with pytest.raises(ValueError, match="control character"):
        headers["x"] = "a\r\nb"


def test_a_configuration_has_namespaces_and_overlays(tmp_path: Path) -> None:
    (tmp_path / "a.ini").write_text("[bottle]\ndebug = 1\n[db]\nHost = ${bottle:debug}x\n")
    config = ConfigDict()
    config.load_config(str(tmp_path / "a.ini"))
    config.load_dict({"db": {"port": 5}})
    config.update("db", user="ann")
    overlay = config._make_overlay()
    overlay["db.port"] = 6
    config["new"] = 1
    assert (config["debug"], config["db.host"], config["db.user"]) == ("1", "1x", "ann")
    assert (overlay["db.port"], config["db.port"], overlay["new"]) == (6, 5, 1)
    del overlay["db.port"]
    assert overlay["db.port"] == 5


def test_a_signed_value_that_was_changed_is_none() -> None:
    signed = bottle.cookie_encode({"a": [1, b"x"]}, "key")
    assert bottle.cookie_decode(signed, "key") == {"a": [1, b"x"]}
    assert bottle.cookie_decode(signed + b"A", "key") is None


def test_a_request_is_made_of_an_environ() -> None:
    request = bottle.BaseRequest({"QUERY_STRING": "a=1&a=2", "HTTP_X_A": "b", "PATH_INFO": "x"})
    assert (request.query.getall("a"), request.headers["x-a"], request.path) == (["1", "2"], "b", "/x")
    request["QUERY_STRING"] = "a=3"
    assert request.query.a == "3"
    request.user = "ann"
    with pytest.raises(AttributeError, match="already"):
        request.user = "bob"


def test_a_chunked_body_is_joined() -> None:
    environ = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": io.BytesIO(b"3;x=y\r\nabc\r\n0\r\n")}
    assert bottle.BaseRequest(environ).body.read() == b"abc"


@pytest.mark.parametrize("data", [b"x\r\n", b"2\r\nx\r\n", b"1\r\nx\r\n"])
def test_a_malformed_chunk_is_refused(data: bytes) -> None:
    environ = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": io.BytesIO(data)}
    with pytest.raises(HTTPError):
        _ = bottle.BaseRequest(environ).body


def test_basic_authentication_is_asked_for() -> None:
    guarded = bottle.auth_basic(lambda user, password: user == "ann")(lambda: "secret")
    bottle.request.bind({})
    refused = guarded()
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, 'Basic realm="private"')
    bottle.request.bind({"HTTP_AUTHORIZATION": "Basic YW5uOng="})
    assert guarded() == "secret"
