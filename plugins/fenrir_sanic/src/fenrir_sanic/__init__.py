"""The Sanic paradigm of the Fenrir web framework: listeners, middleware, tasks."""

from __future__ import annotations

from .exceptions import Forbidden as Forbidden
from .request import Request as Request
