"""The names that the façade `fenrir` takes from this plugin: none; it adds methods to the app only."""

from __future__ import annotations

from typing import List

__all__: List[str] = []
