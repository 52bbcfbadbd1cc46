"""The name that this package is imported under instead of Sanic; see `fenrir_core.alias`."""

from __future__ import annotations

from fenrir_core.authoring import Alias

__all__ = ["sanic"]

#: COMPAT: the release of Sanic whose behaviour is followed.
sanic = Alias("fenrir_sanic", version="25.12.1")
