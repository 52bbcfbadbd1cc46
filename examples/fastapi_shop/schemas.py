"""Requests and responses as pydantic models."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any, Dict, List, Optional

from pydantic import BaseModel, ConfigDict, Field, computed_field, field_validator

# The largest integer that every JSON client can read; SQLite stores larger ones.
MAX_ID = 2**53 - 1


class Problem(BaseModel):
    """The body of every error response except 422."""

    detail: str


#: Responses of every operation with a body: the body is not text, or a malformed form.
UNREADABLE: Dict[Any, Any] = {400: {"model": Problem, "description": "The body can't be read"}}


class UserCreate(BaseModel):
    username: str = Field(pattern="^[a-z][a-z0-9_]{2,31}$", examples=["ada"])
    password: str = Field(min_length=8, max_length=128)
    full_name: Optional[str] = Field(default=None, max_length=100)


class UserRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    username: str
    full_name: Optional[str] = None


class Token(BaseModel):
    access_token: str
    token_type: str
    scope: str


class Unit(str, Enum):
    """Units of sizes."""

    mm = "mm"
    cm = "cm"


class Size(BaseModel):
    """A size: optional in requests, always present in responses."""

    width: int = Field(default=1, ge=1, le=10_000)
    height: int = Field(default=1, ge=1, le=10_000)
    unit: Unit = Unit.mm


class ItemCreate(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"sku": "ROPE-10", "name": "Rope", "cents": 1250, "stock": 4}]},
    )

    sku: str = Field(pattern="^[A-Z0-9-]{1,16}$", description="The number on the shelf")
    name: str = Field(min_length=1, max_length=100)
    description: Optional[str] = Field(default=None, max_length=1000)
    cents: int = Field(gt=0, le=100_000_000)
    stock: int = Field(default=0, ge=0, le=1_000_000)
    size: Size = Size()

    @field_validator("name")
    @classmethod
    def _strip(cls, name: str) -> str:
        return name.strip() or name


class ItemUpdate(BaseModel):
    """A change of the fields that are present."""

    name: str = Field(default="Unnamed", min_length=1, max_length=100)
    description: Optional[str] = Field(default=None, max_length=1000)
    cents: int = Field(default=1, gt=0, le=100_000_000)
    stock: int = Field(default=0, ge=0, le=1_000_000)


class ItemRead(BaseModel):
    id: int
    sku: str
    name: str
    description: Optional[str] = None
    cents: int
    stock: int
    size: Size

    @computed_field
    def in_stock(self) -> bool:
        return self.stock > 0


class LineCreate(BaseModel):
    item_id: int = Field(ge=1, le=MAX_ID)
    quantity: int = Field(default=1, ge=1, le=1000)


class LineRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    item_id: Optional[int]
    name: str
    cents: int
    quantity: int


class Status(str, Enum):
    placed = "placed"
    confirmed = "confirmed"


class OrderRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    status: Status
    placed_at: datetime
    lines: List[LineRead]

    @computed_field
    def total(self) -> int:
        return sum(line.cents * line.quantity for line in self.lines)
