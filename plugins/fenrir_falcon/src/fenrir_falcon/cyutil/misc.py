"""Helpers of headers, at the place of Falcon's compiled ones."""

from __future__ import annotations

from typing import List, Mapping, Tuple

__all__ = ["encode_items_to_latin1"]


def encode_items_to_latin1(data: Mapping[str, str]) -> List[Tuple[bytes, bytes]]:
    """Return the items of a mapping as pairs of bytes."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in data.items()]
