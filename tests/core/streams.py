"""Apps that stream."""

from __future__ import annotations

import asyncio
from typing import Any, Callable

from tests.asgi import kernel_app

from fenrir_core import StreamingResponse


def streaming(content: Callable[[], Any], *, methods: Any = ("GET", "POST"), **options: Any) -> Any:
    """Make an app that streams what `content` gives."""
    app = kernel_app()

    @app.route("/", methods)
    async def stream() -> Any:
        return StreamingResponse(content(), **options)

    return app


async def take_time(seconds: float = 3600.0) -> None:
    await asyncio.sleep(seconds)
