"""`fenrir routes --explain` and `fenrir why`."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.once

APP = """\
from fenrir import Depends, Fenrir

app = Fenrir()


async def pool():
    yield "pool"


@app.before_request
def look():
    pass


@app.get("/items/<int:item_id>", name="item", status=201)
async def read(item_id: int, q: str = "", store=Depends(pool)):
    return {}


@app.get("/items/{name}")
def named(name):
    return name


@app.get("/items/new")
async def new():
    return "new"


@app.post("/items/{name}/tags")
async def tag(name: str):
    return "tagged"


@app.websocket("/live")
async def live(websocket):
    await websocket.accept()


inner = Fenrir()


@inner.get("/deep/{level:int}")
async def deep(level: int):
    return "deep"


app.mount("/inner", inner)
"""
HANDLER = """

async def missing(request, error):
    return "missing", 404


app.exception_handler(LookupError)(missing)
"""


@pytest.fixture
def items(project: Any) -> Any:
    project.write("app.py", APP)
    return project


def explained(project: Any, path: str) -> Any:
    done = project.run("routes", "app:app", "--explain", "--json", "--path", path)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)["routes"][0]


def why(project: Any, method: str, url: str) -> Any:
    done = project.run("why", method, url, "app:app", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_explain_lists_the_steps_in_their_order_with_the_plugin_behind_each(items: Any) -> None:
    steps = explained(items, "/items/<int:item_id>")["steps"]
    assert [(step["stage"], step["name"], step["by"]) for step in steps] == [
        ("before", "before_request look", "flask"),
        ("dependency", "pool", "fastapi"),
        ("handler", "read", "app"),
        ("respond", "hybrid_return_handler.<locals>.convert", "kernel"),
    ]


def test_explain_says_what_fills_each_parameter(items: Any) -> None:
    steps = explained(items, "/items/<int:item_id>")["steps"]
    (handler,) = (step for step in steps if step["stage"] == "handler")
    sources = {item["name"]: item["source"] for item in handler["inputs"]}
    assert (sources["item_id"], sources["store"]) == ("path value 'item_id'", "dependency pool")


def test_explain_gives_the_compiled_source_and_the_options(items: Any) -> None:
    found = explained(items, "/items/<int:item_id>")
    assert found["source"].startswith("async def handle(scope, receive, send, params):\n")
    assert found["options"] == {"status": "201"}


def test_explain_names_each_error_handler_with_its_plugin(items: Any) -> None:
    items.write("app.py", APP + HANDLER)
    errors = explained(items, "/items/<int:item_id>")["errors"]
    (own,) = (item for item in errors if item["by"] == "app")
    assert own == {
        "matches": ["builtins.LookupError"],
        "name": "missing",
        "how": "awaited",
        "by": "app",
        "where": f"app.py:{len(APP.splitlines()) + 3}",
    }
    assert "fastapi" in {item["by"] for item in errors}


def test_why_shows_error_handlers_as_it_shows_steps(items: Any) -> None:
    items.write("app.py", APP + HANDLER)
    out = items.run("why", "GET", "/items/7", "app:app").stdout
    assert "  errors      LookupError: missing  [app]  awaited  app.py:" in out


def test_explain_looks_into_a_mounted_app(items: Any) -> None:
    found = explained(items, "/deep/")
    assert (found["path"], found["steps"][-2]["name"]) == ("/inner/deep/{level:int}", "deep")


def test_explain_is_readable_text(items: Any) -> None:
    out = items.run("routes", "app:app", "--explain", "--path", "/items/{name}", "--method", "get").stdout
    assert out.startswith("GET /items/{name}\n  app.named (app) app.py:20\n")
    assert "  handler  named  [app]  in a thread  app.py:20\n" in out
    assert "\n    async def handle(scope, receive, send, params):\n" in out
    assert "\x1b" not in out


def test_routes_can_be_narrowed_by_method(items: Any) -> None:
    out = items.run("routes", "app:app", "--method", "websocket", "--json").stdout
    assert [item["path"] for item in json.loads(out)["routes"]] == ["/live"]


def test_why_names_the_route_that_answers_and_its_values(items: Any) -> None:
    found = why(items, "get", "http://localhost/items/7?q=1")
    assert (found["outcome"], found["route"]["handler"], found["params"]) == ("route", "app.read", {"item_id": "7"})


def test_why_names_what_would_come_next(items: Any) -> None:
    following = [item for item in why(items, "GET", "/items/new")["candidates"] if item["verdict"] == "next"]
    assert [item["route"]["handler"] for item in following] == ["app.named"]


def test_why_names_the_converter_that_refused(items: Any) -> None:
    (item,) = (item for item in why(items, "GET", "/items/x1")["candidates"] if item["verdict"] == "refused")
    assert item["route"]["handler"] == "app.read"
    assert item["reason"] == "the converter int refuses 'x1' for 'item_id': not an integer"


def test_why_tells_which_steps_run(items: Any) -> None:
    stages = [step["stage"] for step in why(items, "GET", "/items/7")["explanation"]["steps"]]
    assert stages == ["before", "dependency", "handler", "respond"]


def test_why_explains_a_derived_head(items: Any) -> None:
    found = why(items, "HEAD", "/items/new")
    assert (found["route"]["handler"], found["reason"]) == (
        "app.new",
        "HEAD is served by the GET route, its body held back",
    )


def test_why_explains_405_with_the_methods_that_are_answered(items: Any) -> None:
    found = why(items, "DELETE", "/items/x/tags")
    assert (found["outcome"], found["reason"]) == ("not allowed", "405: the path answers OPTIONS, POST")
    assert [(item["verdict"], item["route"]["handler"]) for item in found["candidates"]] == [("method", "app.tag")]
    assert found["explanation"]["steps"][0]["name"] == "before_request look"


@pytest.mark.parametrize(
    ("method", "url", "outcome"),
    [
        ("GET", "/nowhere", "not found"),
        ("OPTIONS", "/items/7", "options"),
        ("GET", "/items/7/", "redirect"),
        ("WEBSOCKET", "/live", "route"),
        ("WEBSOCKET", "/items/7", "not found"),
    ],
)
def test_why_says_what_the_app_itself_does(items: Any, method: str, url: str, outcome: str) -> None:
    assert why(items, method, url)["outcome"] == outcome


def test_why_looks_into_a_mounted_app(items: Any) -> None:
    found = why(items, "GET", "/inner/deep/x")
    assert (found["outcome"], found["inside"]["outcome"]) == ("mount", "not found")
    assert found["inside"]["candidates"][0]["reason"].startswith("the converter int refuses 'x'")


def test_why_is_readable_text(items: Any) -> None:
    out = items.run("why", "GET", "/items/7", "app:app").stdout
    assert out.startswith("GET /items/7\n  answered by  GET /items/<int:item_id>  app.read (app) app.py:15\n")
    assert "\n  next         GET /items/{name}  app.named app.py:20\n               it would serve this if " in out


def test_why_shows_the_compiled_function_when_asked(items: Any) -> None:
    assert "    async def handle(" in items.run("why", "GET", "/items/7", "app:app", "--source").stdout
    assert "async def handle(" not in items.run("why", "GET", "/items/7", "app:app").stdout


def test_why_refuses_what_is_no_url(items: Any) -> None:
    done = items.run("why", "GET", "items/7", "app:app")
    assert (done.returncode, done.stderr) == (
        2,
        "Error: 'items/7' is no URL: write a path (/items/7) or a whole URL.\n",
    )


def test_explain_names_what_a_view_of_the_class_flask_calls_around_it(project: Any) -> None:
    project.write(
        "app.py",
        """
from fenrir_flask import Flask

app = Flask(__name__, static_folder=None)

@app.before_request
def look():
    pass

@app.teardown_appcontext
def close(error):
    pass

@app.teardown_request
def leave(error):
    pass

@app.get("/view")
def view():
    return "x"
""",
    )
    steps = explained(project, "/view")["steps"]
    assert [(step["stage"], step["name"], step["by"]) for step in steps][:4] == [
        ("around", "before_request look", "flask"),
        ("around", "teardown_appcontext close", "flask"),
        ("around", "teardown_request leave", "flask"),
        ("handler", "view", "flask"),
    ]
