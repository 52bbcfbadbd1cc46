"""Loans, for users with a token."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, HTTPException
from fastapi.security import OAuth2PasswordRequestForm
from typing_extensions import Annotated

from .dependencies import BookDep, StoreDep, UserDep

router = APIRouter()


@router.post("/token")
async def token(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> Any:
    if form.password != "secret":
        raise HTTPException(400, "wrong password")
    return {"access_token": f"{form.username}.valid", "token_type": "bearer"}


@router.post("/{book_id}", status_code=201)
def lend(book: BookDep, store: StoreDep, user: UserDep) -> Any:
    return {"book": book.title, "user": user, "lent": store.lend(book, user)}
