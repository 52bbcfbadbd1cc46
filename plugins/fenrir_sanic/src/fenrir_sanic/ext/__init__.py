"""Extensions of an app: those of sanic-ext where it is installed, else a small set of our own.

Our own has dependency injection by type, `validate`, CORS, and the decorators of `openapi`, which feed the OpenAPI
document of the hybrid app.
"""

from __future__ import annotations

from . import openapi
from .extend import Extend, extend_class, sanic_ext_applies
from .validation import validate

__all__ = ("Extend", "extend_class", "openapi", "sanic_ext_applies", "validate")
