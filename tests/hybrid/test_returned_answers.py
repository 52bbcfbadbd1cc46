"""A response that may be raised may also be returned."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from tests.asgi import fetch

from fenrir import Fenrir, HTTPException
from fenrir_bottle import HTTPResponse


@pytest.mark.parametrize(
    ("make", "status"),
    [(lambda: HTTPResponse("teapot", 418), 418), (lambda: HTTPException(402, "pay"), 402)],
    ids=["Bottle's HTTPResponse", "FastAPI's HTTPException"],
)
def test_a_returned_exception_is_answered_as_a_raised_one(make: Callable[[], Exception], status: int) -> None:
    app = Fenrir()

    @app.get("/")
    async def home() -> Any:
        return make()

    assert fetch(app).status == status
