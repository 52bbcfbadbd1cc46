"""Fenrir's app of all cases, for a server to import."""

from __future__ import annotations

from .cases import CORE
from .fenrir_app import make

app = make(CORE[0])
