"""SQLAlchemy, asynchronous: a session for each request by a dependency with `yield`."""

from __future__ import annotations

from typing import Any, AsyncIterator

from fastapi import Depends, FastAPI, HTTPException
from packages._heroes import REQUESTS as REQUESTS
from packages._heroes import Base, Hero, NewHero
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import StaticPool

PACKAGE = "SQLAlchemy"
engine = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)
app = FastAPI()
log = []


async def session() -> AsyncIterator[AsyncSession]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine, expire_on_commit=False) as opened:
        try:
            yield opened
            await opened.commit()
            log.append("commit")
        except Exception:
            await opened.rollback()
            log.append("rollback")
            raise


@app.post("/heroes", status_code=201)
async def create(hero: NewHero, db: AsyncSession = Depends(session)):  # type: ignore[no-untyped-def]  # rows are no JSON by their annotation
    row = Hero(name=hero.name)
    db.add(row)
    await db.flush()
    if hero.name == "fails":
        raise HTTPException(409, "taken")
    return row


@app.get("/heroes")
async def heroes(db: AsyncSession = Depends(session)):  # type: ignore[no-untyped-def]  # rows are no JSON by their annotation
    return (await db.scalars(select(Hero).order_by(Hero.id))).all()


@app.get("/heroes/{hero_id}")
async def hero(hero_id: int, db: AsyncSession = Depends(session)):  # type: ignore[no-untyped-def]  # rows are no JSON by their annotation
    found = await db.get(Hero, hero_id)
    if found is None:
        raise HTTPException(404, "no such hero")
    return found


def seen() -> Any:
    return log
