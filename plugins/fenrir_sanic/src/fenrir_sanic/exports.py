"""The names of this plugin in the façade `fenrir`: none, it adds methods to the app only."""

from __future__ import annotations

from typing import List

__all__: List[str] = []
