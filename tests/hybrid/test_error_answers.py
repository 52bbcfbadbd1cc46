"""Each cell of the table of error handlers."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.asgi import Socket, ask, run
from tests.hybrid.error_answers import CELLS, CLASSES, PLUGIN_KIND, WEBSOCKET_KIND, as_markdown, make_app

ASGI_MOUNTS = (PLUGIN_KIND, "mounted ASGI app")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "guarantees.md"


@pytest.mark.parametrize(("kind", "name"), CELLS)
def test_an_error_is_answered_by_the_error_handler_of_the_app(kind: str, name: str) -> None:
    app = make_app(kind, name)

    async def visit() -> str:
        if kind == WEBSOCKET_KIND:
            answer = await Socket(app, "/site").finish()
        else:
            # in the class `FastAPI` the prefix alone is redirected, as in Starlette
            path = "/site/" if name == "FastAPI" and kind in ASGI_MOUNTS else "/site"
            answer = await ask(app, "GET", path, headers={"host": "testserver"})
        return f"{answer.status} {answer.text}"

    assert run(visit()) == CLASSES[name].expected


def test_the_page_prints_this_table() -> None:
    assert as_markdown() in PAGE.read_text(encoding="utf-8")
