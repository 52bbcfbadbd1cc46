"""The FastAPI paradigm of the Fenrir web framework: typed parameters, dependencies, OpenAPI."""

from __future__ import annotations
