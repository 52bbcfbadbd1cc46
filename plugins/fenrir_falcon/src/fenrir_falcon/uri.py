"""URLs and their parts: the same as `fenrir_falcon.util.uri`."""

from __future__ import annotations

from .util.uri import *  # noqa: F403
from .util.uri import __all__ as __all__
