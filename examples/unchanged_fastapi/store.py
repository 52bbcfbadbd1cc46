"""The books, in memory."""

from __future__ import annotations

from typing import Dict, List, Optional

from pydantic import BaseModel, Field


class BookIn(BaseModel):
    title: str = Field(min_length=1, max_length=80)
    author: str
    copies: int = Field(default=1, ge=0)


class Book(BookIn):
    id: int


class BookSummary(BaseModel):
    id: int
    title: str
    author: str


class OutOfStock(Exception):
    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.title = title


class Store:
    def __init__(self) -> None:
        self.books: Dict[int, Book] = {}
        self.lent: Dict[int, List[str]] = {}
        self.mails: List[str] = []
        self.is_open = True

    @classmethod
    def with_examples(cls) -> Store:
        store = cls()
        store.add(BookIn(title="Emma", author="Austen", copies=1))
        store.add(BookIn(title="Walden", author="Thoreau", copies=3))
        return store

    def add(self, book: BookIn) -> Book:
        made = Book(id=len(self.books) + 1, **book.model_dump())
        self.books[made.id] = made
        return made

    def search(self, text: Optional[str], skip: int, limit: int) -> List[Book]:
        found = [book for book in self.books.values() if not text or text.lower() in book.title.lower()]
        return found[skip : skip + limit]

    def lend(self, book: Book, user: str) -> int:
        lent = self.lent.setdefault(book.id, [])
        if len(lent) >= book.copies:
            raise OutOfStock(book.title)
        lent.append(user)
        return len(lent)

    def close(self) -> None:
        self.is_open = False
