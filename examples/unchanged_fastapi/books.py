"""The catalogue."""

from __future__ import annotations

from typing import Any, Iterator, List, Optional

from fastapi import APIRouter, BackgroundTasks, Body, Cookie, Depends, File, Form, Header, Response, UploadFile
from fastapi.responses import RedirectResponse, StreamingResponse
from typing_extensions import Annotated

from .dependencies import BookDep, Page, StoreDep, UserDep
from .store import Book, BookIn, BookSummary

router = APIRouter(prefix="/books", tags=["books"])


@router.get("", response_model=List[BookSummary])
async def listed(store: StoreDep, page: Annotated[Page, Depends()], q: Optional[str] = None) -> Any:
    return store.search(q, page.skip, page.limit)


@router.post("", status_code=201)
async def create(book: BookIn, store: StoreDep, user: UserDep, tasks: BackgroundTasks, response: Response) -> Book:
    made = store.add(book)
    tasks.add_task(store.mails.append, f"{user} added {made.title}")
    response.headers["location"] = f"/books/{made.id}"
    return made


@router.get("/csv")
def export(store: StoreDep) -> StreamingResponse:
    def lines() -> Iterator[str]:
        for book in store.books.values():
            yield f"{book.id},{book.title}\n"

    return StreamingResponse(lines(), media_type="text/csv")


@router.get("/agent")
def agent(user_agent: Annotated[str, Header()], theme: Annotated[str, Cookie()] = "light") -> Any:
    return {"agent": user_agent, "theme": theme}


@router.post("/covers")
async def cover(file: Annotated[UploadFile, File()], note: Annotated[str, Form()]) -> Any:
    return {"name": file.filename, "size": len(await file.read()), "note": note}


@router.get("/old/{book_id}", deprecated=True)
def old(book_id: int) -> RedirectResponse:
    return RedirectResponse(f"/books/{book_id}")


@router.get("/{book_id}")
def one(book: BookDep) -> Book:
    return book


@router.patch("/{book_id}")
async def change(book: BookDep, store: StoreDep, copies: Annotated[int, Body(embed=True, ge=0)]) -> Book:
    book.copies = copies
    return book
