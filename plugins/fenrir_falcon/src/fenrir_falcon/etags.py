"""Entity tags as headers carry them.

Source: RFC 9110, section 8.8.3.
"""

from __future__ import annotations

from typing import List, Union


class ETag(str):
    """The opaque text of an entity tag."""

    #: Whether the tag is weak.
    is_weak = False

    def dumps(self) -> str:
        """Return the tag as it is written in a header."""
        return f'W/"{self}"' if self.is_weak else f'"{self}"'

    @classmethod
    def loads(cls, text: str) -> ETag:
        """Return the tag that is written in a header."""
        is_weak = text[:2] in ("W/", "w/")
        tag = cls((text[2:] if is_weak else text).strip('"'))
        tag.is_weak = is_weak
        return tag

    def strong_compare(self, other: ETag) -> bool:
        """Return whether both tags are strong and equal."""
        return self == other and not (self.is_weak or other.is_weak)


def parse_etags(text: str) -> List[Union[str, ETag]]:
    """Return the tags of `If-Match` or `If-None-Match`, or ``["*"]``; empty for an empty header."""
    text = text.strip()
    if text == "*":
        return ["*"]
    found: List[Union[str, ETag]] = []
    for part in text.split(","):
        piece = part.strip()
        if piece:
            found.append(ETag.loads(piece))
    return found
