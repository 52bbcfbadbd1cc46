"""fastapi-users: accounts, tokens and `current_user` over SQLAlchemy."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import Any, AsyncIterator

from fastapi import Depends, FastAPI
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, JWTStrategy
from fastapi_users_db_sqlalchemy import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import StaticPool

PACKAGE = "fastapi-users"
SECRET = token_hex()


class Base(DeclarativeBase):
    pass


class User(SQLAlchemyBaseUserTableUUID, Base):
    pass


class UserManager(UUIDIDMixin, BaseUserManager):
    reset_password_token_secret = verification_token_secret = SECRET


engine = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)


async def manager() -> AsyncIterator[UserManager]:
    async with AsyncSession(engine, expire_on_commit=False) as session:
        yield UserManager(SQLAlchemyUserDatabase(session, User))


backend = AuthenticationBackend("jwt", BearerTransport("auth/login"), lambda: JWTStrategy(SECRET, 3600))
users = FastAPIUsers(manager, [backend])


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield


app = FastAPI(lifespan=lifespan)
app.include_router(users.get_auth_router(backend), prefix="/auth")
app.include_router(users.get_register_router(schemas.BaseUser, schemas.BaseUserCreate), prefix="/auth")
app.include_router(users.get_users_router(schemas.BaseUser, schemas.BaseUserUpdate), prefix="/users")


@app.get("/me")
async def me(user: Any = Depends(users.current_user(active=True))) -> Any:
    return user.email


def token(client: Any, found: Any) -> Any:
    answer = client.post("/auth/login", data={"username": "a@example.com", "password": "long enough"})
    return {"authorization": f"Bearer {json.loads(answer.text)['access_token']}"}


ACCOUNT = {"email": "a@example.com", "password": "long enough"}
REQUESTS = [
    ("GET", "/me"),
    ("POST", "/auth/register", {"json": ACCOUNT}),
    ("POST", "/auth/register", {"json": ACCOUNT}),
    ("POST", "/auth/register", {"json": {"email": "none"}}),
    ("POST", "/auth/login", {"data": {"username": "a@example.com", "password": "wrong"}}),
    ("POST", "/auth/login", {"data": {"username": "a@example.com", "password": "long enough"}}),
    ("GET", "/me", {"headers": token}),
    ("PATCH", "/users/me", {"headers": token, "json": {"email": "b@example.com"}}),
    ("GET", "/me", {"headers": {"authorization": "Bearer wrong"}}),
    ("GET", "/openapi.json"),
]
