"""Measurement of late registration: how long a call in a running app keeps the event loop from everything else."""

from __future__ import annotations

import asyncio
import itertools
import json
import statistics
import sys
import time
from typing import Any, Callable, Dict, List, NamedTuple, Tuple

import fenrir_bottle
import fenrir_falcon
import fenrir_fastapi
import fenrir_sanic
from fenrir_core import Fenrir
from fenrir_core.testing import Client

from . import report
from .footprint import output

ROUTES, _TIMES = 1_000, 9
Register = Callable[[], object]


class Figures(NamedTuple):
    """Milliseconds: the call, its processor time, the longest gap between two turns of the loop, until it is served."""

    call: float
    processor: float
    longest: float
    served: float


class Resource:
    async def on_get(self, req: Any, resp: Any, **values: Any) -> None:
        resp.text = "x"


class Component:
    async def process_response(self, req: Any, resp: Any, resource: Any, succeeded: bool) -> None: ...


def hybrid() -> Tuple[Any, Callable[[str], object], Dict[str, Register]]:
    app: Any = Fenrir()

    def hook() -> None:
        @app.before_request  # type: ignore[untyped-decorator]
        async def before() -> None: ...

    return (
        app,
        lambda path: app.get(path)(lambda **values: "x"),
        {
            "hook": hook,
            "error handler": lambda: app.add_exception_handler(_error(), lambda: "x"),
        },
    )


def sanic() -> Tuple[Any, Callable[[str], object], Dict[str, Register]]:
    app: Any = fenrir_sanic.Sanic("late")
    names = itertools.count()

    async def handler(request: Any, **values: Any) -> Any:
        return fenrir_sanic.text("x")

    def hook() -> None:
        @app.on_response  # type: ignore[untyped-decorator]
        async def after(request: Any, response: Any) -> None: ...

    return (
        app,
        lambda path: app.add_route(handler, path.replace("{", "<").replace("}", ">"), name=f"route{next(names)}"),
        {
            "hook": hook,
            "error handler": lambda: app.exception(_error())(lambda request, error: fenrir_sanic.text("x")),
        },
    )


def fastapi() -> Tuple[Any, Callable[[str], object], Dict[str, Register]]:
    app: Any = fenrir_fastapi.FastAPI()
    router = fenrir_fastapi.APIRouter(prefix="/api", tags=["late"])
    app.include_router(router)

    def add(path: str) -> None:
        (router if path.endswith("1") else app).get(path)(lambda: "x")

    return (
        app,
        add,
        {"error handler": lambda: app.exception_handler(_error())(lambda request, error: None)},
    )


def falcon() -> Tuple[Any, Callable[[str], object], Dict[str, Register]]:
    app: Any = fenrir_falcon.App()

    async def handle(req: Any, resp: Any, error: Any, params: Any) -> None: ...

    return (
        app,
        lambda path: app.add_route(path, Resource()),
        {
            "hook": lambda: app.add_middleware(Component()),
            "error handler": lambda: app.add_error_handler(_error(), handle),
        },
    )


def bottle() -> Tuple[Any, Callable[[str], object], Dict[str, Register]]:
    app: Any = fenrir_bottle.Bottle()
    return (
        app,
        lambda path: app.route(path.replace("{", "<").replace("}", ">"), callback=lambda **values: "x"),
        {
            "hook": lambda: app.add_hook("after_request", lambda: None),
            "plugin": lambda: app.install(lambda callback: callback),
        },
    )


APPS = {"hybrid": hybrid, "Sanic": sanic, "FastAPI": fastapi, "Falcon": falcon, "Bottle": bottle}


def _error() -> type:
    return type("LateError", (Exception,), {})


async def measure(kind: str, what: str, routes: int = ROUTES, times: int = _TIMES) -> Figures:
    """Return the medians of several registrations in one running app.

    Args:
        kind: A key of `APPS`.
        what: ``route``, or another thing that the app takes late.
        routes: How many there are before, every second one with a parameter.
        times: How often something is registered.
    """
    app, add, others = APPS[kind]()
    for number in range(routes):
        add(f"/{number}/{{x}}" if number % 2 and kind != "FastAPI" else f"/{number}")
    async with Client(app) as client:
        await client.get("/0")
        found: List[Figures] = []
        for number in range(times):
            path = f"/late{number}" if what == "route" else "/0"
            found.append(await _one(client, (lambda path=path: add(path)) if what == "route" else others[what], path))
    return Figures(*(statistics.median(values) for values in zip(*found)))


async def _one(client: Client, register: Register, path: str) -> Figures:
    gaps: List[float] = []
    is_done = False

    async def watch() -> None:
        last = time.perf_counter()
        while not is_done:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    watcher = asyncio.ensure_future(watch())
    await asyncio.sleep(0.05)
    gaps.clear()
    began, spent = time.perf_counter(), time.thread_time()
    register()
    call, processor = time.perf_counter() - began, time.thread_time() - spent
    answer = await client.get(path)
    served = time.perf_counter() - began
    await asyncio.sleep(0.02)
    is_done = True
    await watcher
    if answer.status not in (200, 404):
        raise RuntimeError(f"{path} was answered {answer.status}")
    return Figures(*(1e3 * value for value in (call, processor, max(gaps), served)))


def show(markdown: bool = False) -> int:
    """Print everything, each line from a process of its own; return the exit status."""
    print(", ".join(report.machine().values()), "\n")
    lines = [[f"ms, in an app of {ROUTES:,} routes", "call", "of the processor", "longest gap", "served after"]]
    for kind, make in APPS.items():
        for what in ("route", *make()[2]):
            print(f"{kind}, {what} …", file=sys.stderr)
            figures = json.loads(output("-m", __name__, kind, what))
            lines.append([f"{kind}: {what}", *(f"{value:.1f}" for value in figures)])
    print(report.draw(lines, markdown))
    return 0


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(*sys.argv[1:]))))
