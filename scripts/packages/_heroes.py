"""The table of the two scripts for SQLAlchemy, and the requests that both are asked."""

from __future__ import annotations

from pydantic import BaseModel
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Hero(Base):
    __tablename__ = "hero"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class NewHero(BaseModel):
    name: str


REQUESTS = [
    ("GET", "/heroes"),
    ("POST", "/heroes", {"json": {"name": "Ann"}}),
    ("POST", "/heroes", {"json": {"name": "fails"}}),
    ("POST", "/heroes", {"json": {}}),
    ("GET", "/heroes"),
    ("POST", "/heroes", {"json": {"name": "Bob"}}),
    ("GET", "/heroes/2"),
    ("GET", "/heroes/9"),
    ("GET", "/heroes/x"),
    ("GET", "/heroes"),
]
