"""A migration, told from its first day to its last: the Flask shop of the examples is taken over."""

from __future__ import annotations

import importlib
import json
import logging
import os
import re
import sys
from pathlib import Path
from typing import Any, Dict, List

import pytest
from tests.asgi import Answer, Server, run
from tests.plugins.takeover.legacy_apps import until

pytest.importorskip("flask")
MOVED = ["GET /api/products", "GET /api/products/{product_id}", "GET /api/cart"]
#: Requests that show the whole shop, and their paths on both sides.
TOUR = [
    ("GET", "/"), ("GET", "/products/2"), ("GET", "/products/99"), ("GET", "/login"), ("GET", "/api/products"),
    ("GET", "/api/products/1"), ("GET", "/api/cart"), ("HEAD", "/api/products"), ("OPTIONS", "/login"),
    ("PUT", "/login"),
]  # fmt: skip


class Shop:
    """The shop, fresh, with a file of switches; and a browser's cookies."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in [name for name in sys.modules if name.startswith("examples.flask_shop")]:
            del sys.modules[name]
        self.file = folder / "switches.json"
        self.reports = folder / "reports"
        monkeypatch.setenv("SHOP_DATABASE", str(folder / "shop.sqlite"))
        monkeypatch.setenv("SHOP_REPORT_KEY", "operators")
        monkeypatch.setenv("FENRIR_TAKEOVER_FILE", str(self.file))
        monkeypatch.setenv("FENRIR_TAKEOVER_REPORT", str(self.reports))
        self.switch()
        module = importlib.import_module("examples.flask_shop.app")
        self.app, self.legacy, self.prices = module.app, module.legacy, module.prices
        self.app.settings["takeover_interval"] = 0.01
        self.server: Any = None
        self.cookies: Dict[str, str] = {}

    async def start(self) -> None:
        """Start the shop."""
        self.server = Server(self.app)
        assert (await self.server.startup())["type"] == "lifespan.startup.complete"

    def switch(self, **sides: Any) -> None:
        """Write the switches of the moved routes: `products`, `product`, `cart`; legacy by default."""
        routes = {route: sides.get(name, "legacy") for name, route in zip(("products", "product", "cart"), MOVED)}
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps({"routes": routes}))
        os.replace(str(new), str(self.file))

    async def ask(self, method: str, path: str, client: str = "10.0.0.1", body: str = "") -> Answer:
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body:
            headers.update({"content-type": "application/x-www-form-urlencoded", "content-length": str(len(body))})
        scope = {"client": (client, 1)}
        answer = await self.server.ask(method, path, body=body.encode(), headers=headers, scope=scope)
        for cookie in answer.headers.getlist("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    async def served(self) -> Dict[str, List[int]]:
        """Return by route how often the new side and the legacy one have answered."""
        answer = await self.server.ask(
            "GET", "/takeover", query="key=operators", headers={"accept": "application/json"}
        )
        return {
            f"{row['method']} {row['template']}": [row["new"]["hits"], row["legacy"]["hits"]]
            for row in json.loads(answer.body)["routes"]
        }

    async def until_new(self, route: str, path: str, client: str = "10.0.0.1") -> None:
        """Ask until the new side serves a route."""

        before = (await self.served()).get(route, [0, 0])[0]
        while (await self.served()).get(route, [0, 0])[0] == before:
            await self.ask("GET", path, client)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    return Shop(tmp_path, monkeypatch)


def test_the_shop_looks_the_same_the_day_it_is_taken_over(shop: Shop) -> None:
    plain = shop.legacy.test_client()

    async def scenario() -> None:
        await shop.start()
        for method, path in TOUR:
            ours, theirs = await shop.ask(method, path), plain.open(path, method=method)
            assert (method, path, ours.status) == (method, path, theirs.status_code)
            if method in ("GET", "HEAD"):
                assert (path, ours.body) == (path, theirs.data)
                assert ours.headers.get("content-type") == theirs.headers.get("content-type")
        await shop.server.shutdown()

    run(scenario())


def test_three_routes_move_one_at_a_time_and_the_report_shows_it(shop: Shop) -> None:
    async def scenario() -> None:
        await shop.start()
        for path in ("/api/products", "/api/products/1", "/api/cart"):
            await shop.ask("GET", path)
        assert [(await shop.served())[route] for route in MOVED] == [[0, 1]] * 3

        # the first one for 10 % of the clients: some are served by the new side, and stay there
        shop.switch(products={"new": 10})
        clients = [f"10.1.{number // 250}.{number % 250}" for number in range(300)]
        moved = next(client for client in clients if _bucket(client) < 10)
        await shop.until_new(MOVED[0], "/api/products", moved)
        before = (await shop.served())[MOVED[0]]
        for client in clients:
            await shop.ask("GET", "/api/products", client)
        new, legacy = [after - start for after, start in zip((await shop.served())[MOVED[0]], before)]
        assert new + legacy == 300
        assert 10 <= new <= 55

        # all of them, then the others
        shop.switch(products="new", product="new")
        await shop.until_new(MOVED[1], "/api/products/1")
        shop.switch(products="new", product="new", cart="new")
        await shop.until_new(MOVED[2], "/api/cart")
        before = (await shop.served())[MOVED[2]]
        await shop.ask("GET", "/api/cart")
        assert (await shop.served())[MOVED[2]] == [before[0] + 1, before[1]]

        # something is wrong: back at once
        shop.switch()
        legacy_hits = before[1]
        while (await shop.served())[MOVED[2]][1] == legacy_hits:
            await shop.ask("GET", "/api/cart")
        await shop.server.shutdown()

    run(scenario())
    assert [file.suffix for file in shop.reports.iterdir()] == [".json"]


def _bucket(client: str) -> float:
    from fenrir_takeover.switches import bucket_of

    return bucket_of(client)


def test_who_logs_in_at_the_old_page_is_known_at_the_new_endpoint_until_the_one_logout(shop: Shop) -> None:
    shop.switch(cart="new")

    async def scenario() -> None:
        await shop.start()
        assert (await shop.ask("POST", "/login", body="name=ada")).status == 302
        assert (await shop.ask("POST", "/cart/2")).status == 302
        await shop.until_new(MOVED[2], "/api/cart")
        assert json.loads((await shop.ask("GET", "/api/cart")).body) == {"user": "ada", "items": [2]}
        assert 'id="user">ada' in (await shop.ask("GET", "/")).text
        await shop.ask("POST", "/logout")
        assert json.loads((await shop.ask("GET", "/api/cart")).body) == {"user": None, "items": []}
        await shop.server.shutdown()

    run(scenario())


def test_shadow_mode_finds_a_planted_difference(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    shop.switch(products={"new": 0, "shadow": 100}, product={"new": 0, "shadow": 100})
    # a mistake of whoever wrote the new endpoint: rounded prices
    shop.app.dependency_overrides[shop.prices] = lambda: lambda cents: str(cents // 100)

    async def scenario() -> None:
        await shop.start()
        with caplog.at_level(logging.WARNING, "fenrir.takeover"):
            answer = await shop.ask("GET", "/api/products/3")
            await until(lambda: [record for record in caplog.records if record.name == "fenrir.takeover"])
        assert json.loads(answer.body)["price"] == "8.99"
        await shop.server.shutdown()

    run(scenario())
    assert "Shadow of GET /api/products/{product_id} (legacy sent, new in its shadow) differs" in caplog.text
    assert re.search(r'-\s+"price": "8\.99"', caplog.text)
    assert re.search(r'\+\s+"price": "8"', caplog.text)


def test_the_report_is_for_operators(shop: Shop) -> None:
    async def scenario() -> List[int]:
        await shop.start()
        queries = ("", "key=guest", "key=operators")
        statuses = [(await shop.server.ask("GET", "/takeover", query=query)).status for query in queries]
        await shop.server.shutdown()
        return statuses

    assert run(scenario()) == [403, 403, 200]
