"""Static files, frontends and templates of the FastAPI paradigm."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import FrameType
from typing import Any, List

import pytest
from tests.asgi import ask, fetch
from tests.profiling import profiled

from fenrir_core import App
from fenrir_fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fenrir_fastapi.middleware.base import BaseHTTPMiddleware
from fenrir_fastapi.middleware.gzip import GZipMiddleware
from fenrir_fastapi.responses import FileResponse
from fenrir_fastapi.staticfiles import StaticFiles
from fenrir_fastapi.templating import Jinja2Templates
from fenrir_fastapi.testclient import TestClient

HTML = {"accept": "text/html,*/*;q=0.8"}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "sub").mkdir(parents=True)
    (folder / "index.html").write_text("home")
    (folder / "app.js").write_text("script")
    (folder / "sub" / "index.html").write_text("sub")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


def test_a_folder_of_files_is_mounted(site: Path) -> None:
    app = FastAPI()
    app.mount("/static", StaticFiles(directory=site), name="static")
    client = TestClient(app)
    assert client.get("/static/app.js").text == "script"
    assert client.get("/static/none").status_code == client.get("/static/sub").status_code == 404
    assert client.get("/static/%2e%2e/secret.txt").status_code == 404
    assert client.post("/static/app.js").status_code == 405


async def apps_made(app: Any, path: str) -> List[str]:
    """Return the classes of the apps that are made while a second request is answered."""
    made: List[str] = []

    def note(frame: FrameType, event: str, arg: object) -> None:
        if event == "call" and frame.f_code.co_name == "__init__" and isinstance(frame.f_locals.get("self"), App):
            made.append(type(frame.f_locals["self"]).__name__)

    assert (await ask(app, "GET", path)).status == 200
    with profiled(note):
        assert (await ask(app, "GET", path)).status == 200
    return made


def test_a_response_outside_of_routes_makes_no_app_for_a_request() -> None:
    assert asyncio.run(apps_made(FileResponse(__file__), "/")) == []


def test_a_mounted_folder_makes_no_app_for_a_request(site: Path) -> None:
    app = FastAPI()
    app.mount("/static", StaticFiles(directory=site))

    async def requests() -> List[str]:
        async with app.lifespan():
            return await apps_made(app, "/static/app.js")

    assert asyncio.run(requests()) == []


def test_a_folder_of_pages_answers_with_their_index_and_404(site: Path) -> None:
    (site / "404.html").write_text("lost")
    app = FastAPI()
    app.mount("/", StaticFiles(directory=site, html=True))
    client = TestClient(app)
    assert client.get("/").text == "home"
    assert client.get("/sub").text == "sub"
    assert (client.get("/none").status_code, client.get("/none").text) == (404, "lost")


def test_a_missing_folder_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="does not exist"):
        StaticFiles(directory=tmp_path / "none")


def test_a_frontend_answers_what_no_route_answers(site: Path) -> None:
    app = FastAPI()
    app.frontend("/", directory=site)

    @app.get("/api")
    def api() -> str:
        return "api"

    client = TestClient(app)
    assert client.get("/api").json() == "api"
    assert (client.get("/").text, client.get("/app.js").text, client.get("/sub/").text) == ("home", "script", "sub")
    assert client.get("/sub", follow_redirects=False).headers["location"] == "http://testserver/sub/"
    assert client.get("/some/page", headers=HTML).text == "home"
    assert client.get("/some/page", headers={"accept": "text/html;q=0"}).status_code == 404
    assert client.get("/some/data", headers={"accept": "application/json"}).status_code == 404
    assert client.get("/%2e%2e/secret.txt").status_code == 404
    assert (client.head("/app.js").status_code, client.head("/app.js").content) == (200, b"")
    assert (client.post("/app.js").status_code, client.post("/none").status_code) == (405, 404)


@pytest.mark.parametrize(
    ("fallback", "status", "text"),
    [("index.html", 200, "home"), ("404.html", 404, "lost"), ("auto", 404, "lost"), (None, 404, "Not Found")],
)
def test_the_fallback_of_a_frontend_can_be_chosen(site: Path, fallback: Any, status: int, text: str) -> None:
    (site / "404.html").write_text("lost")
    app = FastAPI()
    app.frontend("/", directory=site, fallback=fallback)
    answer = TestClient(app).get("/none", headers=HTML)
    assert answer.status_code == status
    assert text in answer.text


def test_the_frontend_with_the_longest_prefix_answers(site: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "index.html").write_text("other")
    app, router = FastAPI(), APIRouter(prefix="/b")
    app.frontend("/", directory=site)
    router.frontend("/", directory=other)
    app.include_router(router, prefix="/a")
    client = TestClient(app)
    assert (client.get("/a/b/").text, client.get("/").text) == ("other", "home")
    assert client.get("/a/bc", headers=HTML).text == "home"


def test_dependencies_hold_for_a_frontend_too(site: Path) -> None:
    def refuse() -> None:
        raise HTTPException(401)

    app = FastAPI(dependencies=[Depends(refuse)])
    app.frontend("/", directory=site)
    assert TestClient(app).get("/app.js").status_code == 401


def test_a_missing_frontend_is_only_warned_of_in_development(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RuntimeError, match="does not exist"):
        FastAPI().frontend("/", directory=tmp_path / "none")
    with pytest.raises(RuntimeError, match="fallback file"):
        FastAPI().frontend("/", directory=tmp_path, fallback="index.html")
    monkeypatch.setenv("FASTAPI_ENV", "development")
    with pytest.warns(UserWarning, match="does not exist"):
        FastAPI().frontend("/", directory=tmp_path / "none")


@pytest.mark.parametrize(("path", "options"), [("", {}), ("x", {}), ("/", {"fallback": "other.html"})])
def test_a_wrong_frontend_is_an_error_at_once(site: Path, path: str, options: Any) -> None:
    with pytest.raises(AssertionError):
        FastAPI().frontend(path, directory=site, **options)


def test_a_template_is_given_the_request(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>{{ name }} {{ url_for('page', name='x') }}</p>")
    templates = Jinja2Templates(directory=str(tmp_path))
    app = FastAPI()

    @app.get("/{name}")
    def page(request: Request, name: str) -> Any:
        return templates.TemplateResponse(request=request, name="page.html", context={"name": name})

    answer = TestClient(app).get("/<b>")
    assert answer.text == "<p>&lt;b&gt; http://testserver/x</p>"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_a_part_of_a_file_is_never_compressed(site: Path) -> None:
    (site / "big.txt").write_text("x" * 5000)
    app = FastAPI()
    app.add_middleware(GZipMiddleware)
    app.mount("/static", StaticFiles(directory=site))
    sent = {"accept-encoding": "gzip"}
    assert fetch(app, "GET", "/static/big.txt", headers=sent).headers["content-encoding"] == "gzip"
    part = fetch(app, "GET", "/static/big.txt", headers={**sent, "range": "bytes=0-1999"})
    assert (part.status, part.text, "content-encoding" in part.headers) == (206, "x" * 2000, False)


def test_a_file_passes_middleware_that_the_body_passes_through(site: Path) -> None:
    class Through(BaseHTTPMiddleware):
        async def dispatch(self, request: Any, call_next: Any) -> Any:
            return await call_next(request)

    (site / "big.bin").write_bytes(b"x" * 100_000)
    app = FastAPI()
    app.add_middleware(Through)
    app.mount("/static", StaticFiles(directory=site))
    sent: List[str] = []

    async def sending_paths(scope: Any, receive: Any, send: Any) -> None:
        async def send_path(message: Any) -> None:
            if message["type"] == "http.response.pathsend":
                sent.append(message["path"])
                message = {"type": "http.response.body", "body": b""}
            await send(message)

        await app(scope, receive, send_path)

    assert len(fetch(app, "GET", "/static/big.bin").body) == 100_000
    fetch(sending_paths, "GET", "/static/big.bin", scope={"extensions": {"http.response.pathsend": {}}})
    assert sent == [str((site / "big.bin").resolve())], "a server that can send files is given the path"


def test_a_name_with_nul_is_a_404_where_links_are_followed(site: Path) -> None:
    app = FastAPI()
    app.mount("/static", StaticFiles(directory=site, follow_symlink=True))
    assert TestClient(app).get("/static/a%00b").status_code == 404
