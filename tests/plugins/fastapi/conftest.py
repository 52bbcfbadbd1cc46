"""The fixture with which tests of the FastAPI paradigm send requests to an app."""

from __future__ import annotations

import asyncio
from typing import Any, Callable

import httpx
import pytest

Ask = Callable[..., httpx.Response]


@pytest.fixture
def ask() -> Ask:
    """Return `ask(app, method, path, **options)`, which sends one request to an app in process."""

    def send(app: Any, method: str, path: str, **options: Any) -> httpx.Response:
        async def run() -> httpx.Response:
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.request(method, path, **options)

        return asyncio.run(run())

    return send
