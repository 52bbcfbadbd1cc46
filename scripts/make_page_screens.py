"""Take the pictures of pages in docs/images: a real `fenrir run`, in a headless Chromium.

    python scripts/make_page_screens.py

It needs what the tests need, and Chromium on the path.
"""

from __future__ import annotations

import base64
import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

import httpx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.chromium import Chromium, Tab, find_chromium  # noqa: E402
from tests.browser.conftest import served  # noqa: E402

IMAGES = ROOT / "docs" / "images"
WIDTH = 1200
APP = '''\
from dataclasses import dataclass
from typing import Optional

from fenrir import Depends, Fenrir, g, request

app = Fenrir()


@dataclass
class Order:
    number: int
    customer: str
    discount: Optional[str] = None


class Shop:
    """Keep the orders."""

    def __init__(self, api_key: str) -> None:
        self.api_key = api_key
        self.orders = {7: Order(7, "Ada", "ten"), 8: Order(8, "Grace")}

    def __repr__(self) -> str:
        return f"Shop(orders={len(self.orders)}, api_key={self.api_key!r})"

    def total(self, number: int) -> int:
        order = self.orders[number]
        price = 4200
        discount = int(order.discount or 0)  # percent
        return price - price * discount // 100


def shop() -> Shop:
    return Shop("sk-live-51Hq8xT")


@app.before_request
def who():
    g.user = request.headers.get("x-user", "guest")


@app.get("/orders/{number}")
async def read_order(number: int, currency: str = "EUR", store: Shop = Depends(shop)):
    try:
        return {"total": store.total(number), "currency": currency}
    except ValueError as error:
        raise RuntimeError(f"order {number} has no total") from error
'''


def main() -> None:
    """Serve the apps, and take all pictures."""
    take_debug_pages()
    take_takeover_report()


@contextmanager
def opened(place: Path, height: int) -> Iterator[Tab]:
    """Return a tab of a browser that keeps its profile in a directory."""
    browser = Chromium(find_chromium() or "chromium", place / "profile")
    try:
        tab = browser.open_tab()
        tab.call("Emulation.setScrollbarsHidden", hidden=True)
        tab.call("Emulation.setDeviceMetricsOverride", width=WIDTH, height=height, deviceScaleFactor=1, mobile=False)
        yield tab
    finally:
        browser.stop()


def take_takeover_report() -> None:
    """Take the picture of the report of the taken-over shop."""
    with tempfile.TemporaryDirectory(prefix="shop") as directory:
        place = Path(directory)
        switches = place / "switches.json"
        switches.write_text(
            '{"routes": {"GET /api/products": {"new": 50, "shadow": 100}, "GET /api/cart": "legacy"}}', "utf-8"
        )
        variables = {
            "SHOP_DATABASE": str(place / "shop.sqlite"),
            "SHOP_REPORT_KEY": "key",
            "FENRIR_TAKEOVER_FILE": str(switches),
        }
        shop = ROOT / "examples" / "flask_shop"
        with served(place / "log", shop, ["app:app"], **variables) as url, opened(place, 520) as tab:
            for client in range(1, 60):  # 127.0.0.x are clients of their own
                transport = httpx.HTTPTransport(local_address=f"127.0.0.{client}")
                with httpx.Client(base_url=url, transport=transport, trust_env=False) as http:
                    for path in ("/", "/api/products", "/api/cart", f"/products/{client % 5}"):
                        http.get(path)
                    http.get("/api/products/2")
            tab.navigate(f"{url}/takeover?key=key")
            take(tab, "takeover-report.png", 520)


def take_debug_pages() -> None:
    """Take the pictures of the development pages."""
    with tempfile.TemporaryDirectory(prefix="shop") as directory:
        place = Path(directory)
        app = place / "app.py"
        app.write_text(APP, encoding="utf-8")
        with served(place / "log", place, ["app:app", "--dev"]) as url, opened(place, 800) as tab:
            tab.navigate(f"{url}/orders/7?currency=USD&token=4f1c9a02")
            take(tab, "debug-page.png", 1180)
            broken = app.with_name("app.py~")
            broken.write_text(APP.replace("discount or 0)", "discount or 0"), encoding="utf-8")
            os.replace(str(broken), str(app))
            tab.wait_for("document.title === 'SyntaxError'")
            take(tab, "syntax-error.png", 600)


def take(tab: Tab, name: str, height: int) -> None:
    """Take a picture of the top of the page."""
    size = {"width": WIDTH, "height": height, "deviceScaleFactor": 1, "mobile": False}
    tab.call("Emulation.setDeviceMetricsOverride", **size)
    IMAGES.mkdir(exist_ok=True)
    (IMAGES / name).write_bytes(base64.b64decode(tab.call("Page.captureScreenshot", format="png")["data"]))
    print(f"{name}: {(IMAGES / name).stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
