"""The Sanic paradigm of the Fenrir web framework: listeners, middleware, tasks."""

from __future__ import annotations
