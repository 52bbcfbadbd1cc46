"""The paradigm that docs/plugins/paradigm.md builds: an outside distribution, made of the page alone."""

from __future__ import annotations

import ast
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Iterator, Tuple

import pytest
from tests.conformance.guide import files_of, install_metadata, write_files

import fenrir
from fenrir_core import App, BuildError, Fenrir
from fenrir_core.testing import CONFORMANCE, SyncClient, make_app


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with the files of the page, and the metadata of an installed distribution."""
    directory = write_files(tmp_path_factory.mktemp("acme-aio"))
    install_metadata(directory)
    return directory


def run(project: Path, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the directory, with the distribution on its path."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("FENRIR_", "PYTEST_"))}
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=str(project),
        env={**kept, "PYTHONPATH": str(project / "src"), "PYTHONDONTWRITEBYTECODE": "1", **extra},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=100,
    )


def told(project: Path, *arguments: str, **extra: str) -> Any:
    """Return what a command of `fenrir` tells in JSON."""
    done = run(project, "-m", "fenrir_cli", *arguments, **extra)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def installed(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Have the distribution installed in this process for one test."""
    monkeypatch.syspath_prepend(str(project / "src"))
    monkeypatch.syspath_prepend(str(project))
    yield project
    vars(fenrir).pop("web", None)
    for name in [name for name in sys.modules if name == "shop" or name.partition(".")[0] == "acme_aio"]:
        del sys.modules[name]


def test_its_own_tests_pass_and_the_conformance_suite_is_among_them(project: Path) -> None:
    done = run(project, "-m", "pytest", "-v", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout
    for check in CONFORMANCE:
        state = "SKIPPED" if {"background", "blocking", "websocket"}.intersection(check.needs) else "PASSED"
        assert f"test_the_paradigm_conforms[{check.__name__}] {state}" in done.stdout


def imports(source: str) -> Iterator[Tuple[str, str]]:
    """Return what a file imports from the kernel: pairs of module and name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in ("fenrir_core", "fenrir"):
            for alias in node.names:
                yield str(node.module), alias.name
        elif isinstance(node, ast.Import):
            assert not any(alias.name.startswith("fenrir") for alias in node.names)


def test_it_needs_nothing_of_the_kernel_but_what_is_public() -> None:
    used = {pair for name, text in files_of().items() if name.startswith("src/") for pair in imports(text)}
    assert used
    assert {module for module, _ in used} <= {"fenrir_core", "fenrir_core.authoring"}
    assert [name for module, name in used if name not in importlib.import_module(module).__all__] == []


def test_info_tells_the_plugin_its_distribution_and_what_it_added(project: Path) -> None:
    data = told(project, "info", "shop:app", "--json")
    (found,) = (plugin for plugin in data["plugins"] if plugin["name"] == "aio")
    assert (found["kind"], found["state"], found["distribution"]) == ("paradigm", "active", "acme-aio")
    assert found["entry_point"] == "acme_aio.plugin"
    assert data["app"]["routes"]["aio"] == 4


def test_routes_show_its_handlers_with_file_and_line(project: Path) -> None:
    rows = {row["path"]: row for row in told(project, "routes", "shop:app", "--json")["routes"]}
    line = files_of()["shop.py"].splitlines().index('@routes.get("/pets/{pet_id:int}", name="pet")') + 1
    row = rows["/pets/{pet_id:int}"]
    assert (row["paradigm"], row["handler"], row["where"]) == ("aio", "shop.pet", f"shop.py:{line}")
    assert (rows["/old/search"]["paradigm"], rows["/old/search"]["plugin"]) == ("aio", "aio")


def test_why_names_its_plugin_beside_the_others(project: Path) -> None:
    done = run(project, "-m", "fenrir_cli", "why", "GET", "/pets/7", "shop:app")
    assert done.returncode == 0, done.stderr
    for text in (
        "pet_id = 7",
        "request: request_of  [aio]",
        "page: query",
        "[fastapi]",
        "respond     to_kernel  [aio]",
    ):
        assert text in done.stdout


def test_its_routes_are_in_the_openapi_document_with_their_parameters(project: Path) -> None:
    paths = told(project, "openapi", "shop:app")["paths"]
    pet = paths["/pets/{pet_id}"]["get"]
    assert pet["description"] == "Show a pet."
    found = {(item["in"], item["name"]): item["schema"]["type"] for item in pet["parameters"]}
    assert found == {("path", "pet_id"): "integer", ("query", "page"): "integer"}
    (query,) = paths["/search"]["get"]["parameters"]
    assert query == {"name": "q", "in": "query", "schema": {"type": "string"}}


def test_it_serves_beside_and_together_with_other_paradigms(installed: Path) -> None:
    import shop  # type: ignore[import-not-found]

    with SyncClient(shop.app) as client:
        for path in ("/pets/7?page=2", "/old/pets/7?page=2"):
            assert client.get(path).json() == {"pet": 7, "page": 2, "user": "ada", "g": "ada"}
        assert client.get("/pets/7?page=two").status == 422
        assert client.get("/hello/bob").json() == {"hello": "bob"}
        assert client.post("/pets/7").status == 405
    assert shop.app.url_path("pet", pet_id=3) == "/pets/3"


def test_the_facade_hands_out_its_names(installed: Path) -> None:
    from acme_aio import web  # type: ignore[import-not-found]

    assert fenrir.web is web


def test_an_error_of_it_is_answered_in_every_paradigm(installed: Path) -> None:
    from acme_aio import web

    app = Fenrir()

    @app.get("/away")
    async def away() -> str:
        raise web.HTTPFound("/elsewhere")

    with SyncClient(app) as client:
        answer = client.get("/away")
        assert (answer.status, answer.headers["location"]) == (302, "/elsewhere")


@pytest.mark.parametrize("outer", ["aio", "flask"])
def test_it_mounts_apps_and_is_mounted_lifespans_included(installed: Path, outer: str) -> None:
    from acme_aio import web

    from fenrir_flask import Flask

    seen = []
    inside, flask = web.Application(), Flask("mounted")

    async def start(app: App) -> None:
        seen.append("start")

    async def hello(request: Any) -> Any:
        return web.Response(text=f"aio at {request.path}")

    inside.on_startup.append(start)
    inside.router.add_get("/hello", hello)
    flask.route("/hello")(lambda: "flask")
    if outer == "aio":
        inside.add_subapp("/sub", flask)
        app, expected = inside, {"/hello": "aio at /hello", "/sub/hello": "flask"}
    else:
        flask.mount("/sub", inside)
        app, expected = flask, {"/hello": "flask", "/sub/hello": "aio at /sub/hello"}
    with SyncClient(app) as client:
        assert {path: client.get(path).text for path in expected} == expected
    assert seen == ["start"]


def test_an_app_without_it_does_not_import_it(installed: Path) -> None:
    app = Fenrir(paradigms=["flask"])
    app.build()
    assert "acme_aio" not in sys.modules
    with pytest.raises(AttributeError):
        app.add_routes([])


def test_it_can_be_switched_off_from_outside(project: Path) -> None:
    code = (
        "from fenrir import Fenrir\n"
        "app = Fenrir()\n"
        "print([record.state for record in app.plugins.records if record.name == 'aio'])\n"
        "print(hasattr(app, 'add_routes'))\n"
    )
    assert run(project, "-c", code).stdout.split() == ["['active']", "True"]
    assert run(project, "-c", code, FENRIR_PLUGINS="-aio").stdout.split() == ["['off']", "False"]


def test_an_app_that_mounts_its_routes_without_it_is_refused_with_what_to_do(installed: Path) -> None:
    from acme_aio import web

    app = make_app()
    app.mount("/pets", web.RouteTableDef())
    with pytest.raises(BuildError, match="RouteTableDef mounted at '/pets' is no ASGI app.*Install or activate"):
        app.build()
