"""SQLAlchemy, synchronous: a session for each request by a dependency with `yield`, in threads."""

from __future__ import annotations

from typing import Any, Iterator

from fastapi import Depends, FastAPI, HTTPException
from packages._heroes import REQUESTS as REQUESTS
from packages._heroes import Base, Hero, NewHero
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

PACKAGE = "SQLAlchemy"
engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
app = FastAPI()
log = []


def session() -> Iterator[Session]:
    Base.metadata.create_all(engine)
    with Session(engine, expire_on_commit=False) as opened:
        try:
            yield opened
            opened.commit()
            log.append("commit")
        except Exception:
            opened.rollback()
            log.append("rollback")
            raise


@app.post("/heroes", status_code=201)
def create(hero: NewHero, db: Session = Depends(session)):  # type: ignore[no-untyped-def]  # rows are no JSON by their annotation
    row = Hero(name=hero.name)
    db.add(row)
    db.flush()
    if hero.name == "fails":
        raise HTTPException(409, "taken")
    return row


@app.get("/heroes")
def heroes(db: Session = Depends(session)):  # type: ignore[no-untyped-def]  # rows are no JSON by their annotation
    return (db.scalars(select(Hero).order_by(Hero.id))).all()


@app.get("/heroes/{hero_id}")
def hero(hero_id: int, db: Session = Depends(session)):  # type: ignore[no-untyped-def]  # rows are no JSON by their annotation
    found = db.get(Hero, hero_id)
    if found is None:
        raise HTTPException(404, "no such hero")
    return found


def seen() -> Any:
    return log
