"""Starlette's data structures and FastAPI's own, at FastAPI's import path."""

from __future__ import annotations

from .starlette.datastructures import (
    URL,
    Address,
    CommaSeparatedStrings,
    Default,
    DefaultPlaceholder,
    FormData,
    Headers,
    MultiDict,
    MutableHeaders,
    QueryParams,
    Secret,
    State,
    UploadFile,
    URLPath,
)

__all__ = [
    "Address", "CommaSeparatedStrings", "Default", "DefaultPlaceholder", "FormData", "Headers", "MultiDict",
    "MutableHeaders", "QueryParams", "Secret", "State", "URL", "URLPath", "UploadFile",
]  # fmt: skip
