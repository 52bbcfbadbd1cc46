"""The façade applications import."""

from __future__ import annotations
