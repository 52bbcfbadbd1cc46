"""Starlette's generator of OpenAPI documents, at FastAPI's import path."""

from __future__ import annotations

from .starlette.schemas import (
    BaseSchemaGenerator,
    EndpointInfo,
    OpenAPIResponse,
    SchemaGenerator,
)

__all__ = [
    "BaseSchemaGenerator",
    "EndpointInfo",
    "OpenAPIResponse",
    "SchemaGenerator",
]
