"""Models that are returned without a response model: written in one walk, with the bytes of two."""

from __future__ import annotations

import json
import math
from typing import Any, List

import pytest
from pydantic import BaseModel, ConfigDict
from tests.model_values import VALUES, Deep, Either, Halved, Nested, Plain, Ratio, Ratios, Sub, Tree

from fenrir_fastapi import FastAPI
from fenrir_fastapi.encoders import jsonable_encoder
from fenrir_fastapi.testclient import TestClient


def client_of(value: Any) -> TestClient:
    app = FastAPI()

    @app.get("/")
    def show():  # type: ignore[no-untyped-def]  # an annotation would be a response model
        return value

    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{type(value).__name__}-{value!r:.30}")
def test_a_model_is_written_with_the_bytes_of_two_walks(value: Any) -> None:
    written = json.dumps(jsonable_encoder(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    assert client_of(value).get("/").content == written.encode()


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_a_model_with_a_number_that_json_lacks_is_an_error(value: float) -> None:
    plain = Plain(amount=value)
    ratio = Ratio(part=value)
    numbers = Ratios([1.0, value]), Deep(one=ratio), Deep(series=[value]), Tree(parts=[Tree(weight=value)])
    others = Halved(amount=value), Either(value=value), Either(pair=(value, 1)), [Plain(), plain, Sub()]
    for found in (plain, [plain], Nested(one=plain), ratio, [ratio], {"in": plain, "no": None}, *numbers, *others):
        assert client_of(found).get("/").status_code == 500


class Constants(BaseModel):
    """A model whose numbers that JSON lacks are written as constants."""

    model_config = ConfigDict(ser_json_inf_nan="constants")
    part: float = math.nan


class Outer(BaseModel):
    """A model with such a part."""

    inner: Constants = Constants()


@pytest.mark.parametrize("value", [Constants(), [Constants()], Outer(), [Outer()], {"of": Outer()}])
def test_a_constant_that_json_lacks_is_never_sent(value: Any) -> None:
    assert client_of(value).get("/").status_code == 500


def test_numbers_beside_models_are_checked_where_the_models_are_not_written_again() -> None:
    page = {"items": [Plain()], "ratio": math.nan, "next": None}
    assert client_of(page).get("/").status_code == 500
    assert client_of({**page, "ratio": 0.5}).get("/").json()["ratio"] == 0.5


class Later(BaseModel):
    """A model of a type that is defined after it."""

    parts: List[Part] = []


class Part(BaseModel):
    """That type."""

    weight: float = 1e-5


def test_a_model_that_is_rebuilt_is_written_by_its_new_schema() -> None:
    Later.model_rebuild()
    assert client_of(Later(parts=[Part()])).get("/").content == b'{"parts":[{"weight":1e-05}]}'
