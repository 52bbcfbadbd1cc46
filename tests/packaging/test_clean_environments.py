"""The wheels in clean environments: the kernel alone, each paradigm alone, everything together."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

import pytest

JSON = {"content-type": "application/json"}
USER = {"username": "ada", "email": "ada@example.org", "age": 36}

#: The requests to each snippet, with the expected responses: status, and a part of the headers and body as text.
SNIPPETS: Dict[str, List[Tuple[Dict[str, Any], int, str]]] = {
    "fastapi": [
        (
            {
                "method": "POST",
                "path": "/api/register",
                "headers": {**JSON, "x-api-key": "secret-token"},
                "body": json.dumps(USER),
            },
            200,
            '"auth":"secret-token"',
        ),
        (
            {
                "method": "POST",
                "path": "/api/register",
                "headers": {**JSON, "x-api-key": "secret-token"},
                "body": json.dumps({**USER, "age": "many"}),
            },
            422,
            '"age"',
        ),
        ({"path": "/openapi.json"}, 200, "/api/register"),
        ({"path": "/docs"}, 200, "swagger-ui"),
    ],
    "flask": [
        ({"path": "/welcome?name=Ada"}, 200, "<h1>Welcome, Ada!</h1>"),
        ({"path": "/welcome?name=%3Cb%3E"}, 200, "<h1>Welcome, &lt;b&gt;!</h1>"),
        ({"path": "/welcome"}, 200, "Visits: 1"),
    ],
    "falcon": [
        ({"path": "/items/7"}, 200, "Fetched via Falcon Class-Based view!"),
        ({"method": "POST", "path": "/items/7", "headers": JSON, "body": '{"a": 1}'}, 201, '"received":{"a":1}'),
        ({"path": "/items/seven"}, 404, ""),
    ],
    "sanic": [({"path": "/"}, 404, "")],
    "bottle": [
        ({"path": "/legacy/old/page"}, 200, "legacy /legacy /old/page"),
        ({"path": "/old-docs"}, 302, '"location":"/docs"'),
    ],
}
#: The names that each paradigm adds to the façade and the app; without the plugin, the error names it.
NAMES = {"fastapi": ["Depends", "Header"], "flask": ["g", "session", "render_template"], "bottle": ["send_file"]}
METHODS = {"falcon": ["add_route"], "sanic": ["listener", "add_task"], "wsgi": ["mount_wsgi"]}
#: What a paradigm needs of Fenrir besides the kernel.
BESIDES = {"bottle": {"wsgi"}, "falcon": {"wsgi"}, "flask": {"wsgi"}}

paradigms = pytest.mark.parametrize("paradigm", sorted(SNIPPETS))
Make = Callable[..., Any]


def hint_for(environment: Any, statement: str, cwd: Path) -> str:
    """Return what a failing statement prints on its standard error."""
    done = environment.run("-c", statement, cwd=cwd, check=False)
    assert done.returncode != 0, f"worked without its plugin: {statement}"
    return str(done.stderr.strip())


def check_hints(environment: Any, missing: List[str], cwd: Path) -> None:
    """Check that names and methods of paradigms that are not installed say what to install."""
    for paradigm in missing:
        remedy = f'pip install "fenrir-core[{paradigm}]"'
        for name in NAMES.get(paradigm, []):
            said = hint_for(environment, f"from fenrir import {name}", cwd)
            assert said.splitlines()[-1] == f"ImportError: {name!r} comes with the fenrir-{paradigm} plugin: {remedy}"
        for method in METHODS.get(paradigm, []):
            said = hint_for(environment, f"from fenrir import Fenrir; Fenrir().{method}", cwd)
            assert method in said and f"fenrir-{paradigm}" in said and remedy in said


def check_snippet(environment: Any, paradigm: str, documentation: Path) -> None:
    """Run a paradigm's snippet as written and check each of its answers."""
    asked = SNIPPETS[paradigm]
    answers = environment.drive(f"{paradigm}_paradigm", [request for request, _, _ in asked], documentation)
    for (request, status, part), answer in zip(asked, answers):
        assert answer["status"] == status, (request, answer)
        text = answer["body"] + json.dumps(answer["headers"])
        assert part.replace(" ", "") in text.replace(" ", ""), (request, answer)


def test_the_kernel_alone_pulls_in_pluggy_alone(environment: Make) -> None:
    expected = {"fenrir-core", "pluggy"}
    if sys.version_info < (3, 11):
        expected |= {"typing-extensions"}
    if sys.version_info < (3, 10):
        expected |= {"importlib-metadata", "zipp"}
    assert environment("fenrir-core").installed() == expected


def test_the_kernel_alone_imports_in_a_blink(environment: Make, tmp_path: Path, capsys: Any) -> None:
    code = "import asyncio, time; t = time.perf_counter(); import fenrir, fenrir_core; print(time.perf_counter() - t)"
    alone = environment("fenrir-core")
    alone.run("-c", code, cwd=tmp_path)  # The first import also writes the bytecode.
    best = min(float(alone.run("-c", code, cwd=tmp_path).stdout) for _ in range(3))
    with capsys.disabled():
        print(f"\nfenrir_core and fenrir import in {best * 1000:.0f} ms after asyncio, Python {sys.version.split()[0]}")
    assert best < 0.5


def test_the_kernel_alone_serves_a_plain_function(environment: Make, tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text(
        "from fenrir import Fenrir\napp = Fenrir()\n"
        "@app.get('/pets/{pet_id:int}')\nasync def pet(pet_id):\n    return {'pet': pet_id}\n",
        encoding="utf-8",
    )
    (answer,) = environment("fenrir-core").drive("plain", [{"path": "/pets/7"}], tmp_path)
    assert (answer["status"], json.loads(answer["body"])) == (200, {"pet": 7})


def test_the_kernel_alone_names_the_plugin_of_each_missing_name(environment: Make, tmp_path: Path) -> None:
    check_hints(environment("fenrir-core"), sorted({*SNIPPETS, *METHODS}), tmp_path)


def test_run_without_the_command_line_says_what_to_install(environment: Make, tmp_path: Path) -> None:
    said = hint_for(environment("fenrir-core"), "from fenrir import Fenrir; Fenrir().run(port=0)", tmp_path)
    assert "run() serves with the servers of the command line, which is not installed: pip install fenrir-cli." in said


@paradigms
def test_a_paradigm_alone_brings_no_other_paradigm(paradigm: str, environment: Make) -> None:
    alone = environment(f"fenrir-core[{paradigm}]")
    alone.check()
    parts = {"core", paradigm, *BESIDES.get(paradigm, ())}
    assert {name for name in alone.installed() if name.startswith("fenrir-")} == {f"fenrir-{part}" for part in parts}


@paradigms
def test_a_paradigm_alone_runs_its_snippet_as_written(paradigm: str, environment: Make, documentation: Path) -> None:
    check_snippet(environment(f"fenrir-core[{paradigm}]"), paradigm, documentation)


@paradigms
def test_a_paradigm_alone_names_the_plugins_of_the_others(paradigm: str, environment: Make, tmp_path: Path) -> None:
    others = sorted({*SNIPPETS, *METHODS} - {paradigm, *BESIDES.get(paradigm, ())})
    check_hints(environment(f"fenrir-core[{paradigm}]"), others, tmp_path)


def test_the_extra_for_redis_brings_the_plugin_which_rests_until_it_is_set(environment: Make, tmp_path: Path) -> None:
    alone = environment("fenrir-core[redis]")
    alone.check()
    named = {name for name in alone.installed() if name.startswith("fenrir-")}
    assert named == {"fenrir-core", "fenrir-redis", "fenrir-security"}
    (tmp_path / "plain.py").write_text(
        "import sys\nfrom fenrir import Fenrir\napp = Fenrir()\n"
        "@app.get('/')\nasync def index():\n    return {'redis': 'redis' in sys.modules}\n",
        encoding="utf-8",
    )
    (answer,) = alone.drive("plain", [{"path": "/"}], tmp_path)
    assert (answer["status"], json.loads(answer["body"])) == (200, {"redis": False})


def test_the_plugin_for_redis_says_in_a_clean_environment_that_no_redis_is_there(
    environment: Make, tmp_path: Path, free_port: int
) -> None:
    said = hint_for(
        environment("fenrir-core[redis]"),
        "import asyncio; from fenrir import Fenrir\n"
        f"app = Fenrir(redis_url='redis://127.0.0.1:{free_port}', redis_sessions=True, redis_start_timeout=0.1)\n"
        "asyncio.run(app.lifespan().__aenter__())",
        tmp_path,
    )
    assert "Start-up failed in 'redis' (from redis (fenrir-redis 5.0.0)): RedisUnavailable" in said


def test_the_listeners_and_the_task_of_the_sanic_snippet_run(environment: Make, documentation: Path) -> None:
    done = environment("fenrir-core[sanic]").run(
        str(Path(__file__).with_name("drive.py")), "sanic_paradigm", '[{"path": "/"}]', cwd=documentation
    )
    printed = done.stdout.splitlines()
    assert printed[:2] == ["Database connection initiated!", "Polling metrics..."]


@paradigms
def test_all_together_run_each_snippet_as_written(paradigm: str, environment: Make, documentation: Path) -> None:
    check_snippet(environment("fenrir-framework"), paradigm, documentation)


def test_all_together_bring_every_part(environment: Make) -> None:
    every = environment("fenrir-framework")
    every.check()
    parts = ["core", "fastapi", "flask", "falcon", "sanic", "bottle", "wsgi", "cli", "framework"]
    assert {name for name in every.installed() if name.startswith("fenrir-")} == {f"fenrir-{part}" for part in parts}


def test_all_together_bring_a_fast_server_and_codec(environment: Make) -> None:
    native = {"httptools", "orjson"} | ({"uvloop"} if sys.platform != "win32" else set())
    wanted = {"uvicorn", "hypercorn"} | (native if sys.implementation.name == "cpython" else set())
    assert wanted - environment("fenrir-framework").installed() == set()


def test_all_together_the_extra_all_is_the_framework_without_its_name(environment: Make) -> None:
    extra = environment("fenrir-core[all]").installed()
    assert extra == environment("fenrir-framework").installed() - {"fenrir-framework"}


def test_problem_details_come_by_their_extra_and_need_the_kernel_alone(environment: Make, tmp_path: Path) -> None:
    alone = environment("fenrir-core[problems]")
    alone.check()
    assert {name for name in alone.installed() if name.startswith("fenrir-")} == {"fenrir-core", "fenrir-problems"}
    code = "from fenrir import Fenrir\napp = Fenrir(problem_details=True)\napp.get('/')(lambda: 'hello')\n"
    (tmp_path / "problems.py").write_text(code, encoding="utf-8")
    (answer,) = alone.drive("problems", [{"path": "/nowhere"}], tmp_path)
    assert (answer["status"], answer["headers"]["content-type"]) == (404, "application/problem+json")


def test_security_comes_by_its_extra_and_needs_the_kernel_alone(environment: Make, tmp_path: Path) -> None:
    alone = environment("fenrir-core[security]")
    alone.check()
    assert {name for name in alone.installed() if name.startswith("fenrir-")} == {"fenrir-core", "fenrir-security"}
    code = "from fenrir import Fenrir\napp = Fenrir(secure=True)\napp.post('/')(lambda: 'hello')\n"
    (tmp_path / "secured.py").write_text(code, encoding="utf-8")
    (answer,) = alone.drive("secured", [{"path": "/", "method": "POST"}], tmp_path)
    assert (answer["status"], answer["headers"]["x-content-type-options"]) == (403, "nosniff")


def test_tracing_comes_by_its_extra_and_brings_the_api_without_the_sdk(environment: Make, tmp_path: Path) -> None:
    alone = environment("fenrir-core[otel]")
    alone.check()
    named = {name for name in alone.installed() if name.startswith(("fenrir-", "opentelemetry-"))}
    assert named == {"fenrir-core", "fenrir-otel", "opentelemetry-api"}
    code = "from fenrir import Fenrir\napp = Fenrir(otel=True)\napp.get('/')(lambda: 'hello')\n"
    (tmp_path / "traced.py").write_text(code, encoding="utf-8")
    (answer,) = alone.drive("traced", [{"path": "/"}], tmp_path)
    assert (answer["status"], answer["body"]) == (200, "hello")


def fetch(url: str, server: subprocess.Popen[bytes], seconds: float) -> Tuple[int, str]:
    """Get a URL from a server that may still be starting; give up when it has ended."""
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.status, answer.read().decode("utf-8")
        except urllib.error.HTTPError as failure:
            with failure:
                return failure.code, failure.read().decode("utf-8", "replace")
        except OSError:
            if server.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.1)


@pytest.mark.parametrize("command", ["script", "module"])
def test_the_installed_command_serves_a_snippet(
    command: str, environment: Make, documentation: Path, free_port: int
) -> None:
    every = environment("fenrir-framework")
    log, status, body = run_falcon(every, command, documentation, free_port)
    assert status == 200
    assert json.loads(body)["item_id"] == 7
    loop = "uvloop" if sys.platform != "win32" and sys.implementation.name == "cpython" else "asyncio"
    assert re.search(rf"\(uvicorn [\d.]+ on {loop}\b", log)
    assert "faster" not in log


def test_the_command_alone_serves_on_hypercorn_and_says_what_would_be_faster(
    environment: Make, documentation: Path, free_port: int
) -> None:
    log, status, _ = run_falcon(environment("fenrir-core[cli,falcon]"), "script", documentation, free_port)
    assert status == 200
    assert re.search(r"\(hypercorn [\d.]+ on asyncio\)", log)
    assert "  faster: pip install uvicorn httptools uvloop\n" in log


def run_falcon(every: Any, command: str, documentation: Path, free_port: int) -> Tuple[str, int, str]:
    """Serve Falcon's snippet; return what the command printed, and the status and body of a response."""
    start = [str(every.bin / "fenrir")] if command == "script" else [str(every.python), "-m", "fenrir.cli"]
    arguments = [*start, "run", "falcon_paradigm:app", "--host", "127.0.0.1", "--port", str(free_port)]
    log = documentation / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(arguments, cwd=str(documentation), stdout=output, stderr=subprocess.STDOUT)
        try:
            status, body = fetch(f"http://127.0.0.1:{free_port}/items/7", server, 30)
        except OSError:
            pytest.fail(log.read_text())
        finally:
            server.terminate()
            server.wait(timeout=30)
    return log.read_text(), status, body
