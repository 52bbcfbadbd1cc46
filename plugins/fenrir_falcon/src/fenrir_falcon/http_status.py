"""Exceptions that end a request without an error."""

from __future__ import annotations

from .redirects import HTTPStatus

__all__ = ["HTTPStatus"]
