"""The models of the body case, the same for every contestant."""

from __future__ import annotations

from typing import List

from pydantic import BaseModel


class Line(BaseModel):
    """A line of an order."""

    name: str
    price: float
    quantity: int


class Order(BaseModel):
    """An order as the client sends it."""

    customer: str
    express: bool = False
    lines: List[Line]

    @property
    def total(self) -> float:
        """The price of all lines together."""
        return sum(line.price * line.quantity for line in self.lines)
