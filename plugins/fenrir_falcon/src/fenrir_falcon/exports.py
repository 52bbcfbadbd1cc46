"""What the façade `fenrir` hands out from this plugin: no names, only the app method `add_route`."""

from __future__ import annotations

from typing import List

__all__: List[str] = []
