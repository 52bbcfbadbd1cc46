"""`fenrir bench`: how fast an app answers, with no network in between."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Optional, Tuple

import click

from ..bench import BenchOptions, BenchResult, measure
from ..console import console
from ..errors import FAILED, MISUSED, CliError
from ..loader import built, load_app
from ..target import parse_target

if TYPE_CHECKING:
    from rich.table import Table


@click.command()
@click.argument("app", required=False)
@click.option("-i", "--iterations", default=1000, show_default=True, type=click.IntRange(1), help="Requests per path.")
@click.option("-p", "--path", "paths", multiple=True, default=("/",), show_default=True, help="A path; repeatable.")
@click.option("-m", "--method", default="GET", show_default=True, help="The HTTP method.")
@click.option("-H", "--header", "headers", multiple=True, metavar="NAME:VALUE", help="A header; repeatable.")
@click.option("-d", "--data", help="The body; @FILE reads it from a file.")
@click.option("-c", "--concurrency", default=1, show_default=True, type=click.IntRange(1), help="Requests at a time.")
@click.option("-w", "--warm-up", default=50, show_default=True, type=click.IntRange(0), help="Requests not counted.")
@click.option("--factory", is_flag=True, help="APP is a function that makes the app.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
def bench(
    app: Optional[str],
    iterations: int,
    paths: Tuple[str, ...],
    method: str,
    headers: Tuple[str, ...],
    data: Optional[str],
    concurrency: int,
    warm_up: int,
    factory: bool,
    as_json: bool,
) -> None:
    """Send requests to APP in this process and time them; start-up and shutdown run too.

    The figures hold httpx's own time, which is the same for every app: compare with them,
    and measure a server under load with a tool for that.
    """
    for path in paths:
        if not path.startswith("/"):
            raise CliError(f"The path {path!r} must start with '/'.", exit_code=MISUSED)
    target = parse_target(app, os.getcwd())
    loaded = built(load_app(target, factory))
    options = BenchOptions(method.upper(), _headers(headers), _body(data), iterations, concurrency, warm_up)
    results = measure(loaded, paths, options)
    if as_json:
        click.echo(json.dumps({"app": str(target), "results": [asdict(result) for result in results]}, indent=2))
    else:
        console().print(_table(results))
    bad = [f"{result.method} {result.path} answered {_statuses(result)}" for result in results if not result.is_success]
    if bad:
        raise CliError(f"That is no throughput: {'; '.join(bad)}.", exit_code=FAILED)


def _headers(given: Tuple[str, ...]) -> Tuple[Tuple[str, str], ...]:
    pairs = []
    for header in given:
        name, colon, value = header.partition(":")
        if not colon or not name.strip():
            raise CliError(f"The header {header!r} must be written NAME:VALUE.", exit_code=MISUSED)
        pairs.append((name.strip(), value.strip()))
    return tuple(pairs)


def _body(data: Optional[str]) -> bytes:
    if data is None:
        return b""
    if not data.startswith("@"):
        return data.encode("utf-8")
    try:
        with open(data[1:], "rb") as file:
            return file.read()
    except OSError as error:
        raise CliError(f"Can't read the body from {data[1:]}: {error.strerror}.", exit_code=MISUSED) from None


def _table(results: Tuple[BenchResult, ...]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Request", no_wrap=True)
    for heading in ("Requests/s", "Mean ms", "p50", "p90", "p99", "Max"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("Statuses")
    for result in results:
        style = "" if result.is_success else "red"
        rate = f"{result.per_second:,.0f}" if result.is_success else "-"
        times = (result.mean, result.p50, result.p90, result.p99, result.max)
        table.add_row(
            Text(f"{result.method} {result.path}", style="bold"),
            Text(rate, style="green"),
            *(f"{value:.3f}" for value in times),
            Text(_statuses(result), style=style),
        )
    return table


def _statuses(result: BenchResult) -> str:
    return ", ".join(f"{status}: {count}" for status, count in result.statuses.items())
