"""Measurement of late registration: how long a call in a running app keeps the event loop from everything else."""

from __future__ import annotations

import asyncio
import itertools
import json
import statistics
import sys
import time
from functools import partial
from types import FunctionType
from typing import Any, Callable, Dict, List, NamedTuple, Tuple

from pydantic import BaseModel

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
_numbers = itertools.count()


class Figures(NamedTuple):
    """Milliseconds: the call, its processor time, the longest gap between two turns of the loop, until it is served.

    Of several registrations the gap is the longest one, the others are medians.
    """

    call: float
    processor: float
    longest: float
    served: float


class Item(BaseModel):
    name: str
    price: float = 0


async def read(x: int = 0, q: str = "") -> Dict[str, object]:
    return {"x": x, "q": q}


async def create(item: Item) -> Item:
    return item


class Resource:
    async def on_get(self, req: Any, resp: Any, **values: Any) -> None:
        resp.text = "x"


class Component:
    async def process_response(self, req: Any, resp: Any, resource: Any, succeeded: bool) -> None: ...


def hybrid() -> Tuple[Any, Callable[[str], object], Dict[str, Register]]:
    app: Any = Fenrir()

    def hook() -> None:
        async def before() -> None: ...

        app.before_request(before)

    return (
        app,
        lambda path: app.get(path)(_copy(read)),
        {
            "hook": hook,
            "error handler": lambda: app.add_exception_handler(_error(), lambda: "x"),
        },
    )


def sanic() -> Tuple[Any, Callable[[str], object], Dict[str, Register]]:
    app: Any = fenrir_sanic.Sanic(f"late{next(_numbers)}")

    async def handler(request: Any, **values: Any) -> Any:
        return fenrir_sanic.text("x")

    def hook() -> None:
        async def after(request: Any, response: Any) -> None: ...

        app.on_response(after)

    return (
        app,
        lambda path: app.add_route(handler, path.replace("{", "<").replace("}", ">"), name=f"route{next(_numbers)}"),
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
        holder = router if path.endswith("1") else app
        if path.endswith("2") and not path.startswith("/late"):
            holder.post(path)(_copy(create))
        else:
            holder.get(path)(_copy(read))

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


def _copy(function: Any) -> Any:
    """Return a function like another one: each route has one of its own."""
    copied = FunctionType(function.__code__, globals(), function.__name__, function.__defaults__)
    copied.__annotations__ = function.__annotations__
    return copied


def _error() -> type:
    return type("LateError", (Exception,), {})


async def measure(kind: str, what: str, routes: int = ROUTES, times: int = _TIMES) -> Figures:
    """Return the figures of several registrations in one running app.

    Args:
        kind: A key of `APPS`.
        what: ``route``, or another thing that the app takes late.
        routes: How many there are before, every second one with a parameter.
        times: How often something is registered.
    """
    app, add, others = APPS[kind]()
    for number in range(routes):
        add(f"/{number}/{{x}}" if number % 2 else f"/{number}")
    async with Client(app) as client:
        await client.get("/0")
        found: List[Figures] = []
        for number in range(times):
            path = f"/late{number}" if what == "route" else "/0"
            found.append(await _one(client, partial(add, path) if what == "route" else others[what], path))
    medians = Figures(*(statistics.median(values) for values in zip(*found)))
    return medians._replace(longest=max(figures.longest for figures in found))


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
        raise RuntimeError(f"{path} was answered {answer.status}: {answer.text}")
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
    print(json.dumps(asyncio.run(measure(sys.argv[1], sys.argv[2]))))
