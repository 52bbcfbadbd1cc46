"""The names that this package is imported under instead of FastAPI and Starlette; see `fenrir_core.alias`."""

from __future__ import annotations

from fenrir_core.authoring import Alias

__all__ = ["fastapi", "starlette"]

#: COMPAT: the releases of FastAPI and Starlette whose behaviour is followed.
fastapi = Alias("fenrir_fastapi", version="0.165.0", also=("starlette",))
starlette = Alias("fenrir_fastapi.starlette", version="1.10.0")
