"""A library of books, written for FastAPI and unchanged: `fenrir run --as fastapi app:app`."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import AsyncIterator

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from . import books, live, loans
from .store import OutOfStock, Store


class TimingMiddleware(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        start = time.perf_counter()
        response = await call_next(request)
        response.headers["x-process-time"] = f"{time.perf_counter() - start:.4f}"
        return response


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.store = Store.with_examples()
    yield
    app.state.store.close()


app = FastAPI(title="Library", version="2.0", lifespan=lifespan)
app.add_middleware(CORSMiddleware, allow_origins=["https://library.example"], allow_methods=["GET", "POST"])
app.add_middleware(TimingMiddleware)
app.include_router(books.router)
app.include_router(loans.router, prefix="/loans", tags=["loans"])
app.include_router(live.router)


@app.exception_handler(OutOfStock)
async def out_of_stock(request: Request, error: OutOfStock) -> JSONResponse:
    return JSONResponse({"detail": f"{error.title} is out of stock"}, status_code=409)


@app.exception_handler(RequestValidationError)
async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    fields = [".".join(str(part) for part in item["loc"]) for item in error.errors()]
    return JSONResponse({"invalid": fields}, status_code=422)


@app.exception_handler(StarletteHTTPException)
async def http_error(request: Request, error: StarletteHTTPException) -> JSONResponse:
    return JSONResponse({"error": error.detail}, status_code=error.status_code, headers=error.headers)


@app.get("/health", response_class=PlainTextResponse, include_in_schema=False)
def health() -> str:
    return "ok"
