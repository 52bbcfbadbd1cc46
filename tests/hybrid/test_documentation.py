"""Every snippet of the documentation as written, in process and through `fenrir run`, and its claims."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Iterator, List

import pytest

from fenrir import (
    Depends,
    EventSourceResponse,
    Fenrir,
    File,
    Form,
    Header,
    Query,
    UploadFile,
    WebSocket,
    g,
    redirect,
    render_template,
    request,
    send_file,
    send_from_directory,
    session,
)
from fenrir import (
    Path as PathParameter,
)
from fenrir_core import BuildError
from fenrir_core.testing import Client

from .sites import SNIPPETS, InProcess, environment, import_snippet, serve

Opener = Callable[[str], Any]


@pytest.fixture(scope="module", params=["in process", "fenrir run"])
def opened(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opener]:
    """Return a function that opens the snippet of a paradigm, once for this module and way."""
    sites = {}
    contexts: List[Any] = []

    def open_site(paradigm: str) -> Any:
        module = f"{paradigm}_paradigm"
        if module not in sites:
            if request.param == "in process":
                sites[module] = InProcess(import_snippet(module).app)
            else:
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", 0))
                    port = int(probe.getsockname()[1])
                contexts.append(serve(module, tmp_path_factory.mktemp(paradigm), port))
                sites[module] = contexts[-1].__enter__()
        return sites[module]

    yield open_site
    for context in contexts:
        context.__exit__(None, None, None)


USER = {"username": "ada", "email": "ada@example.org", "age": 36}
TOKEN = {"x-api-key": "secret-token"}

# ---------------------------------------------------------------- FastAPI paradigm


def test_fastapi_a_valid_body_and_token_are_answered(opened: Opener) -> None:
    answer = opened("fastapi").ask("POST", "/api/register", json=USER, headers=TOKEN)
    assert (answer.status, answer.json()) == (200, {"status": "success", "user": USER, "auth": "secret-token"})


def test_fastapi_a_wrong_token_never_gets_through(opened: Opener) -> None:
    answer = opened("fastapi").ask("POST", "/api/register", json=USER, headers={"x-api-key": "guess"})
    assert answer.status == 500 and "Invalid credentials" not in answer.text


def test_fastapi_a_wrong_body_is_answered_with_422_and_places(opened: Opener) -> None:
    answer = opened("fastapi").ask("POST", "/api/register", json={"username": "ada", "age": "old"}, headers=TOKEN)
    assert answer.status == 422
    assert [error["loc"] for error in answer.json()["detail"]] == [["body", "email"], ["body", "age"]]


@pytest.mark.parametrize("paradigm", ["fastapi", "flask", "falcon", "sanic", "bottle"])
@pytest.mark.parametrize("path", ["/docs", "/openapi-docs"])
def test_the_interactive_documentation_answers_and_needs_no_other_host(
    opened: Opener, path: str, paradigm: str
) -> None:
    site = opened(paradigm)
    page = site.ask("GET", path)
    assert page.status == 200 and "swagger" in page.text.lower()
    parts = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert parts and all("//" not in part for part in parts)
    for part in parts:
        assert site.ask("GET", part).status == 200


@pytest.mark.parametrize(
    "paradigm, path, method",
    [
        ("fastapi", "/api/register", "post"),
        ("flask", "/welcome", "get"),
        ("falcon", "/items/{item_id}", "post"),
        ("bottle", "/old-docs", "get"),
    ],
)
def test_the_openapi_document_covers_routes_of_every_paradigm(
    opened: Opener, paradigm: str, path: str, method: str
) -> None:
    document = opened(paradigm).ask("GET", "/openapi.json").json()
    assert document["openapi"].startswith("3.") and method in document["paths"][path]


def test_the_openapi_document_has_the_pydantic_schema(opened: Opener) -> None:
    schemas = opened("fastapi").ask("GET", "/openapi.json").json()["components"]["schemas"]
    assert set(schemas["UserRegister"]["properties"]) == {"username", "email", "age"}


# ---------------------------------------------------------------- Flask paradigm


@pytest.mark.parametrize("query, name", [("", "Guest"), ("?name=Ada", "Ada"), ("?name=%3Cb%3E", "&lt;b&gt;")])
def test_flask_the_page_is_rendered_with_escaping(opened: Opener, query: str, name: str) -> None:
    answer = opened("flask").ask("GET", f"/welcome{query}")
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/html")
    assert f"Welcome, {name}!" in answer.text


def test_flask_g_starts_anew_in_every_request(opened: Opener) -> None:
    site = opened("flask")
    assert ["Visits: 1" in site.ask("GET", "/welcome").text for _ in range(3)] == [True] * 3


# ---------------------------------------------------------------- Falcon paradigm


def test_falcon_get_sets_status_and_media(opened: Opener) -> None:
    answer = opened("falcon").ask("GET", "/items/42")
    expected = {"item_id": 42, "msg": "Fetched via Falcon Class-Based view!"}
    assert (answer.status, answer.json()) == (200, expected)
    assert answer.headers["content-type"].startswith("application/json")


def test_falcon_post_reads_the_json(opened: Opener) -> None:
    answer = opened("falcon").ask("POST", "/items/7", json={"name": "rope"})
    assert (answer.status, answer.json()) == (201, {"item_id": 7, "received": {"name": "rope"}})


@pytest.mark.parametrize("method, path, status", [("GET", "/items/x", 404), ("DELETE", "/items/1", 405)])
def test_falcon_what_the_resource_has_not_is_refused(opened: Opener, method: str, path: str, status: int) -> None:
    assert opened("falcon").ask(method, path).status == status


# ---------------------------------------------------------------- Sanic paradigm


def test_sanic_listeners_and_the_task_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert InProcess(import_snippet("sanic_paradigm").app).ask("GET", "/").status == 404
    assert capsys.readouterr().out.splitlines() == ["Database connection initiated!", "Polling metrics..."]


def test_sanic_listeners_and_the_task_run_under_fenrir_run_and_do_not_block_it(tmp_path: Path, free_port: int) -> None:
    with serve("sanic_paradigm", tmp_path, free_port) as served:
        served.until("Polling metrics...")
        assert served.printed.index("Database connection initiated!") < served.printed.index("Polling metrics...")
        assert served.ask("GET", "/").status == 404
    assert served.process.returncode in (0, 130)
    assert "Traceback" not in served.printed


# ---------------------------------------------------------------- Bottle paradigm


@pytest.mark.parametrize("path, info", [("/legacy", ""), ("/legacy/", "/"), ("/legacy/a/b%20c?d=e", "/a/b c")])
def test_bottle_the_wsgi_app_answers_under_its_prefix(opened: Opener, path: str, info: str) -> None:
    answer = opened("bottle").ask("GET", path)
    assert (answer.status, answer.text) == (200, f"legacy /legacy {info}")


def test_bottle_redirect_sends_to_the_docs(opened: Opener) -> None:
    answer = opened("bottle").ask("GET", "/old-docs")
    assert (answer.status, answer.headers["location"]) == (302, "/docs")


# ---------------------------------------------------------------- the lists of features


def ask(app: Fenrir, *requests: Any, **options: Any) -> List[Any]:
    """Send requests `(method, path)` one after the other within one lifespan of the app."""

    async def go() -> List[Any]:
        async with Client(app) as client:
            return [await client.request(method, path, **options) for method, path in requests]

    return asyncio.run(go())


def test_parameters_are_resolved_from_query_path_header_form_and_file() -> None:
    app = Fenrir()

    async def page(q: int = Query()) -> int:
        return q + 1

    @app.post("/things/{number}")
    async def things(
        number: int = PathParameter(),
        next_page: int = Depends(page),
        x_tag: str = Header(),
        title: str = Form(),
        upload: UploadFile = File(),
    ) -> Any:
        return [number, next_page, x_tag, title, upload.filename, (await upload.read()).decode()]

    body = (
        b'--X\r\nContent-Disposition: form-data; name="title"\r\n\r\nhello\r\n'
        b'--X\r\nContent-Disposition: form-data; name="upload"; filename="a.txt"\r\n\r\ncontent\r\n--X--\r\n'
    )
    headers = {"content-type": "multipart/form-data; boundary=X", "x-tag": "t"}
    (answer,) = ask(app, ("POST", "/things/7?q=1"), body=body, headers=headers)
    assert answer.json() == [7, 2, "t", "hello", "a.txt", "content"]


def test_exception_handlers_are_registered_as_in_flask() -> None:
    app = Fenrir()

    @app.exception(ValueError)
    def invalid(error: ValueError) -> Any:
        return {"error": str(error)}, 400

    @app.get("/")
    async def fails() -> None:
        raise ValueError("Invalid credentials")

    (answer,) = ask(app, ("GET", "/"))
    assert (answer.status, answer.json()) == (400, {"error": "Invalid credentials"})


def test_the_session_is_kept_in_a_cookie() -> None:
    app = Fenrir(secret_key="a secret of the tests")

    @app.get("/")
    async def count() -> Any:
        session["count"] = session.get("count", 0) + 1
        return {"count": session["count"]}

    (first,) = ask(app, ("GET", "/"))
    cookie = first.headers["set-cookie"].partition(";")[0]
    (second,) = ask(app, ("GET", "/"), headers={"cookie": cookie})
    assert (first.json(), second.json()) == ({"count": 1}, {"count": 2})


def test_context_locals_never_cross_between_async_and_sync_handlers_and_dependencies() -> None:
    app = Fenrir(secret_key="a secret of the tests")

    async def mark() -> str:
        g.mark = request.args["n"]
        await asyncio.sleep(0)
        return str(g.mark)

    @app.get("/async")
    async def in_loop(marked: str = Depends(mark)) -> Any:
        session["n"] = request.args["n"]
        await asyncio.sleep(0)
        return [request.args["n"], g.mark, session["n"], marked]

    @app.get("/sync")
    def in_thread(marked: str = Depends(mark)) -> Any:
        session["n"] = request.args["n"]
        return [request.args["n"], g.mark, session["n"], marked]

    async def go() -> None:
        async with Client(app) as client:
            paths = [f"/{('async', 'sync')[index % 2]}?n={index}" for index in range(1000)]
            answers = await asyncio.gather(*[client.get(path) for path in paths])
        assert [answer.json() for answer in answers] == [[str(index)] * 4 for index in range(1000)]

    asyncio.run(go())


def test_a_resource_answers_get_post_put_and_delete() -> None:
    class Verbs:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.media = {"verb": "get"}

        async def on_post(self, req: Any, resp: Any) -> None:
            resp.media = {"verb": "post"}

        async def on_put(self, req: Any, resp: Any) -> None:
            resp.media = {"verb": "put"}

        async def on_delete(self, req: Any, resp: Any) -> None:
            resp.media = {"verb": "delete"}

    app = Fenrir()
    app.add_route("/path", Verbs())
    verbs = ["get", "post", "put", "delete"]
    answers = ask(app, *[(verb.upper(), "/path") for verb in verbs])
    assert [answer.json()["verb"] for answer in answers] == verbs


def test_listeners_run_around_the_app_and_middleware_around_requests() -> None:
    order: List[str] = []
    app = Fenrir()

    @app.listener("before_server_start")
    async def begin(app_inst: Any) -> None:
        order.append("start")

    @app.listener("after_server_stop")
    async def end(app_inst: Any) -> None:
        order.append("stop")

    @app.middleware("request")
    async def before(request: Any) -> None:
        order.append("request")

    @app.middleware("response")
    async def after(request: Any, response: Any) -> None:
        order.append("response")

    @app.get("/")
    async def home() -> str:
        order.append("handler")
        return "home"

    ask(app, ("GET", "/"))
    assert order == ["start", "request", "handler", "response", "stop"]


def test_an_unknown_phase_is_refused_where_it_is_written() -> None:
    app = Fenrir()
    with pytest.raises(BuildError, match="before_server_begin"):

        @app.listener("before_server_begin")
        async def never(app_inst: Any) -> None: ...


def test_files_are_sent_and_a_path_from_outside_stays_inside() -> None:
    app = Fenrir()
    app.get("/readme")(lambda: send_file(str(SNIPPETS / "README.md")))
    app.get("/files/<path:path>")(lambda path: send_from_directory(str(SNIPPETS / "templates"), path))
    paths = ["/readme", "/files/welcome.html", "/files/..%2FREADME.md", "/files/none"]
    assert [answer.status for answer in ask(app, *[("GET", path) for path in paths])] == [200, 200, 404, 404]


def test_all_paradigms_live_in_one_event_loop() -> None:
    app = Fenrir()

    class Resource:
        async def on_get(self, req: Any, resp: Any, number: int) -> None:
            resp.media = {"number": number, "name": request.args["name"], "shared": g.shared}

    async def share() -> None:
        g.shared = "by a dependency"

    @app.middleware("request")
    async def shared(request: Any) -> None:
        g.shared = "by a middleware"

    @app.get("/typed/{number}")
    async def typed(number: int, _: None = Depends(share)) -> Any:
        return {"number": number, "name": request.args["name"], "shared": g.shared}

    app.add_route("/resource/<number:int>", Resource())
    app.get("/old")(lambda: redirect("/typed/1"))
    typed_answer, resource, old = ask(
        app, ("GET", "/typed/1?name=a"), ("GET", "/resource/2?name=b"), ("GET", "/old?name=c")
    )
    assert typed_answer.json() == {"number": 1, "name": "a", "shared": "by a dependency"}
    assert resource.json() == {"number": 2, "name": "b", "shared": "by a middleware"}
    assert old.headers["location"] == "/typed/1"


def test_websockets_and_server_sent_events_work_out_of_the_box() -> None:
    app = Fenrir()

    @app.websocket("/echo")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        async for text in websocket:
            await websocket.send_text(f"{text}!")

    @app.get("/events")
    async def events() -> Any:
        async def three() -> Any:
            for number in range(3):
                yield {"number": number}

        return EventSourceResponse(three())

    async def go() -> None:
        async with Client(app) as client:
            async with client.websocket("/echo") as socket_:
                await socket_.send("hello")
                assert await socket_.receive() == "hello!"
            answer = await client.get("/events")
        assert answer.text == "".join(f'data: {{"number":{number}}}\n\n' for number in range(3))

    asyncio.run(go())


def test_templates_have_the_request_and_url_for(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{{ request.path }} {{ url_for('page') }}", encoding="utf-8")
    app = Fenrir(template_folder=str(tmp_path))

    @app.get("/page")
    async def page() -> str:
        return render_template("page.html")

    assert ask(app, ("GET", "/page"))[0].text == "/page /page"


# ---------------------------------------------------------------- the command line


@pytest.mark.parametrize(
    "arguments, shown",
    [
        (["routes", "falcon_paradigm:app"], ["/items/<item_id:int>", "GET", "POST"]),
        (["routes", "bottle_paradigm:app"], ["/legacy", "/old-docs"]),
        (["info", "flask_paradigm:app"], ["flask", "bottle", "Python"]),
    ],
)
def test_the_commands_of_the_table_show_an_app(arguments: List[str], shown: List[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fenrir.cli", *arguments],
        cwd=str(SNIPPETS), env={**environment(), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, encoding="utf-8", timeout=60, check=True,
    )  # fmt: skip
    assert [text for text in shown if text not in done.stdout] == []


def test_run_takes_dev(tmp_path: Path, free_port: int) -> None:
    with serve("bottle_paradigm", tmp_path, free_port, "--dev") as served:
        assert served.ask("GET", "/old-docs").status == 302
