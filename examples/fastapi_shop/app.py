"""A shop in FastAPI's idiom: run it with `fenrir run fastapi_shop.app:app` in the directory of the examples.

With `fenrir_fastapi` written `fastapi` in the imports the same files run on FastAPI.
"""

from __future__ import annotations

import logging
import os
import secrets
from contextlib import asynccontextmanager
from typing import AsyncIterator

from sqlalchemy import text

from fenrir_fastapi import FastAPI, Request
from fenrir_fastapi.middleware.cors import CORSMiddleware
from fenrir_fastapi.responses import RedirectResponse

from . import accounts, items, orders
from .database import Base, SessionDep, User, engine, new_session


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Create the tables and a member of staff; close the database at the end."""
    Base.metadata.create_all(engine)
    with new_session() as session:
        if accounts.find_user(session, "admin") is None:
            password = os.environ.get("SHOP_ADMIN_PASSWORD")
            if password is None:
                password = secrets.token_urlsafe(12)
                logging.getLogger("uvicorn.error").warning("The password of admin is %s", password)
            admin = User(username="admin", password_hash=accounts.hash_password(password), is_staff=True)
            session.add(admin)
            session.commit()
    yield
    engine.dispose()


app = FastAPI(
    title="Shop",
    version="1.0.0",
    summary="Items, accounts and orders",
    description="A **shop** that shows what a service of some size is made of.",
    contact={"name": "The shop", "email": "shop@example.org"},
    license_info={"name": "MIT", "identifier": "MIT"},
    openapi_tags=[
        {"name": "items", "description": "What is for sale."},
        {"name": "accounts", "description": "Who may do what."},
        {"name": "orders"},
    ],
    lifespan=lifespan,
)
app.add_middleware(CORSMiddleware, allow_origins=["https://shop.example.org"], allow_methods=["*"])


@app.middleware("http")
async def no_sniffing(request: Request, call_next):
    response = await call_next(request)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


app.include_router(accounts.router)
app.include_router(items.router)
app.include_router(orders.router)


@app.get("/", include_in_schema=False)
def home() -> RedirectResponse:
    return RedirectResponse("/docs")


@app.get("/health", tags=["service"], response_description="The database answers")
def health(session: SessionDep) -> bool:
    """Check that the database responds."""
    return session.scalar(text("SELECT 1")) == 1
