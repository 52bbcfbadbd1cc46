"""The tables, and the session of each request."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from typing import Iterator, List, Optional

from sqlalchemy import ForeignKey, String, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, sessionmaker
from typing_extensions import Annotated

from fenrir_fastapi import Depends

# The pool passes SQLite's connections between threads; two never use one at the same time.
engine = create_engine(
    os.environ.get("SHOP_DATABASE", "sqlite:///shop.db"),
    connect_args={"check_same_thread": False},
)
new_session = sessionmaker(engine, expire_on_commit=False)


def now() -> datetime:
    """Return the time in UTC without a zone, as SQLite stores it."""
    return datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(32), unique=True)
    full_name: Mapped[Optional[str]]
    password_hash: Mapped[str]
    is_staff: Mapped[bool] = mapped_column(default=False)
    orders: Mapped[List[Order]] = relationship(back_populates="customer")


class Item(Base):
    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str]
    description: Mapped[Optional[str]]
    cents: Mapped[int]
    stock: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    unit: Mapped[str]


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    placed_at: Mapped[datetime] = mapped_column(default=now)
    status: Mapped[str] = mapped_column(default="placed")
    customer: Mapped[User] = relationship(back_populates="orders")
    lines: Mapped[List[Line]] = relationship(back_populates="order", order_by="Line.id")


class Line(Base):
    __tablename__ = "lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    item_id: Mapped[Optional[int]] = mapped_column(ForeignKey("items.id", ondelete="SET NULL"))
    name: Mapped[str]
    cents: Mapped[int]
    quantity: Mapped[int]
    order: Mapped[Order] = relationship(back_populates="lines")


def get_session() -> Iterator[Session]:
    """Provide a session for one request; it is rolled back after an error."""
    with new_session() as session:
        try:
            yield session
        except Exception:
            session.rollback()
            raise


SessionDep = Annotated[Session, Depends(get_session)]
