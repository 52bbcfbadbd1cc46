# mypy: disable-error-code="no-untyped-def, no-untyped-call, import-not-found, import-untyped, misc"
"""Two paradigms of outsiders: regular expressions with handler classes, and views whose routes name no methods."""

from __future__ import annotations

import ast
import asyncio
import importlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Iterator, List, Tuple

import pytest
from tests.conformance.outside.kits import OUTSIDE

import fenrir
from fenrir_core import BuildError, Fenrir
from fenrir_core.testing import CONFORMANCE, Check, SyncClient, check_plugin, poison

HERE = Path(__file__).resolve().parent
#: What their handlers have no way to say.
WITHOUT = {"specs": {"background", "stream", "websocket"}, "urlconf": {"background", "websocket"}}
PUBLIC = ("fenrir_core", "fenrir_core.authoring", "fenrir_core.testing")
#: What only commands and servers import.
CLI = ("fenrir_cli.values",)


def kernel_imports(file: Path) -> Iterator[Tuple[str, str]]:
    """Return the modules and names that a file imports from Fenrir."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0].startswith("fenrir"):
            yield from ((str(node.module), alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names if alias.name.startswith("fenrir"))


@pytest.mark.parametrize(
    "file", sorted(HERE.glob("acme-*/src/**/*.py")), ids=lambda file: f"{file.parent.name}/{file.name}"
)
def test_outsiders_use_public_names_only(file: Path) -> None:
    for module, name in kernel_imports(file):
        assert module in PUBLIC + CLI, f"{module} is not public."
        assert module in CLI or name in importlib.import_module(module).__all__, f"{module}.{name} is not public."


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("check", CONFORMANCE, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", OUTSIDE)
def test_an_outside_paradigm_conforms(name: str, check: Check) -> None:
    kit = OUTSIDE[name]()
    assert set(check.missing(kit)) <= WITHOUT[name]
    asyncio.run(check(kit))
    if check.__name__ != "takes_or_refuses_late_routes":  # which builds a new table, and asks the hooks for it
        asyncio.run(check(replace(kit, ready=poison)))


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["acme_specs.plugin", "acme_urlconf.plugin"])
def test_an_outside_paradigm_passes_the_check_for_plugins(name: str) -> None:
    check_plugin(name, serve=True, spares={})


@pytest.mark.usefixtures("installed")
def test_both_mix_with_each_other_and_with_the_five() -> None:
    from acme_specs.web import RequestHandler, Rules
    from acme_urlconf.urls import URLConf, include, path
    from acme_urlconf.views import JsonResponse

    app = Fenrir()

    async def user() -> str:
        fenrir.g.user = "ada"
        return "ada"

    class Item(RequestHandler):
        def get(self, number, page: int = 1, user: str = fenrir.Depends(user)):
            self.write({"number": number, "page": page, "user": user, "g": fenrir.g.user})

    def item(request, pk, user: str = fenrir.Depends(user)):
        return JsonResponse({"pk": pk, "user": user, "path": request.path})

    app.mount("/specs", Rules([(r"/items/([0-9]+)", Item)]))
    app.mount("/views", URLConf([path("shop/", include([path("items/<int:pk>", item, name="item")], "shop"))]))
    app.add_handlers([(r"/more/([0-9]+)", Item)])
    with SyncClient(app) as client:
        expected = {"number": "7", "page": 2, "user": "ada", "g": "ada"}
        assert client.get("/specs/items/7?page=2").json() == client.get("/more/7?page=2").json() == expected
        assert client.get("/specs/items/x").status == 404
        found = client.post("/views/shop/items/7").json()
        assert found == {"pk": 7, "user": "ada", "path": "/views/shop/items/7"}
    assert app.url_path("shop:item", pk=3) == "/views/shop/items/3"
    paths = app.openapi()["paths"]
    assert {"/specs/items/{number}", "/views/shop/items/{pk}"} <= set(paths)


@pytest.mark.usefixtures("installed")
def test_a_handler_is_prepared_may_end_early_writes_its_errors_and_is_told_of_the_end() -> None:
    from acme_specs.web import Application, RequestHandler, url

    log: List[Any] = []

    class Base(RequestHandler):
        def initialize(self, role: str) -> None:
            self.role = role

        async def prepare(self) -> None:
            log.append(f"prepare {self.role}")
            if self.get_argument("token", "") != "right":
                self.set_status(401)
                self.finish("who are you?")

        def on_finish(self) -> None:
            log.append("finish")

        def write_error(self, status_code: int, **kwargs: Any) -> None:
            self.write({"error": status_code, "kind": type(kwargs["exc_info"]).__name__})

    class Item(Base):
        def get(self, number):
            self.write(str(1 / int(number)))

    app = Application([url(r"/v1\.0/([0-9]+)$", Item, {"role": "admin"}, "item")])
    with SyncClient(app, raise_errors=False) as client:
        answer = client.get("/v1.0/4")
        assert (answer.status, answer.text) == (401, "who are you?")
        assert client.get("/v1.0/4?token=right").text == "0.25"
        assert client.get("/v1.0/0?token=right").json() == {"error": 500, "kind": "ZeroDivisionError"}
        assert client.get("/nowhere").text == "<html><title>404: Not Found</title></html>"
    assert log == ["prepare admin", "finish"] * 3
    assert app.url_path("item", number="5") == "/v1.0/5"


@pytest.mark.usefixtures("installed")
def test_a_pattern_that_can_not_be_routed_is_an_error_with_what_to_do() -> None:
    from acme_specs.web import Application, RequestHandler

    class Item(RequestHandler):
        def get(self): ...

    for pattern, message in ((r"/items.*", "outside of a group: put it into one"), (r"/([a-z]+)", "more groups than")):
        with pytest.raises(BuildError, match=message):
            Application([(pattern, Item)])


@pytest.mark.usefixtures("installed")
def test_middleware_runs_around_views_and_errors_have_their_page() -> None:
    from acme_urlconf.project_app import Project
    from acme_urlconf.urls import path
    from acme_urlconf.views import Http404, HttpResponse

    def stamp(get_response):
        async def middleware(request):
            response = await get_response(request)
            response["x-seen"] = request.path
            return response

        return middleware

    def page(request, slug):
        if slug != "here":
            raise Http404()
        return HttpResponse(request.GET.get("q", "none"))

    with SyncClient(Project([path("<slug:slug>/", page)], middleware=[stamp])) as client:
        answer = client.get("/here/?q=1")
        assert (answer.text, answer.headers["x-seen"]) == ("1", "/here/")
        answer = client.get("/there/")
        assert (answer.status, answer.text) == (404, "<h1>Not Found</h1>")


@pytest.mark.usefixtures("installed")
def test_their_names_are_in_the_facade() -> None:
    from acme_specs.web import RequestHandler, Rules
    from acme_urlconf.urls import path
    from acme_urlconf.views import Http404

    given = (fenrir.RequestHandler, fenrir.URLSpecs, fenrir.urlpath, fenrir.Http404)
    assert given == (RequestHandler, Rules, path, Http404)
    assert {"RequestHandler", "URLSpecs", "urlpath", "Http404"} <= set(dir(fenrir))


def test_their_templates_make_projects_that_serve(sources: Path, tmp_path: Path) -> None:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("FENRIR_", "PYTEST_"))}

    def run(*words: str, cwd: Path) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "fenrir_cli", *words],
            cwd=str(cwd),
            env={**kept, "PYTHONPATH": str(sources)},
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=100,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    for name, shown in (("specs", "Greeting"), ("urlconf", "greeting")):
        run("new", f"shop_{name}", "--paradigm", name, cwd=tmp_path)
        assert shown in run("routes", "app:app", cwd=tmp_path / f"shop_{name}")
