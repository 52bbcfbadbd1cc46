"""Small helpers of Falcon's public module: dates, query strings, file names, callables."""

from __future__ import annotations

import functools
import inspect
import os
import re
import unicodedata
from datetime import datetime, timezone
from typing import Any, Callable, List, Mapping, Optional
from urllib.parse import quote

from fenrir_core.authoring import format_date

from ..deprecation import deprecated
from ..status_codes import code_to_http_status, http_status_to_code

__all__ = [
    "code_to_http_status",
    "deprecated",
    "dt_to_http",
    "get_argnames",
    "get_bound_method",
    "http_date_to_dt",
    "http_now",
    "http_status_to_code",
    "is_python_func",
    "secure_filename",
    "to_query_str",
]

_UNSAFE_IN_FILENAME = re.compile(r"[^A-Za-z0-9.\-]")
#: Names of devices on Windows.
_RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{kind}{number}" for kind in ("COM", "LPT") for number in range(1, 10))}
_OBSOLETE = ("%a, %d %b %Y %H:%M:%S %Z", "%a, %d-%b-%Y %H:%M:%S %Z", "%A, %d-%b-%y %H:%M:%S %Z", "%a %b %d %H:%M:%S %Y")
_DATE_FORMAT = "%a, %d %b %Y %H:%M:%S %Z"


def is_python_func(func: object) -> bool:
    """Return whether something is a function or method that is written in Python."""
    return inspect.isroutine(func) and hasattr(inspect.unwrap(func), "__code__")


def http_now() -> str:
    """Return the current time as an HTTP date."""
    return dt_to_http(datetime.now(timezone.utc))


def dt_to_http(dt: datetime) -> str:
    """Return a datetime as an HTTP date; without a zone it is UTC."""
    return format_date(dt)


def http_date_to_dt(http_date: str, obs_date: bool = False) -> datetime:
    """Return the datetime, in UTC, of an HTTP date.

    Args:
        http_date: For example ``Tue, 15 Nov 1994 12:45:26 GMT``.
        obs_date: Whether the obsolete formats of RFC 9110, section 5.6.7, are accepted, too.

    Raises:
        ValueError: The text is not a date in an accepted format.
    """
    if obs_date:
        for pattern in _OBSOLETE:
            try:
                return datetime.strptime(http_date, pattern).replace(tzinfo=timezone.utc)
            except ValueError:
                continue
        raise ValueError(f"{http_date!r} is no HTTP date in any of the formats that are accepted.")
    if not http_date.endswith(" GMT"):
        raise ValueError(f"{http_date!r} is no HTTP date: it must end with GMT.")
    return datetime.strptime(http_date, _DATE_FORMAT).replace(tzinfo=timezone.utc)


def to_query_str(params: Optional[Mapping[str, Any]], comma_delimited_lists: bool = True, prefix: bool = True) -> str:
    """Return a mapping as a query string.

    Args:
        params: The fields. A list is one field with commas or a repeated field; True and False are
            ``true`` and ``false``.
        comma_delimited_lists: Whether a list is one field with commas.
        prefix: Whether the result begins with "?".
    """
    if not params:
        return ""
    pairs = []
    for name, value in params.items():
        if isinstance(value, (list, tuple)):
            texts = [_as_query_value(item) for item in value]
            pairs += [(name, ",".join(texts))] if comma_delimited_lists else [(name, text) for text in texts]
        else:
            pairs.append((name, _as_query_value(value)))
    query = "&".join(f"{quote(str(name), '~')}={value}" for name, value in pairs)
    return f"?{query}" if prefix else query


def _as_query_value(value: object) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else quote(str(value), "~")


def get_bound_method(obj: object, method_name: str) -> Optional[Callable[..., Any]]:
    """Return a method of an object, or None if it has none of this name.

    Raises:
        AttributeError: The attribute is no bound method.
    """
    method = getattr(obj, method_name, None)
    if method is None:
        return None
    target = method
    while isinstance(target, functools.partial):
        target = target.func
    if not callable(target) or (inspect.isfunction(target) and not hasattr(target, "__self__")):
        raise AttributeError(f"{method_name!r} of {obj!r} must be a bound method.")
    return method  # type: ignore[no-any-return]


def get_argnames(func: Callable[..., Any]) -> List[str]:
    """Return the names of a callable's positional parameters, without those of the instance and ``*args``."""
    skipped = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    names = [item.name for item in inspect.signature(func).parameters.values() if item.kind not in skipped]
    return names[1:] if names[:1] == ["self"] else names


@deprecated("Use `str.isascii()` instead.")
def isascii(string: str) -> bool:
    """Return whether a text has only ASCII characters."""
    return all(ord(char) < 128 for char in string)


def secure_filename(filename: str, max_length: Optional[int] = None) -> str:
    """Return a file name without characters that are special to a file system.

    Args:
        filename: The name that a client sent.
        max_length: The most characters; the name is cut before its extension.

    Raises:
        ValueError: The name is empty.
    """
    if max_length is not None and max_length < 1:
        raise ValueError("max_length must be at least 1")
    if not filename:
        raise ValueError("a file name must not be empty")
    name = _UNSAFE_IN_FILENAME.sub("_", unicodedata.normalize("NFKD", filename))
    if name.startswith("."):
        name = "_" + name[1:]
    if os.name == "nt" and name.partition(".")[0].upper() in _RESERVED:
        name = "_" + name
    if max_length is not None and len(name) > max_length:
        stem, dot, extension = name.rpartition(".")
        keep = max_length - len(extension) - 1
        name = f"{stem[:keep]}.{extension}" if dot and keep > 0 else name[:max_length]
    return name
