"""The shop while it is taken over: three routes have moved, Flask serves the rest.

fenrir run app:app                                                      # in this directory; needs Flask
FENRIR_TAKEOVER_FILE=switches.json fenrir run app:app
fenrir takeover switch switches.json "GET /api/products" 10 --shadow 100  # 10 % of the clients, each compared
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from secrets import compare_digest
from typing import Iterator, List, Optional

from pydantic import BaseModel

from fenrir import Depends, Fenrir, HTTPException, Request, session

try:
    from .legacy import app as legacy
    from .legacy import connect
except ImportError:  # started in this directory
    from legacy import app as legacy
    from legacy import connect

app = Fenrir(title="Shop")


def may_see_the_report(request: Request) -> bool:
    """Return whether the client has the key of the shop's operators."""
    key = os.environ.get("SHOP_REPORT_KEY")
    return key is not None and compare_digest(request.query.get("key", ""), key)


app.take_over(legacy, masked=["user"], report_path="/takeover", report_guard=may_see_the_report)


class Product(BaseModel):
    id: int
    name: str
    price: str


class Cart(BaseModel):
    user: Optional[str] = None
    items: List[int] = []


def database() -> Iterator[sqlite3.Connection]:
    with closing(connect(check_same_thread=False)) as opened:
        yield opened


def price(cents: int) -> str:
    return f"{cents / 100:.2f}"


def prices():
    """Return how prices are written."""
    return price


@app.get("/api/products")
def products(
    max_cents: Optional[int] = None, shop: sqlite3.Connection = Depends(database), write=Depends(prices)
) -> List[Product]:
    found = shop.execute("select * from product where cents <= ? order by id", (max_cents or 10**9,))
    return [Product(id=row["id"], name=row["name"], price=write(row["cents"])) for row in found]


@app.get("/api/products/{product_id}")
def product(product_id: int, shop: sqlite3.Connection = Depends(database), write=Depends(prices)) -> Product:
    row = shop.execute("select * from product where id = ?", (product_id,)).fetchone()
    if row is None:
        raise HTTPException(404)
    return Product(id=row["id"], name=row["name"], price=write(row["cents"]))


@app.get("/api/cart")
def cart() -> Cart:
    return Cart(user=session.get("user"), items=session.get("cart", []))
