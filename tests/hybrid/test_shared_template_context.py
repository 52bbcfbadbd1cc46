"""Names that the templates of all engines see: Flask's, Starlette's, and those of plugins."""

from __future__ import annotations

from pathlib import Path
from string import Template
from types import SimpleNamespace
from typing import Any, Dict

import pytest

import fenrir_bottle
import fenrir_fastapi.templating
import fenrir_flask
from fenrir_core import Fenrir, Request, TemplateContext, hookimpl
from fenrir_core.authoring import template_context
from fenrir_core.testing import SyncClient

TEXT = "{{ site }} {{ user }}"


@hookimpl
def fenrir_template_context() -> Any:
    yield TemplateContext("site", lambda connection: {"site": f"shop{connection.path}"})


PLUGIN = SimpleNamespace(__name__="site", fenrir_template_context=fenrir_template_context)


def render_string(request: Request, text: str, **names: Any) -> str:
    """Render a template as the engine of a plugin does."""
    return Template(text).substitute({**template_context(request), **names})


@pytest.fixture
def app(tmp_path: Path) -> Any:
    app: Any = Fenrir(plugins=[PLUGIN], autoload=False)
    (tmp_path / "page.html").write_text(TEXT, encoding="utf-8")
    templates = fenrir_fastapi.templating.Jinja2Templates(directory=str(tmp_path))

    @app.context_processor
    def user() -> Dict[str, str]:
        return {"user": "ada"}

    def flask() -> str:
        return fenrir_flask.render_template_string(TEXT)

    async def starlette(request: fenrir_fastapi.Request) -> Any:
        return templates.TemplateResponse(request, "page.html")

    async def plugin(request: Request) -> str:
        return render_string(request, "$site $user")

    def bottle() -> str:
        return fenrir_bottle.template("{{site}} {{user}}")

    app.get("/bottle")(bottle)
    app.get("/flask")(flask)
    app.get("/starlette")(starlette)
    app.get("/plugin")(plugin)
    return app


@pytest.mark.parametrize("engine", ["flask", "starlette", "bottle", "plugin"])
def test_each_engine_sees_the_names_of_context_processors_and_of_plugins(app: Any, engine: str) -> None:
    with SyncClient(app) as client:
        assert client.get(f"/{engine}").text == f"shop/{engine} ada"


@pytest.mark.parametrize("engine", ["flask", "starlette", "bottle"])
def test_what_a_handler_passes_comes_first(app: Any, engine: str, tmp_path: Path) -> None:
    templates = fenrir_fastapi.templating.Jinja2Templates(directory=str(tmp_path))

    def flask() -> str:
        return fenrir_flask.render_template_string(TEXT, site="own", user="me")

    async def starlette(request: fenrir_fastapi.Request) -> Any:
        return templates.TemplateResponse(request, "page.html", {"site": "own", "user": "me"})

    def bottle() -> str:
        return fenrir_bottle.template("{{site}} {{user}}", site="own", user="me")

    app.get("/own")({"flask": flask, "starlette": starlette, "bottle": bottle}[engine])
    with SyncClient(app) as client:
        assert client.get("/own").text == "own me"


def test_a_blueprints_context_processor_is_for_its_own_routes_in_every_engine() -> None:
    app: Any = Fenrir(plugins=[PLUGIN], autoload=False)
    blueprint = fenrir_flask.Blueprint("shop", "shop", url_prefix="/shop")
    blueprint.context_processor(lambda: {"user": "of the shop"})

    async def plugin(request: Request) -> Any:
        return template_context(request)

    blueprint.route("/plugin")(plugin)
    app.register_blueprint(blueprint)
    app.get("/plugin")(plugin)
    with SyncClient(app) as client:
        assert client.get("/shop/plugin").json() == {"site": "shop/shop/plugin", "user": "of the shop"}
        assert client.get("/plugin").json() == {"site": "shop/plugin"}


def test_flasks_own_class_shares_names_too() -> None:
    app = fenrir_flask.Flask("shop", plugins=[PLUGIN])
    app.get("/")(lambda: fenrir_flask.render_template_string("{{ site }}"))
    with SyncClient(app) as client:
        assert client.get("/").text == "shop/"


@pytest.mark.parametrize("adapter", ["SimpleTemplate", "Jinja2Template"])
def test_bottles_own_class_shares_names_with_each_engine_and_with_views(adapter: str) -> None:
    app = fenrir_bottle.Bottle(plugins=[PLUGIN])
    engine = getattr(fenrir_bottle, adapter)
    app.get("/")(lambda: fenrir_bottle.template("{{site}} {{own}}", own="own", template_adapter=engine))
    app.get("/view")(fenrir_bottle.view("{{site}} {{own}}", template_adapter=engine)(lambda: {"own": "viewed"}))
    with SyncClient(app) as client:
        assert client.get("/").text == "shop/ own"
        assert client.get("/view").text == "shop/view viewed"


def test_bottles_template_needs_no_request() -> None:
    assert fenrir_bottle.template("{{own}} text", own="own") == "own text"
