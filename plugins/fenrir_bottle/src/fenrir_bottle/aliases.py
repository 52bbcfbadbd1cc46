"""The name that this package is imported under instead of Bottle; see `fenrir_core.alias`."""

from __future__ import annotations

from fenrir_core.authoring import Alias

__all__ = ["bottle"]

#: COMPAT: the release of Bottle whose behaviour is followed.
bottle = Alias("fenrir_bottle", version="0.13.4")
