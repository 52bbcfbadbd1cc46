"""The Flask shop of the examples, taken over and served by `fenrir run`, in a browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from tests.browser.chromium import Chromium, Tab
from tests.browser.conftest import served

SHOP = Path(__file__).resolve().parents[2] / "examples" / "flask_shop"
Open = Callable[[str], Tab]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the base URL of the shop, whose moved routes have switches in a file."""
    pytest.importorskip("flask")
    folder = tmp_path_factory.mktemp("shop")
    switches, log = folder / "switches.json", folder / "log"
    switches.write_text(json.dumps({"routes": {"GET /api/cart": "legacy"}}))
    variables = {
        "SHOP_DATABASE": str(folder / "shop.sqlite"),
        "SHOP_REPORT_KEY": "operators",
        "FENRIR_TAKEOVER_FILE": str(switches),
    }
    with served(log, SHOP, ["app:app"], **variables) as url:
        yield url


@pytest.fixture
def open_page(chromium: Chromium, shop: str) -> Iterator[Open]:
    """Return a function that opens a page of the shop in a new tab."""

    def open_page(path: str) -> Tab:
        tab = chromium.open_tab()
        tab.navigate(shop + path)
        return tab

    yield open_page
    chromium.close_tabs()


def cart(tab: Tab) -> Any:
    return json.loads(tab.text("body"))


def test_a_customer_shops_at_both_sides_with_one_login(open_page: Open, shop: str) -> None:
    tab = open_page("/")
    assert "Lantern" in tab.text("ul")
    tab.follow("header a[href='/login']")
    tab.fill("input[name=name]", "ada")
    tab.follow("form button")
    assert tab.text("#user") == "ada"
    tab.navigate(f"{shop}/products/2")
    tab.follow("form[action='/cart/2'] button")
    assert "It is in your cart." in tab.text(".flash")
    tab.navigate(f"{shop}/api/cart")  # still the old side
    assert cart(tab) == {"user": "ada", "items": [2]}
    tab.navigate(f"{shop}/api/products")  # the new side
    assert cart(tab)[1] == {"id": 2, "name": "Lantern", "price": "24.00"}
    tab.navigate(shop)
    tab.follow("form[action='/logout'] button")
    tab.navigate(f"{shop}/api/cart")
    assert cart(tab) == {"user": None, "items": []}
    assert [line for line in tab.complaints if '"network"' not in line] == []  # the shop has no favicon


def test_the_report_is_a_page_that_fits_a_phone(open_page: Open, shop: str) -> None:
    tab = open_page("/api/products")
    tab.navigate(f"{shop}/takeover")
    assert tab.status == 403
    tab.navigate(f"{shop}/takeover?key=operators")
    assert "GET /api/products" in tab.text("table")
    assert tab.evaluate("getComputedStyle(document.querySelector('.bar span')).backgroundColor") != "rgba(0, 0, 0, 0)"
    tab.resize(360, 740)
    tab.navigate(tab.evaluate("location.href"))
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    wide = "document.querySelector('.wide')"
    assert tab.evaluate(f"{wide}.scrollWidth <= {wide}.clientWidth")  # all figures can be seen
    assert [line for line in tab.complaints if '"network"' not in line] == []  # the 403


def test_the_documentation_of_the_new_side_is_beside_the_old_one(open_page: Open, shop: str) -> None:
    tab = open_page("/openapi-docs")
    tab.wait_for("document.body.innerText.includes('/api/products/{product_id}')")
    tab.navigate(f"{shop}/docs")
    assert tab.status == 404  # the old side has no such page
