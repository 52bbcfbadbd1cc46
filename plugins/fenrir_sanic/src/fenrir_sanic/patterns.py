"""The types of path parameters, and the parameters of a template."""

from __future__ import annotations

import re
from datetime import date
from types import SimpleNamespace
from typing import Any, Callable, Dict, Mapping, Match, NamedTuple, Pattern, Tuple
from uuid import UUID

from .background import parameters_of
from .routing_exceptions import InvalidUsage

#: What the value of a parameter is made by, and the pattern of its text.
RegexType = Tuple[Callable[[str], Any], Pattern[str]]
#: A parameter: its name, and its type without what `ext` allows.
parameters_in = re.compile(r"<(\w+)(?:=\w+)?(?::(ext(?==)|[^>]+)[^>]*)?>")


def parse_date(text: str) -> date:
    """Return the date of a text such as ``2026-11-30``."""
    return date.fromisoformat(text)


#: The types that every app has.
REGEX_TYPES: Mapping[str, RegexType] = {
    name: (cast, re.compile(f"^{pattern}$"))
    for name, cast, pattern in (
        ("strorempty", str, "[^/]*"), ("str", str, "[^/]+"), ("ext", str, r"[^/]+\.[a-z0-9](?:[a-z0-9.]*[a-z0-9])?"),
        ("slug", str, "[a-z0-9]+(?:-[a-z0-9]+)*"), ("alpha", str, "[A-Za-z]+"), ("path", str, ".+"),
        ("float", float, r"-?(?:\d+(?:\.\d*)?|\.\d+)"), ("int", int, r"-?\d+"),
        ("ymd", parse_date, r"\d{4}-\d{2}-\d{2}"),
        ("uuid", UUID, "[A-Fa-f0-9]{8}(?:-[A-Fa-f0-9]{4}){3}-[A-Fa-f0-9]{12}"),
    )
}  # fmt: skip


_file_names = re.compile(r"<(\w+)(?:=(\w+))?:ext(?:=([^>]*))?>")


def with_extensions(uri: str) -> str:
    """Return a template with ``<name:ext>`` as two parameters, `name` and `ext`, and a dot between them.

    ``<name:ext=jpg|png>`` takes these extensions only, ``<name=int:ext>`` a name of a type.

    Raises:
        InvalidUsage: The extensions differ in their number of dots.
    """

    def two(match: Match[str]) -> str:
        name, label, allowed = match.group(1), match.group(2) or "str", match.group(3)
        words = allowed.split("|") if allowed else []
        if len({word.count(".") for word in words}) > 1:
            raise InvalidUsage(
                "All allowed extensions within a single route definition must contain the same number of subparts: "
                f"{allowed}"
            )
        pattern = "|".join(map(re.escape, words)) or _any_extension
        return f"<{name}:{label}>.<ext:(?:{pattern})>"

    return _file_names.sub(two, uri)


_two_parts = re.compile(r"<(\w+):(\w+)>\.<ext:\(\?:((?:[^()\\]|\\.)+)\)>")
_any_extension = "[A-Za-z0-9]+"


def without_extensions(uri: str) -> str:
    """Return the template that `with_extensions` was given."""

    def one(match: Match[str]) -> str:
        name, label, allowed = match.groups()
        own = "" if label == "str" else f"={label}"
        words = "" if allowed == _any_extension else "=" + re.sub(r"\\(.)", r"\1", allowed)
        return f"<{name}{own}:ext{words}>"

    return _two_parts.sub(one, uri)


#: The annotations that give a parameter a type.
_annotated_types: Mapping[Any, str] = {str: "str", int: "int", float: "float", UUID: "uuid"}
_untyped = re.compile(r"(?<=/)<(\w+)>(?=/|$)")


def with_annotated_types(uri: str, handler: Callable[..., Any]) -> str:
    """Return a template whose parameters without a type have that of the handler's annotation.

    COMPAT: as in Sanic, only annotations that are one of these classes count, not their names as text, and only where
    the parameter is a whole segment.

    Args:
        uri: The template, with "/" in front.
        handler: What serves it.
    """
    if _untyped.search(uri) is None:
        return uri
    found = {item.name: item.annotation for item in parameters_of(handler) or ()}

    def typed(match: Match[str]) -> str:
        annotation = found.get(match.group(1))
        label = _annotated_types.get(annotation) if isinstance(annotation, type) else None
        return match.group() if label is None else f"<{match.group(1)}:{label}>"

    return _untyped.sub(typed, uri)


class ParamInfo(NamedTuple):
    """A parameter of a template.

    Args:
        name: Its name.
        raw_path: The template.
        label: Its type, or its pattern.
        cast: Makes the value of the text.
        pattern: What the text must match.
        regex: Whether `label` is a pattern.
        priority: Accepted as in Sanic.
        ctx: For the app's own use.
    """

    name: str
    raw_path: str
    label: str
    cast: Callable[[str], Any]
    pattern: Pattern[str]
    regex: bool
    priority: int
    ctx: SimpleNamespace


def parameters(raw_path: str, types: Mapping[str, RegexType] = REGEX_TYPES) -> Dict[int, ParamInfo]:
    """Return the parameters of a template by the number of their segment.

    Args:
        raw_path: The template without the slash in front.
        types: The types that are known.
    """
    found: Dict[int, ParamInfo] = {}
    for place, match in enumerate(parameters_in.finditer(raw_path)):
        label = match.group(2) or "str"
        known = types.get(label.partition("=")[0].partition("(")[0])
        cast, pattern = known or (str, re.compile(f"^{label}$"))
        segment = max(raw_path.count("/", 0, match.start()), place)
        context = SimpleNamespace()
        found[segment] = ParamInfo(match.group(1), raw_path, label, cast, pattern, known is None, 0, context)
    return found
