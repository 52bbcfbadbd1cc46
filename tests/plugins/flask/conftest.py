"""A browser for the tests of the Flask paradigm: synchronous, keeps its cookies."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Iterator, List

import httpx
import pytest
from tests.plugins.flask.asking import Ask, ask_asgi, ask_wsgi


class Browser:
    """A client of one app, on one event loop; it keeps cookies between requests."""

    def __init__(self, app: Any) -> None:
        self.loop = asyncio.new_event_loop()
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://test")

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.loop.run_until_complete(self.client.request(method, path, **options))

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("POST", path, **options)

    def close(self) -> None:
        self.loop.run_until_complete(self._end())
        self.loop.close()

    async def _end(self) -> None:
        """Stop the app, which started with its first request, as the end of `asyncio.run` does."""
        await self.client.aclose()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


@pytest.fixture
def browse() -> Iterator[Callable[[Any], Browser]]:
    """Return a function that creates a browser for an app."""
    made: List[Browser] = []

    def make(app: Any) -> Browser:
        made.append(Browser(app))
        return made[-1]

    yield make
    for browser in made:
        browser.close()


@pytest.fixture(params=[ask_asgi, ask_wsgi], ids=["asgi", "wsgi"])
def ask(request: Any) -> Ask:
    found: Ask = request.param
    return found
