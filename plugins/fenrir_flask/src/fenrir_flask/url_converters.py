"""What Werkzeug's converters and their arguments do otherwise than it says."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any

from werkzeug.routing import FloatConverter, Map

from fenrir_core import PathConverter

#: A rule's converter with arguments, and what arguments may be: constants, numbers, words and quoted text. The last
#: may have a comma behind it, unless that is a digit: Werkzeug would take the number for text then.
_WITH_ARGUMENTS = re.compile(r"<[a-zA-Z_]\w*\((.*?)\):[a-zA-Z_]\w*>")
_ARGUMENTS = re.compile(
    r"""(?:\s*(?:\w+\s*=\s*)?(?:[urUR]?(?:"[^"]*"|'[^']*')|[\w.]+)\s*,)*(?:(?<=\D,),)?\s*""", re.VERBOSE
)


def _rest(text: str) -> str:
    if text[:1] in ("", "/"):
        raise ValueError("empty, or a slash in front")
    return text


#: Werkzeug's `path`, for the routes of an app of its own: with a slash in front it matches no rule, so that such a path
#: is redirected to the one with a single slash.
PATH = PathConverter("path", "(?s:[^/].*)", _rest, str, multi_segment=True, rank=90, self_checking=True)


class PlainFloatConverter(FloatConverter):
    """Numbers with a point, in URLs too.

    COMPAT: Werkzeug 3.1 writes 1e-05 and 1e+20, which it does not match.
    """

    def to_url(self, value: Any) -> str:
        """Return the number without an exponent."""
        number = float(value)
        if not math.isfinite(number):
            return super().to_url(value)
        text = format(Decimal(repr(number)), "f")
        return text if "." in text else f"{text}.0"


def correct_converters(url_map: Map) -> None:
    """Let a map write numbers that it matches."""
    if url_map.converters.get("float") is FloatConverter:
        url_map.converters["float"] = PlainFloatConverter


def check_arguments(rule: str) -> None:
    """Raise an error for arguments of a converter that can't be read.

    COMPAT: Werkzeug 3.1 leaves out what is behind the last argument that it understands.

    Raises:
        ValueError: There are some.
    """
    for arguments in _WITH_ARGUMENTS.findall(rule):
        if arguments.strip() and not _ARGUMENTS.fullmatch(f"{arguments},"):
            raise ValueError(
                f"The rule {rule!r} has arguments of a converter that can't be read: ({arguments}). Write them as "
                "(1, name=2, other='text')."
            )
