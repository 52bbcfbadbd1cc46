"""SQLModel: tables as bodies and answers."""

from __future__ import annotations

from typing import Any, Iterator, List, Optional

from fastapi import Depends, FastAPI, HTTPException, Query
from sqlalchemy.pool import StaticPool
from sqlmodel import Field, Session, SQLModel, create_engine, select

PACKAGE = "sqlmodel"


class HeroBase(SQLModel):
    name: str = Field(index=True)
    age: Optional[int] = Field(default=None, ge=0)


class Hero(HeroBase, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    secret: str = "s"


class HeroPublic(HeroBase):
    id: int


engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
SQLModel.metadata.create_all(engine)
app = FastAPI()


def session() -> Iterator[Session]:
    with Session(engine) as opened:
        yield opened


@app.post("/heroes", response_model=HeroPublic)
def create(hero: HeroBase, db: Session = Depends(session)) -> Any:
    row = Hero.model_validate(hero)
    db.add(row)
    db.commit()
    db.refresh(row)
    return row


@app.get("/heroes", response_model=List[HeroPublic])
def heroes(db: Session = Depends(session), offset: int = 0, limit: int = Query(default=100, le=100)) -> Any:
    return db.exec(select(Hero).offset(offset).limit(limit)).all()


@app.get("/heroes/{hero_id}")
def hero(hero_id: int, db: Session = Depends(session)) -> Hero:
    found = db.get(Hero, hero_id)
    if found is None:
        raise HTTPException(404)
    return found


@app.delete("/heroes/{hero_id}")
def delete(hero_id: int, db: Session = Depends(session)) -> Any:
    db.delete(db.get(Hero, hero_id))
    db.commit()
    return {"ok": True}


REQUESTS = [
    ("POST", "/heroes", {"json": {"name": "Ann", "age": 7}}),
    ("POST", "/heroes", {"json": {"name": "Bob"}}),
    ("POST", "/heroes", {"json": {"name": "Cy", "age": -1}}),
    ("POST", "/heroes", {"json": {"age": "x"}}),
    ("GET", "/heroes"),
    ("GET", "/heroes?limit=1&offset=1"),
    ("GET", "/heroes?limit=1000"),
    ("GET", "/heroes/1"),
    ("DELETE", "/heroes/1"),
    ("GET", "/heroes/1"),
]
