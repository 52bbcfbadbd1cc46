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
th:first-child, td:first-child { text-align: left; font-family: ui-monospace, monospace }
thead th { color: #55606f; font-weight: 600 } .errors { color: #b3261e; font-weight: 600 }
.bar { background: #d9dee6; width: 6rem; height: .6rem; border-radius: .3rem; display: inline-block; overflow: hidden }
.bar span { background: #1f7a4d; display: block; height: 100% }
@media (prefers-color-scheme: dark) {
  body { background: #14181f; color: #e5e9f0 } th, td { border-color: #2c3440 } thead th { color: #9aa5b5 }
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
        f"<tr><td>{escape(route)}</td><td>{counts['compared']}</td>"
        f"<td{_bad(counts['differed'])}>{counts['differed']}</td></tr>"
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
        "<th>hits new</th><th>legacy</th><th>errors new</th><th>legacy</th><th>p95 ms new</th><th>legacy</th></tr>"
        f"</thead><tbody>{rows}</tbody></table></div>{shadow_table}</html>"
    )


def _row(row: Dict[str, Any]) -> str:
    new, legacy, percent = row["new"], row["legacy"], row["new_percent"]
    cells: List[str] = [
        f"<td>{escape(row['method'])} {escape(row['template'])}</td>",
        f"<td>{percent:g} %</td><td><span class=bar><span style='width:{percent:g}%'></span></span></td>",
        f"<td>{new['hits']}</td><td>{legacy['hits']}</td>",
        f"<td{_bad(new['errors'])}>{new['errors']}</td><td{_bad(legacy['errors'])}>{legacy['errors']}</td>",
        f"<td>{_number(new['p95_ms'])}</td><td>{_number(legacy['p95_ms'])}</td>",
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _bad(count: int) -> str:
    return " class=errors" if count else ""


def _number(value: Any) -> str:
    return "–" if value is None else f"{value:g}"
