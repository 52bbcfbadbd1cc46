"""What the routes depend on."""

from __future__ import annotations

from typing import Iterator

from fastapi import Depends, HTTPException, Path, Query, Request, status
from fastapi.security import OAuth2PasswordBearer
from typing_extensions import Annotated

from .store import Book, Store

oauth2 = OAuth2PasswordBearer(tokenUrl="/loans/token")


def get_store(request: Request) -> Iterator[Store]:
    store = request.app.state.store
    try:
        yield store
    finally:
        store.mails.append("closed")


StoreDep = Annotated[Store, Depends(get_store)]


class Page:
    def __init__(self, skip: Annotated[int, Query(ge=0)] = 0, limit: Annotated[int, Query(le=100)] = 10) -> None:
        self.skip, self.limit = skip, limit


def get_user(token: Annotated[str, Depends(oauth2)]) -> str:
    name, _, secret = token.partition(".")
    if secret != "valid":
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "invalid token", {"WWW-Authenticate": "Bearer"})
    return name


def get_book(store: StoreDep, book_id: Annotated[int, Path(ge=1)]) -> Book:
    if book_id not in store.books:
        raise HTTPException(status_code=404, detail="no such book")
    return store.books[book_id]


UserDep = Annotated[str, Depends(get_user)]
BookDep = Annotated[Book, Depends(get_book)]
