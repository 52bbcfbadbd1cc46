"""`fenrir bench`: how fast an app answers, with no network in between."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional, Sequence, Tuple

import click

from ..bench import BenchOptions, BenchResult, Progress, measure
from ..compare import Change, changes, read_results
from ..complete import complete_app
from ..console import paint, say, show
from ..errors import FAILED, MISUSED, CliError
from ..loader import built, load_app
from ..target import parse_target

if TYPE_CHECKING:
    from rich.table import Table

#: The longest bar of a histogram, in characters.
WIDTH = 40


@click.command()
@click.argument("app", required=False, shell_complete=complete_app)
@click.option("-i", "--iterations", default=1000, show_default=True, type=click.IntRange(1), help="Requests per path.")
@click.option("-p", "--path", "paths", multiple=True, default=("/",), show_default=True, help="A path; repeatable.")
@click.option("-m", "--method", default="GET", show_default=True, help="The HTTP method.")
@click.option("-H", "--header", "headers", multiple=True, metavar="NAME:VALUE", help="A header; repeatable.")
@click.option("-d", "--data", help="The body; @FILE reads it from a file.")
@click.option("-c", "--concurrency", default=1, show_default=True, type=click.IntRange(1), help="Requests at a time.")
@click.option("-w", "--warm-up", default=50, show_default=True, type=click.IntRange(0), help="Requests not counted.")
@click.option("--factory", is_flag=True, help="APP is a function that makes the app.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
@click.option("--histogram/--no-histogram", default=True, help="Show a histogram of the times, which is the default.")
@click.option("--compare", metavar="FILE", help="Compare with what --json wrote to FILE.")
@click.option("--fail-below", type=float, metavar="PERCENT", help="With --compare: 1 if requests/s fell by more.")
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
    histogram: bool,
    compare: Optional[str],
    fail_below: Optional[float],
) -> None:
    """Send requests to APP in this process and time them; start-up and shutdown run too.

    The figures include httpx's own time, which is the same for every app: use them for comparisons,
    and measure a server under load with a tool for that.
    """
    for path in paths:
        if not path.startswith("/"):
            raise CliError(f"The path {path!r} must start with '/'.", exit_code=MISUSED)
    if fail_below is not None and compare is None:
        raise CliError("--fail-below is measured against --compare FILE: give that too.", exit_code=MISUSED)
    before = [] if compare is None else read_results(compare)
    target = parse_target(app, os.getcwd())
    loaded = built(load_app(target, factory))
    options = BenchOptions(method.upper(), _headers(headers), _body(data), iterations, concurrency, warm_up)
    with progress_bar(len(paths) * iterations) as progress:
        results = measure(loaded, paths, options, progress)
    compared = changes(before, results)
    if as_json:
        report: Dict[str, Any] = {"app": str(target), "results": [asdict(result) for result in results]}
        if compare is not None:
            report["compared"] = [asdict(change) for change in compared]
        click.echo(json.dumps(report, indent=2))
    else:
        show(_table(results))
        for result in results if histogram else ():
            say("\n".join(histogram_lines(result)))
        if compare is not None:
            say("\n".join(_comparison(compared, compare)))
    bad = [f"{result.method} {result.path} answered {_statuses(result)}" for result in results if not result.is_success]
    if bad:
        raise CliError(f"That is no throughput: {'; '.join(bad)}.", exit_code=FAILED)
    fallen = [item for item in compared if item.figure == "per_second" and item.percent < -(fail_below or 0)]
    if fail_below is not None and fallen:
        said = "; ".join(f"{item.request} by {-item.percent:.1f} %" for item in fallen)
        raise CliError(f"Slower than before: {said}.", exit_code=FAILED)


@contextmanager
def progress_bar(total: int) -> Iterator[Optional[Progress]]:
    """Show a progress bar on stderr while requests are sent, if that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # without a refreshing thread, which would run while requests are timed
    with Bar(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.update(task, completed=done, refresh=True)


def histogram_lines(result: BenchResult) -> List[str]:
    """Return the lines of the histogram of a path."""
    mark = "█" if sys.stdout.isatty() and "utf" in (sys.stdout.encoding or "").lower() else "#"
    most = max(count for _, count in result.histogram)
    lines = [f"{result.method} {result.path}: requests by time"]
    for bound, count in result.histogram:
        bar = mark * (round(count / most * WIDTH) or int(count > 0))
        lines.append(f"  up to {bound:9.3f} ms  {count:7}  {paint(bar, '32')}".rstrip())
    return lines


def _comparison(compared: Sequence[Change], path: str) -> List[str]:
    if not compared:
        return [f"Nothing to compare: {path} has no request of this method and path."]
    lines = [f"Compared with {path} (more is better):"]
    for item in compared:
        colour = "32" if item.percent >= 0 else "31"
        percent = paint(f"{item.percent:+7.1f} %", colour)
        lines.append(f"  {item.request:<24} {item.figure:<11} {item.before:12.3f} -> {item.now:12.3f}  {percent}")
    return lines


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
