"""Each hook: what its answers do, before the routes are built and after. The last test finds hooks without one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, List

import pytest
from tests.core.hooks import ask, plugin, texts

from fenrir_core import (
    App,
    AppMethod,
    AppProperty,
    BuildError,
    Fenrir,
    Mount,
    PathConverter,
    Request,
    Route,
    RouteOption,
    Setting,
)
from fenrir_core.plugins import hookspecs
from fenrir_core.testing import make_app

# ---------------------------------------------------------------- when an app object is made


def test_fenrir_app_methods_adds_methods_that_get_the_app_first() -> None:
    def shout(app: Any, text: str, *, times: int = 1) -> Any:
        """Shout."""
        return app, text.upper() * times

    def fenrir_app_methods() -> Any:
        return [AppMethod("shout", shout)]

    app = make_app([plugin(fenrir_app_methods)])
    assert app.shout("a", times=2) == (app, "AA")
    assert app.shout.__doc__ == "Shout."
    assert "shout" in dir(app)


def test_fenrir_app_methods_adds_properties() -> None:
    def fenrir_app_methods() -> Any:
        return [AppProperty("shop", lambda app: ("shop of", app))]

    app = make_app([plugin(fenrir_app_methods)])
    assert app.shop == ("shop of", app)


def test_fenrir_app_methods_of_several_plugins_tell_apart_whose_a_call_is() -> None:
    def methods(name: str, kind: type) -> Any:
        def fenrir_app_methods() -> Any:
            return [AppMethod("add", lambda app, item: name, lambda args, kwargs: isinstance(args[0], kind))]

        return plugin(fenrir_app_methods, name)

    app = make_app([methods("texts", str), methods("numbers", int)])
    assert (app.add("a"), app.add(1)) == ("texts", "numbers")
    with pytest.raises(BuildError, match=r"add\(1.5,\) fits none of the plugins that have it: numbers, texts"):
        app.add(1.5)


def test_a_pure_app_has_no_methods_of_plugins() -> None:
    def fenrir_app_methods() -> Any:
        return [AppMethod("shout", lambda app: None)]

    app = App(paradigms=(), plugins=[plugin(fenrir_app_methods)], autoload=False)
    assert not hasattr(app, "shout")


# ---------------------------------------------------------------- phase 1


def test_fenrir_settings_declares_settings_that_the_app_may_set() -> None:
    def fenrir_settings() -> Any:
        yield Setting("color", str, "red", help="The color.")

    assert make_app([plugin(fenrir_settings)]).settings["color"] == "red"
    assert make_app([plugin(fenrir_settings)], color="blue").settings["color"] == "blue"


# ---------------------------------------------------------------- phase 2


def test_fenrir_path_converters_gives_converters_for_templates_and_urls() -> None:
    def fenrir_path_converters(build: Any) -> Any:
        assert build.settings["trailing_slash"]
        yield PathConverter("hex", "[0-9a-f]+", lambda text: int(text, 16), "{:x}".format)

    app = make_app([plugin(fenrir_path_converters)])

    @app.get("/colors/{color:hex}")
    async def color(color: int) -> int:
        return color

    assert texts(app, "GET /colors/ff") == ["255"]
    assert ask(app, "GET /colors/xx")[0].status == 404
    assert app.url_path("color", color=255) == "/colors/ff"


def test_fenrir_route_options_makes_keywords_of_routes_known() -> None:
    def fenrir_route_options() -> Any:
        yield RouteOption("rate")

    app = make_app([plugin(fenrir_route_options)])

    @app.get("/", rate=5)
    async def index(request: Request) -> int:
        return int(request.route.option("rate"))

    assert texts(app, "GET /") == ["5"]


class Shop:
    """An object that only a plugin understands."""

    def list_pets(self) -> Any:
        return ["cat"]


def test_fenrir_collect_routes_makes_routes_of_a_mounted_object() -> None:
    def fenrir_collect_routes(source: Any, prefix: str) -> Any:
        if isinstance(source, Shop):
            return [Route(prefix + "/pets", source.list_pets, name="pets")]
        return None

    app = make_app([plugin(fenrir_collect_routes)])
    app.mount("/shop", Shop())

    assert texts(app, "GET /shop/pets") == ['["cat"]']
    (route,) = app.routes
    assert isinstance(route, Route) and str(route.origin) == "mine"


def test_fenrir_routes_gives_routes_and_mounts() -> None:
    async def mounted(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["root_path"].encode()})

    async def live() -> str:
        return "live"

    def fenrir_routes() -> Any:
        yield Route("/-/live", live, name="live")
        yield Mount("/-/raw", mounted)

    assert texts(make_app([plugin(fenrir_routes)]), "GET /-/live", "GET /-/raw/x") == ["live", "/-/raw"]


# ---------------------------------------------------------------- phase 5


def test_fenrir_app_built_sees_the_frozen_app_once() -> None:
    seen: List[Any] = []

    def fenrir_app_built(app: Any) -> None:
        assert app.is_built
        seen.append([str(route) for route in app.routes])

    app = make_app([plugin(fenrir_app_built)])
    app.get("/pets")(lambda: "")
    ask(app, "GET /pets", "GET /pets")
    assert seen == [["GET /pets"]]


# ---------------------------------------------------------------- all of them


def test_hooks_are_called_with_what_they_ask_for_only() -> None:
    def fenrir_route_hooks(build: Any, route: Route) -> Any:
        assert build.settings["derive_head"] is True
        assert isinstance(build.app, Fenrir)
        assert [item.path for item in build.routes] == ["/"]
        return None

    app = make_app([plugin(fenrir_route_hooks)])
    app.get("/", name="index")(lambda: "")
    app.build()


def test_every_hook_has_a_test_that_bears_its_name() -> None:
    source = "".join(file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_hooks*.py"))
    tests = re.findall(r"^def test_(fenrir_\w+)", source, re.M)
    untested = [
        hook
        for hook in vars(hookspecs)
        if hook.startswith("fenrir_") and not any(test.startswith(f"{hook}_") for test in tests)
    ]
    assert untested == []
