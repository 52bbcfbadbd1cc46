"""Models as handlers return them: alone, in lists and in objects."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Dict, List, Optional, Tuple, Union

from pydantic import BaseModel, ConfigDict, Field, RootModel, computed_field, field_serializer


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


class Tree(BaseModel):
    weight: float = 1.0
    parts: List[Tree] = []


class Ratios(RootModel[List[float]]):
    """A list that is a model."""


class Deep(BaseModel):
    one: Optional[Ratio] = None
    ratios: Ratios = Ratios([0.5])
    series: List[float] = [1.0, 2.5]
    table: List[List[Optional[float]]] = [[1.0, None]]
    trees: Optional[List[Tree]] = None


class Halved(BaseModel):
    amount: float = 2.0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def half(self) -> float:
        return self.amount / 2


class Either(BaseModel):
    value: Union[float, str, None] = None
    pair: Tuple[float, int] = (0.5, 1)


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")


VALUES = [
    Plain(), Plain(amount=1e16), Plain(amount=1e-7), Plain(amount=123456789.125), Sub(), Aliased(), Nested(),
    Nested(one=Sub()), Nested(anything=1e20), Nested(anything=[Sub()]), Written(), Own(), Hidden(),
    Open.model_validate({"z": 1e30}), Open.model_validate({"z": {"_sa_x": 1, "y": 2}}),
    [Plain(), Sub()], [Plain(), {"a": 1}], [Plain(), 1], [], [Own(), Plain()], {"model": Plain()}, [[Plain()]],
    *[Plain(amount=number) for number in (1e-5, -9.9e-5, 1e-4, 0.0, -0.0, 9999999999999998.0, -1e16, 5e-324, 10.00001)],
    [Plain(), Plain(amount=1e-5)], [Sub(), Plain(amount=1e-5)], {"page": [Plain(amount=1e-5)], "next": None},
    Tree(), Tree(parts=[Tree(), Tree(weight=1e-5)]), [Tree(parts=[Tree()])], Ratios([0.5, 1e-5]), [Ratios([0.5])],
    Deep(), Deep(one=Ratio(part=1e-5)), Deep(series=[1e-7]), Deep(table=[[None], [-2e-5]]), Deep(trees=[Tree()]),
    Deep(trees=[Tree(parts=[Tree(weight=1e20)])]), [Deep(), Deep(ratios=Ratios([1e-9]))], Halved(), Halved(amount=1e-4),
    Either(), Either(value="e-5"), Either(value=1e-5), Either(pair=(1e-5, 0)),
    Plain.model_construct(amount=10**16), Plain.model_construct(name="x"), [Deep(one=Ratio()), Plain(amount=1e-6)],
    Ratio(), [Ratio(), Ratio(part=None)], {"page": [Plain(), Sub()], "next": None},
    {"\x00ull": Plain(name="null \x01\x00ull"), "null": None}, {"\x01": Plain(name="null")},
    {"own": Own(), "aliased": [Aliased()], "deep": {"er": (Nested(), 1)}}, [Plain(), Aliased()],
]  # fmt: skip
