"""Models as handlers return them: alone, in lists and in objects."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Dict, List, Optional

from pydantic import BaseModel, ConfigDict, Field, computed_field, field_serializer


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


class Ratio(BaseModel):
    part: Optional[float] = 0.25
    whole: Optional[float] = None


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")


VALUES = [
    Plain(), Plain(amount=1e16), Plain(amount=1e-7), Plain(amount=123456789.125), Sub(), Aliased(), Nested(),
    Nested(one=Sub()), Nested(anything=1e20), Nested(anything=[Sub()]), Written(), Own(), Hidden(),
    Open.model_validate({"z": 1e30}), Open.model_validate({"z": {"_sa_x": 1, "y": 2}}),
    [Plain(), Sub()], [Plain(), {"a": 1}], [Plain(), 1], [], [Own(), Plain()], {"model": Plain()}, [[Plain()]],
    Ratio(), [Ratio(), Ratio(part=None)], {"page": [Plain(), Sub()], "next": None},
    {"\x00ull": Plain(name="null \x01\x00ull"), "null": None}, {"\x01": Plain(name="null")},
    {"own": Own(), "aliased": [Aliased()], "deep": {"er": (Nested(), 1)}}, [Plain(), Aliased()],
]  # fmt: skip
