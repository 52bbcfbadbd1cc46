"""Models that are returned without a response model: written in one walk, with the bytes of two."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Dict, List, Optional

import pytest
from pydantic import BaseModel, ConfigDict, Field, computed_field, field_serializer

from fenrir_fastapi import FastAPI
from fenrir_fastapi.encoders import dumps, jsonable_encoder
from fenrir_fastapi.testclient import TestClient


class Kind(Enum):
    a = "x"


class Plain(BaseModel):
    name: str = 'é\u2028\x1f"'
    amount: float = 1.5
    none: Optional[int] = None


class Sub(Plain):
    extra: int = 3


class Aliased(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    some: int = Field(1, alias="someName")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def twice(self) -> int:
        return self.some * 2


class Nested(BaseModel):
    one: Plain = Plain()
    many: List[Plain] = [Plain()]
    by_number: Dict[int, Plain] = {1: Plain()}
    anything: Any = None
    at: datetime = datetime(2024, 1, 2, 3, 4, 5)
    kind: Kind = Kind.a
    price: Decimal = Decimal("1.10")


class Written(BaseModel):
    x: float = 1e16

    @field_serializer("x")
    def as_text(self, value: float) -> Any:
        return value


class Own(BaseModel):
    def model_dump(self, **options: Any) -> Dict[str, Any]:
        return {"own": 1}


class Hidden(BaseModel):
    values: Dict[str, int] = {"_sa_instance_state": 1, "kept": 2}


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")


VALUES = [
    Plain(), Plain(amount=1e16), Plain(amount=1e-7), Plain(amount=123456789.125), Sub(), Aliased(), Nested(),
    Nested(one=Sub()), Nested(anything=1e20), Nested(anything=[Sub()]), Written(), Own(), Hidden(),
    Open.model_validate({"z": 1e30}), Open.model_validate({"z": {"_sa_x": 1, "y": 2}}),
    [Plain(), Sub()], [Plain(), {"a": 1}], [Plain(), 1], [], [Own(), Plain()], {"model": Plain()}, [[Plain()]],
]  # fmt: skip


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
    for found in (Plain(amount=value), [Plain(amount=value)], Nested(one=Plain(amount=value))):
        assert client_of(found).get("/").status_code == 500
