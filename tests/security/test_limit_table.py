"""Each limit holds by its default, its setting, its environment variable and its route option, as the page says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

import pytest
from tests.asgi import Answer, Socket, fetch, kernel_app, run

from fenrir_core import BuildError, Request, WebSocket
from fenrir_core.authoring import LIMITS

FORM = {"content-type": "application/x-www-form-urlencoded"}
MULTIPART = {"content-type": "multipart/form-data; boundary=b"}
JSON = {"content-type": "application/json"}
UNITS = {"MiB": 1024 * 1024, "KiB": 1024}


def part(name: str, content: bytes, filename: str = "", more: str = "") -> bytes:
    file = f'; filename="{filename}"' if filename else ""
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{file}\r\n{more}\r\n'
    return head.encode() + content + b"\r\n"


END = b"--b--\r\n"


def form(*parts: bytes) -> Dict[str, Any]:
    return {"path": "/form", "method": "POST", "headers": MULTIPART, "body": b"".join(parts) + END}


def body(size: int) -> Dict[str, Any]:
    return {"path": "/body", "method": "POST", "body": b"x" * size}


def document(text: str) -> Dict[str, Any]:
    return {"path": "/json", "method": "POST", "headers": JSON, "body": text.encode()}


#: What sends so much of what a limit counts, and the status beyond it.
HTTP: Dict[str, Tuple[Callable[[int], Dict[str, Any]], int]] = {
    "max_body": (body, 413),
    "max_form_fields": (lambda n: form(*[part("a", b"1")] * n), 400),
    "max_form_files": (lambda n: form(*[part("a", b"1", "f")] * n), 400),
    "max_form_field_size": (lambda n: form(part("a", b"x" * n)), 413),
    "max_form_file_size": (lambda n: form(part("a", b"x" * n, "f")), 413),
    "max_form_part_headers": (lambda n: form(part("a", b"1", "", "X: " + "x" * max(0, n - 39) + "\r\n")), 400),
    "max_query_pairs": (lambda n: {"path": "/query", "query": "&".join(["a=1"] * n)}, 400),
    "max_headers": (lambda n: {"path": "/", "headers": [("x", "1")] * n}, 431),
    "max_header_size": (lambda n: {"path": "/", "headers": {"x": "1" * n}}, 431),
    "max_json_depth": (lambda n: document("[" * n + "]" * n), 400),
    "max_json_digits": (lambda n: document("1" * n), 400),
}


def app_with(options: Optional[Dict[str, Any]] = None, **settings: Any) -> Any:
    app = kernel_app(**settings)
    own = options or {}

    @app.get("/", **own)
    async def home() -> Any:
        return "home"

    @app.post("/body", **own)
    async def read_body(request: Request) -> Any:
        return len(await request.body())

    @app.post("/form", **own)
    async def read_form(request: Request) -> Any:
        return len(await request.form())

    @app.post("/json", **own)
    async def read_json(request: Request) -> Any:
        return str(await request.json())[:1]

    @app.get("/query", **own)
    async def read_query(request: Request) -> Any:
        return len(request.query)

    @app.websocket("/socket", **own)
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        async for message in websocket:
            await websocket.send_text(str(len(message)))

    return app


def sent(app: Any, name: str, amount: int) -> Answer:
    """Send so much of what a limit counts."""
    return fetch(app, **HTTP[name][0](amount))


@pytest.mark.parametrize("name", HTTP)
def test_a_setting_is_the_limit(name: str) -> None:
    app = app_with(**{name: 60})
    assert [sent(app, name, amount).status for amount in (60, 61)] == [200, HTTP[name][1]]


@pytest.mark.parametrize("name", HTTP)
def test_an_option_of_the_route_comes_before_the_setting(name: str) -> None:
    app = app_with({name: 60}, **{name: 100})
    assert [sent(app, name, amount).status for amount in (60, 61)] == [200, HTTP[name][1]]
    app = app_with({name: 100}, **{name: 60})
    assert sent(app, name, 100).status == 200


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_an_environment_variable_sets_it(limit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(limit.env, "61")
    assert kernel_app().settings[limit.name] == 61


@pytest.mark.parametrize(
    "name", ["max_form_fields", "max_form_files", "max_query_pairs", "max_headers", "max_json_depth"]
)
def test_it_is_on_by_default(name: str) -> None:
    default = next(limit.default for limit in LIMITS if limit.name == name)
    app = app_with()
    assert [sent(app, name, amount).status for amount in (default, default + 1)] == [200, HTTP[name][1]]


@pytest.mark.parametrize("name", [name for name in HTTP if "json" not in name])
def test_none_is_no_limit(name: str) -> None:
    app = app_with(**{name: None})
    assert sent(app, name, 2000).status == 200


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_an_option_that_is_no_limit_is_refused_at_the_build(limit: Any) -> None:
    app = kernel_app()
    app.get("/", **{limit.name: -1})(lambda: "")
    with pytest.raises(BuildError, match=rf"test_limit_table.py:\d+: route '/': the option {limit.name} can't be -1"):
        app.build()


def test_more_digits_than_python_converts_are_refused() -> None:
    with pytest.raises(BuildError, match="set_int_max_str_digits"):
        kernel_app(max_json_digits=10_000_000)


def test_a_depth_beyond_the_default_can_be_allowed() -> None:
    assert sent(app_with(max_json_depth=300), "max_json_depth", 300).status == 200


@pytest.mark.parametrize("settings", [{"max_json_depth": 300}, {"max_json_digits": 100}])
@pytest.mark.parametrize("text", ["1e999", '{"a": [-1e999]}', "NaN", "[Infinity]"])
def test_a_number_that_is_not_finite_is_refused_within_any_limits(settings: Any, text: str) -> None:
    assert fetch(app_with(**settings), **document(text)).status == 400


# ------------------------------------------------------------ WebSocket messages


def close_code(app: Any, message: Any) -> Tuple[List[Any], Optional[int]]:
    async def go() -> Tuple[List[Any], Optional[int]]:
        socket = Socket(app, "/socket")
        socket.start()
        await socket.until(lambda: "accept" in socket.types)
        socket.say(message)
        await socket.until(lambda: socket.heard or "close" in socket.types)
        if socket.heard:
            socket.close()
        await socket.finish()
        return list(socket.heard), socket.close_code

    return run(go())


@pytest.mark.parametrize("message", ["x" * 61, b"x" * 61, "\u00e9" * 31, "\U0001f43a" * 16])
def test_a_message_over_the_limit_closes_with_1009(message: Any) -> None:
    assert close_code(app_with(max_websocket_message=60), message) == ([], 1009)
    assert close_code(app_with({"max_websocket_message": 60}), message) == ([], 1009)


@pytest.mark.parametrize("message", ["x" * 60, b"x" * 60, "\u00e9" * 30, "\U0001f43a" * 15])
def test_a_message_of_the_limit_is_received(message: Any) -> None:
    assert close_code(app_with(max_websocket_message=60), message)[0] == [str(len(message))]


def test_a_message_for_a_mounted_application_has_a_limit_too() -> None:
    heard: List[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        heard.append(await receive())

    app = kernel_app(max_websocket_message=60)
    app.mount("", application)
    assert close_code(app, "x" * 61)[1] == 1009
    assert (heard[0]["type"], heard[0]["code"]) == ("websocket.disconnect", 1009)


# ------------------------------------------------------------ the page


def rows() -> Dict[str, Tuple[str, str, str]]:
    page = (Path(__file__).resolve().parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `(\w+)`: [^|]+ \| ([^|]+) \| `(\w+)` \| ([^|]+) \|$", page, re.M)
    return {name: (default, env, answer) for name, default, env, answer in found}


def number(text: str) -> Optional[int]:
    """Return a default as the page writes it, as a number."""
    if text.startswith("none"):
        return None
    digits, _, unit = text.partition(" ")
    return int(digits) * UNITS.get(unit, 1)


def test_the_page_has_each_limit_with_its_default_and_variable() -> None:
    written = {name: (number(default), env) for name, (default, env, _) in rows().items()}
    assert written == {limit.name: (limit.default, limit.env) for limit in LIMITS}


def test_the_page_says_what_answers() -> None:
    written = {name: int(answer) for name, (_, _, answer) in rows().items() if answer.isdigit() and name in HTTP}
    assert written == {name: status for name, (_, status) in HTTP.items()}


def test_the_settings_are_those_of_the_table() -> None:
    app = kernel_app()
    assert {limit.name: app.settings[limit.name] for limit in LIMITS} == {limit.name: limit.default for limit in LIMITS}
    assert json.dumps(sorted(rows())) == json.dumps(sorted(limit.name for limit in LIMITS))
