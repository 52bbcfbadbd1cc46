"""The name that this package is imported under instead of Falcon; see `fenrir_core.alias`."""

from __future__ import annotations

from fenrir_core.authoring import Alias

__all__ = ["falcon"]

#: COMPAT: the release of Falcon whose behaviour is followed.
falcon = Alias("fenrir_falcon", version="4.4.0")
