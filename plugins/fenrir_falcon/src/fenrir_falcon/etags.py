"""Entity tags as headers carry them.

Source: RFC 9110, section 8.8.3.
"""

from __future__ import annotations

import re
from typing import List, Union

#: A tag in quotes, weak or not; tags without quotes in a list are ignored.
_TAG = re.compile(r'([Ww]/)?"([^"]*)"')


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
        value = text[2:] if is_weak else text
        tag = cls(value[1:-1] if len(value) >= 2 and value[0] == value[-1] == '"' else value)
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
    for weak, quoted in _TAG.findall(text):
        tag = ETag(quoted)
        tag.is_weak = bool(weak)
        found.append(tag)
    return found if found or not text or "," in text else [ETag.loads(text)]
