"""Models that are returned without a response model: written in one walk, with the bytes of two."""

from __future__ import annotations

import math
from typing import Any

import pytest
from tests.model_values import VALUES, Nested, Plain, Ratio

from fenrir_fastapi import FastAPI
from fenrir_fastapi.encoders import dumps, jsonable_encoder
from fenrir_fastapi.testclient import TestClient


def client_of(value: Any) -> TestClient:
    app = FastAPI()

    @app.get("/")
    def show():  # type: ignore[no-untyped-def]  # an annotation would be a response model
        return value

    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{type(value).__name__}-{value!r:.30}")
def test_a_model_is_written_with_the_bytes_of_two_walks(value: Any) -> None:
    assert client_of(value).get("/").content == dumps(jsonable_encoder(value))


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_a_model_with_a_number_that_json_lacks_is_an_error(value: float) -> None:
    plain = Plain(amount=value)
    for found in (plain, [plain], Nested(one=plain), Ratio(part=value), [Ratio(part=value)], {"in": plain, "no": None}):
        assert client_of(found).get("/").status_code == 500
