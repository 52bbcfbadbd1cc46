from __future__ import annotations

import asyncio
import importlib
import re
import sys
from pathlib import Path
from typing import Any, Awaitable, Callable

import pytest

from fenrir_core.testing import Client

HERE = Path(__file__).resolve().parent.parent.parent / "examples" / "hybrid"
MODULES = ("app", "legacy", "lifecycle", "live", "pages", "resources", "typed")


def fresh(name: str) -> Any:
    """Import the example's app again, since an app starts and stops once."""
    for module in [*sys.modules]:
        if module in MODULES or module.startswith("examples.hybrid"):
            del sys.modules[module]
    return importlib.import_module(name).app


def drive(scenario: Callable[[Client], Awaitable[None]]) -> None:
    async def go() -> None:
        async with Client(fresh("examples.hybrid.app")) as client:
            await scenario(client)

    asyncio.run(go())


def test_the_app_can_be_imported_inside_its_directory_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(HERE))
    fresh("app").build()


def test_every_link_of_the_start_page_answers_and_no_other_host_is_named() -> None:
    expected = {"/api/animals?limit=0": 422, "/items/404": 404, "/old-docs": 302}

    async def scenario(client: Client) -> None:
        page = await client.get("/")
        assert page.status == 200 and "://" not in page.text
        links = [link.replace("&amp;", "&") for link in re.findall(r'(?:href|src)="([^"]+)"', page.text)]
        assert len(links) > 12
        for link in links:
            assert (link, (await client.get(link)).status) == (link, expected.get(link, 200))

    drive(scenario)


@pytest.mark.parametrize("path", ["/", "/welcome", "/chat", "/live"])
def test_each_page_is_responsive_and_finds_its_files(path: str) -> None:
    async def scenario(client: Client) -> None:
        page = await client.get(path)
        assert 'name="viewport"' in page.text
        for link in re.findall(r'"(/static/[^"]+)"', page.text):
            assert (await client.get(link)).status == 200

    drive(scenario)


@pytest.mark.parametrize("path", ["/docs", "/openapi-docs"])
def test_the_documentation_of_the_api_answers(path: str) -> None:
    async def scenario(client: Client) -> None:
        assert (await client.get(path)).status == 200
        document = (await client.get("/openapi.json")).json()
        assert {"/api/register", "/items/{item_id}", "/welcome"} <= set(document["paths"])

    drive(scenario)


def test_a_user_is_registered_with_the_token_alone() -> None:
    user = {"username": "ada", "email": "ada@example.org", "age": 36}

    async def scenario(client: Client) -> None:
        answer = await client.post("/api/register", json=user, headers={"x-api-key": "secret-token"})
        assert answer.json() == {"status": "success", "user": user}
        refused = await client.post("/api/register", json=user)
        assert (refused.status, refused.json()) == (401, {"error": "Invalid credentials"})
        wrong = await client.post("/api/register", json={}, headers={"x-api-key": "secret-token"})
        assert [error["loc"] for error in wrong.json()["detail"]] == [["body", key] for key in user]

    drive(scenario)


def test_the_session_counts_visits_and_the_name_is_escaped() -> None:
    async def scenario(client: Client) -> None:
        first = await client.get("/welcome?name=%3Cb%3E")
        assert "&lt;b&gt;" in first.text and "visit number 1" in first.text
        cookie = first.headers["set-cookie"].partition(";")[0]
        assert "visit number 2" in (await client.get("/welcome", headers={"cookie": cookie})).text

    drive(scenario)


def test_items_are_put_read_and_deleted() -> None:
    async def scenario(client: Client) -> None:
        assert (await client.request("PUT", "/items/7", json={"name": "rope"})).status == 201
        assert (await client.get("/items/7")).json() == {"item_id": 7, "item": {"name": "rope"}}
        assert (await client.request("DELETE", "/items/7")).status == 204
        assert (await client.get("/items/7")).status == 404

    drive(scenario)


def test_the_listener_has_run_and_the_middleware_signs_answers() -> None:
    async def scenario(client: Client) -> None:
        answer = await client.get("/status")
        assert answer.json()["uptime"] >= 0
        assert answer.headers["x-served-by"] == "fenrir"

    drive(scenario)


def test_the_wsgi_application_answers_under_its_prefix() -> None:
    async def scenario(client: Client) -> None:
        text = (await client.get("/legacy/guests?page=1")).text
        assert "SCRIPT_NAME: /legacy\nPATH_INFO: /guests\nQUERY_STRING: page=1" in text

    drive(scenario)


def test_what_one_says_in_the_chat_all_hear() -> None:
    async def scenario(client: Client) -> None:
        async with client.websocket("/ws/chat/ada") as ada:
            assert await ada.receive() == "ada has come in"
            async with client.websocket("/ws/chat/bob") as bob:
                assert await ada.receive() == await bob.receive() == "bob has come in"
                await bob.send("hello")
                assert await ada.receive() == await bob.receive() == "bob: hello"
            assert await ada.receive() == "bob has left"

    drive(scenario)


def test_events_tell_how_long_the_app_is_up() -> None:
    async def scenario(client: Client) -> None:
        async with client.stream("GET", "/live/events", headers={"last-event-id": "0"}) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            async for chunk in stream:
                if b"data:" in chunk:
                    assert b'data: {"uptime":' in chunk
                    break

    drive(scenario)
