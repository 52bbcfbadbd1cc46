"""The path converter `dt`, which only Falcon has."""

from __future__ import annotations

import re
from datetime import datetime
from typing import List

from fenrir_core import PathConverter


def _converter(pattern: str) -> PathConverter:
    def convert(text: str) -> datetime:
        return datetime.strptime(text, pattern)

    def format_value(value: datetime) -> str:
        return value.strftime(pattern)

    return PathConverter(f"dt({pattern})", "[^/]+", convert, format_value, rank=10)


def _from_arguments(text: str) -> PathConverter:
    quoted = re.fullmatch(r"""\s*(?:format_string\s*=\s*)?(['"])(.*)\1\s*""", text)
    if quoted is None:
        raise ValueError('the format must be in quotes, for example dt("%Y-%m-%d")')
    return _converter(quoted.group(2))


_DEFAULT = _converter("%Y-%m-%dT%H:%M:%SZ")
#: ``{when:dt}`` and ``{when:dt("%Y-%m")}``.
DATETIME = PathConverter("dt", _DEFAULT.regex, _DEFAULT.parse, _DEFAULT.format, rank=10, factory=_from_arguments)


def path_converters() -> List[PathConverter]:
    """Return Falcon's own converters."""
    return [DATETIME]
