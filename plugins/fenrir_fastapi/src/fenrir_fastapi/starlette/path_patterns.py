"""Path templates as regular expressions, for routes that match by themselves."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Pattern, Tuple

from fenrir_core import Build, PathConverter

from .convertors import CONVERTOR_TYPES, Convertor
from .types import Values

__all__ = ["compile_path", "replace_params"]

_PARAM = re.compile(r"{([a-zA-Z_][a-zA-Z0-9_]*)(?::([a-zA-Z_][a-zA-Z0-9_]*))?}")


#: The kernel's own path types that Starlette has, too, with their places in the order of precedence. Between the two
#: `str` there is no difference.
_RANKS = {"uuid": 20, "int": 30, "float": 40, "path": 90}


def compile_path(path: str) -> Tuple[Pattern[str], str, Dict[str, Convertor[Any]]]:
    """Return what a path or a host template means.

    Args:
        path: A template that starts with "/", or else of a host, whose port is left out of the pattern.

    Returns:
        The pattern of what matches, the template without convertors, and the convertors by parameter.

    Raises:
        AssertionError: There is no such convertor.
        ValueError: A parameter is there twice.
    """
    pattern: List[str] = []
    convertors: Dict[str, Convertor[Any]] = {}
    twice = set()
    end = 0
    for found in _PARAM.finditer(path):
        name, kind = found.group(1), found.group(2) or "str"
        assert kind in CONVERTOR_TYPES, f"Unknown path convertor '{kind}'"
        if name in convertors:
            twice.add(name)
        convertors[name] = CONVERTOR_TYPES[kind]
        pattern.append(f"{re.escape(path[end : found.start()])}(?P<{name}>{convertors[name].regex})")
        end = found.end()
    if twice:
        plural = "s" if len(twice) > 1 else ""
        raise ValueError(f"Duplicated param name{plural} {', '.join(sorted(twice))} at path {path}")
    rest, is_host = path[end:], not path.startswith("/")
    if is_host and not rest.endswith("]"):
        rest = rest.rsplit(":", 1)[0]
    pattern.append(re.escape(rest))
    flags = re.IGNORECASE if is_host else 0  # RFC 9110, section 4.2.3
    return re.compile(f"^{''.join(pattern)}$", flags), _PARAM.sub(r"{\1}", path), convertors


def path_converters(build: Build) -> List[PathConverter]:
    """Return the convertors by which the kernel reads paths: in a pure app all, else those that were registered."""
    is_own = build.app.paradigm == "fastapi"
    found = []
    for name, convertor in CONVERTOR_TYPES.items():
        if name == "str" or (name in _RANKS and not is_own):
            continue
        spans = "/" in convertor.regex or "." in convertor.regex.replace(r"\.", "")
        parse, write = convertor.convert, convertor.to_string
        rank = _RANKS.get(name, 50)
        found.append(PathConverter(name, convertor.regex, parse, write, multi_segment=spans, rank=rank))
    return found


def replace_params(
    path: str, param_convertors: Mapping[str, Convertor[Any]], path_params: Values
) -> Tuple[str, Values]:
    """Return a template with the values of parameters, which are taken out of `path_params`, and what is left."""

    def write(found: Any) -> str:
        name = found.group(1)
        if name not in path_params:
            return str(found.group())
        return param_convertors[name].to_string(path_params.pop(name))

    return _PARAM.sub(write, path), path_params
