"""The name that this package is imported under instead of Flask; see `fenrir_core.alias`."""

from __future__ import annotations

from fenrir_core.authoring import Alias

__all__ = ["flask"]

#: COMPAT: the release of Flask whose behaviour is followed.
flask = Alias("fenrir_flask", version="3.1.3")
