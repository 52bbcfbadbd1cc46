"""The page with the report, for browsers, and the same as JSON."""

from __future__ import annotations

from html import escape
from typing import Any, Awaitable, Callable, Dict, List

from fenrir_core import Build, HTMLResponse, HTTPError, JSONResponse, Request, Response
from fenrir_core.authoring import best_match

from .metrics import report
from .takeover import State, Takeover

_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1c2430; }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: .35rem .6rem; border-bottom: 1px solid #d9dee6; white-space: nowrap }
th:first-child, td:first-child { text-align: left; white-space: normal; overflow-wrap: anywhere; width: 45% }
td:first-child { font-family: ui-monospace, monospace }
thead th { color: #55606f; font-weight: 600; vertical-align: bottom; white-space: normal }
.errors { color: #b3261e; font-weight: 600 }
.bar { background: #d9dee6; width: 6rem; height: .6rem; border-radius: .3rem; display: inline-block; overflow: hidden }
.bar span { background: #1f7a4d; display: block; height: 100% }
@media (max-width: 48rem) {
  thead { display: none } td { border: 0; padding: 0 }
  tr { border-bottom: 1px solid #d9dee6; display: grid; grid-template-columns: 1fr 1fr; padding: .5rem 0 }
  td { text-align: left } td:first-child { grid-column: span 2 }
  td[title]::before { color: #55606f; content: attr(title) " " }
}
@media (prefers-color-scheme: dark) {
  body { background: #14181f; color: #e5e9f0 } th, td, tr { border-color: #2c3440 }
  thead th, td[title]::before { color: #9aa5b5 }
  .bar { background: #2c3440 } .bar span { background: #4cc38a } .errors { color: #ff8a80 }
}
"""


def endpoint(build: Build, state: State, takeover: Takeover) -> Callable[..., Awaitable[Response]]:
    """Return the endpoint of the page, which asks the guard first."""
    app, guard = build.app, takeover.report_guard

    async def takeover_report(request: Request) -> Response:
        assert guard is not None
        if not await app.injected(guard)(request):
            raise HTTPError(403)
        found = report([state.metrics.snapshot()])
        accepted = request.headers.get("accept") or "text/html"
        if best_match(["text/html", "application/json"], accepted) == "application/json":
            return JSONResponse(found, headers=_HEADERS)
        return HTMLResponse(render(found), headers=_HEADERS)

    return takeover_report


def render(found: Dict[str, Any]) -> str:
    """Return the report as a page."""
    rows = "".join(_row(row) for row in found["routes"])
    shadows = "".join(
        f"<tr><td>{escape(route)}</td>{_cell('compared', counts['compared'])}"
        f"{_cell('differed', counts['differed'], bad=counts['differed'])}</tr>"
        for route, counts in sorted(found["shadows"].items())
    )
    shadow_table = (
        "<h2>Shadow mode</h2><div class=wide><table>"
        "<thead><tr><th>Route</th><th>compared</th><th>differed</th></tr></thead>"
        f"<tbody>{shadows}</tbody></table></div>"
        if shadows
        else ""
    )
    return (
        '<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width">'
        f"<title>Takeover</title><style>{_STYLE}</style><h1>Takeover</h1>"
        "<p>What this process has served since its start: by the app's own routes (new), and by the legacy "
        "application.</p>"
        "<div class=wide><table><thead><tr><th>Route</th><th>new</th><th></th>"
        "<th>hits new</th><th>hits legacy</th><th>errors new</th><th>errors legacy</th>"
        "<th>p95 ms new</th><th>p95 ms legacy</th></tr>"
        f"</thead><tbody>{rows}</tbody></table></div>{shadow_table}</html>"
    )


def _row(row: Dict[str, Any]) -> str:
    new, legacy, percent = row["new"], row["legacy"], row["new_percent"]
    cells: List[str] = [
        f"<td>{escape(row['method'])} {escape(row['template'])}</td>",
        _cell("new", f"{percent:g} %"),
        f"<td><span class=bar><span style='width:{percent:g}%'></span></span></td>",
        _cell("hits new", new["hits"]),
        _cell("hits legacy", legacy["hits"]),
        _cell("errors new", new["errors"], bad=new["errors"]),
        _cell("errors legacy", legacy["errors"], bad=legacy["errors"]),
        _cell("p95 ms new", _number(new["p95_ms"])),
        _cell("p95 ms legacy", _number(legacy["p95_ms"])),
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _cell(name: str, value: object, bad: int = 0) -> str:
    """Return a cell; where the screen is narrow its name is shown, and no head of the table."""
    return f'<td title="{name}"{" class=errors" if bad else ""}>{value}</td>'


def _number(value: Any) -> str:
    return "–" if value is None else f"{value:g}"
