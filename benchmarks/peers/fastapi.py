"""FastAPI, which Fenrir has a paradigm of."""

# mypy: ignore-errors
from __future__ import annotations

from fastapi import Depends, FastAPI
from fastapi.responses import PlainTextResponse

from ..cases import Case
from ..idioms import fastapi_app


def make(case: Case):
    """Return the app with the routes of all cases."""
    return fastapi_app(case, FastAPI, Depends, PlainTextResponse)
