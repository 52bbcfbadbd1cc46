"""Starlette's surface, apart from FastAPI's engine: these modules stand on the kernel alone.

FastAPI's import paths (`fenrir_fastapi.requests`, …) are modules beside this package that re-export its names.
"""

from __future__ import annotations
