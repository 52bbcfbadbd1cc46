"""From a regular expression with groups to a path template."""

from __future__ import annotations

import re
from typing import List

from fenrir_core import BuildError

_GROUP = re.compile(r"\((?:\?P<(\w+)>)?((?:\[[^\]]*\]|\\.|[^()\\\[])*)\)")
_SPECIAL = re.compile(r"(?<!\\)[][.*+?{}|()^$]")


def template_of(pattern: str, names: List[str]) -> str:
    r"""Return the template of a pattern: ``/items/([0-9]+)`` becomes ``/items/{number:re:[0-9]+}``.

    Args:
        pattern: The expression. Groups have a name of their own, or that of the handler's parameter in their place.
        names: The names of the parameters.
    """
    pattern = pattern[:-1] if pattern.endswith("$") else pattern
    found, end = [], 0
    for index, group in enumerate(_GROUP.finditer(pattern)):
        if group[1] is None and index >= len(names):
            raise BuildError(f"The pattern {pattern!r} has more groups than the handler has parameters: {names}.")
        name = group[1] or names[index]
        found.append(_literal(pattern[end : group.start()], pattern))
        # a segment's text may have an encoded slash, which this expression would refuse
        found.append(f"{{{name}}}" if group[2] in ("[^/]+", ".+?") else f"{{{name}:re:{group[2]}}}")
        end = group.end()
    return "".join([*found, _literal(pattern[end:], pattern)])


def _literal(text: str, pattern: str) -> str:
    if _SPECIAL.search(text):
        raise BuildError(f"The pattern {pattern!r} has {text!r} outside of a group: put it into one.")
    return re.sub(r"\\(.)", r"\1", text)
