"""An app with all of fenrir-security in a real browser: our own pages work, foreign scripts and forms don't."""

from __future__ import annotations

import json
from typing import Callable, Iterator

import pytest
from tests.browser.chromium import Chromium, Tab
from tests.browser.conftest import served

pytestmark = pytest.mark.once
APP = """\
from fenrir import Fenrir, render_template_string
from fenrir_core import HTMLResponse

app = Fenrir(secure=True, security_key="0123456789abcdef", redoc_url="/redoc")

PAGE = '''<!DOCTYPE html><title>page</title>
<style nonce="{{ csp_nonce() }}">h1 { color: rgb(1, 2, 3) }</style><style>p { color: rgb(1, 2, 3) }</style>
<h1>title</h1><p>text</p>
<script nonce="{{ csp_nonce() }}">window.ours = true</script><script>window.injected = true</script>
<form method="post" action="/order"><button id="order">order</button></form>'''


@app.get("/page")
def page():
    return render_template_string(PAGE)


@app.post("/order")
def order():
    return "ordered"


@app.get("/framed")
async def framed():
    return HTMLResponse('<!DOCTYPE html><iframe id="inner" src="/page"></iframe>')


@app.get("/fail")
async def fail():
    return int("<b>ten</b>")


@app.put("/items/{number}")
async def put(number: int):
    return {"number": number}
"""


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the base URL of the app, served for development."""
    place = tmp_path_factory.mktemp("secured")
    (place / "app.py").write_text(APP, encoding="utf-8")
    with served(place / "log", place, ["app:app", "--dev"]) as url:
        yield url


@pytest.fixture
def open_secured(chromium: Chromium, secured: str) -> Iterator[Callable[[str], Tab]]:
    """Return a function that opens a path in a new tab."""

    def open_page(path: str) -> Tab:
        tab = chromium.open_tab()
        tab.navigate(secured + path)
        return tab

    yield open_page
    chromium.close_tabs()


Open = Callable[[str], Tab]


def test_scripts_and_styles_with_the_nonce_run_and_others_do_not(open_secured: Open) -> None:
    tab = open_secured("/page")
    assert tab.evaluate("[window.ours === true, window.injected === true]") == [True, False]
    colours = "['h1', 'p'].map(name => getComputedStyle(document.querySelector(name)).color)"
    assert tab.evaluate(colours) == ["rgb(1, 2, 3)", "rgb(0, 0, 0)"]


def test_a_form_of_the_app_needs_no_token(open_secured: Open) -> None:
    tab = open_secured("/page")
    tab.follow("#order")
    assert tab.text("body") == "ordered"


def test_a_form_of_another_site_is_refused(open_secured: Open, secured: str) -> None:
    tab = open_secured("/page")
    tab.navigate(f"data:text/html,<form method=post action={secured}/order><button id=go>go</button></form>")
    tab.follow("#go")
    assert tab.status == 403 and "comes from another site" in tab.text("body")


def test_the_app_is_not_shown_in_a_frame(open_secured: Open) -> None:
    tab = open_secured("/framed")
    assert any("frame" in text.lower() for text in tab.complaints)


def test_swagger_ui_works_and_sends_a_request(open_secured: Open, secured: str) -> None:
    tab = open_secured("/docs")
    tab.wait_for("document.querySelectorAll('.opblock').length > 3")
    put = "#operations-default-put_items__number__put"
    tab.click(f"{put} .opblock-summary-control")
    tab.click(f"{put} .try-out__btn")
    tab.fill(f"{put} tr[data-param-name='number'] input", "7")
    tab.click(f"{put} button.execute")
    live = f"{put} .live-responses-table .response"
    tab.wait_for(f"!!document.querySelector({json.dumps(live)})")
    assert tab.text(f"{live} .response-col_status").split()[0] == "200"
    assert tab.complaints == []


def test_redoc_works(open_secured: Open) -> None:
    tab = open_secured("/redoc")
    tab.wait_for("document.body.innerText.includes('/items/{number}') || document.querySelectorAll('h2').length > 2")
    assert tab.complaints == []


def test_the_page_of_a_crash_works(open_secured: Open) -> None:
    tab = open_secured("/fail")
    assert tab.status == 500 and "ValueError" in tab.text("body")
    assert tab.evaluate("getComputedStyle(document.body).fontFamily") != "Times New Roman"
    assert not any("Content Security Policy" in text for text in tab.complaints)
