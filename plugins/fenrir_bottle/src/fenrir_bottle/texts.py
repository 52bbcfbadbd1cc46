"""Bottle's small helpers for text, bytes, dates, headers and paths."""

from __future__ import annotations

import base64
import builtins
import calendar
import email.utils
import functools
import inspect
import json
import time
from datetime import date, datetime
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple, Union

from fenrir_core.authoring import parse_digits, split_query

Date = Union[str, int, float, date, time.struct_time]
json_dumps: Callable[..., str] = json.dumps
#: The most pairs of a query or a form.
MAX_PAIRS = 10_000


def json_loads(s: Union[str, bytes]) -> Any:
    """Return the value of JSON text."""
    return json.loads(touni(s))


def tob(s: Any, enc: str = "utf8") -> bytes:
    """Return text as bytes, None as ``b""`` and anything else as `bytes` makes it."""
    if isinstance(s, str):
        return s.encode(enc)
    return b"" if s is None else bytes(s)


def touni(s: Any, enc: str = "utf8", err: str = "strict") -> str:
    """Return bytes as text, None as ``""`` and anything else as `str` makes it."""
    if isinstance(s, (bytes, bytearray)):
        return str(s, enc, err)
    return "" if s is None else str(s)


def recode(text: str) -> str:
    """Return a text of a WSGI environment, whose characters stand for bytes, decoded as UTF-8."""
    return text if text.isascii() else text.encode("latin1").decode("utf8", "surrogateescape")


def path_of(text: str) -> str:
    """Return the path of a WSGI environment decoded as UTF-8, without the bytes that are none, as Bottle does."""
    return text if text.isascii() else text.encode("latin1").decode("utf8", "ignore")


def to_wire(text: str) -> str:
    """Return a text in the form that WSGI has for headers, where each character stands for a byte."""
    return text if text.isascii() else text.encode("utf8", "surrogateescape").decode("latin1")


#: COMPAT: the names that bottle 0.13 has for what Python has by now.
tonat = touni
getargspec = inspect.getfullargspec


def callable(x: Any) -> bool:
    """Return whether a value can be called. COMPAT: bottle 0.13 has it from before Python 3.2."""
    return builtins.callable(x)


def makelist(data: Any) -> List[Any]:
    """Return a collection as a list, and any other true value as the only item of one."""
    if isinstance(data, (tuple, list, set, dict)):
        return list(data)
    return [data] if data else []


def update_wrapper(wrapper: Callable[..., Any], wrapped: Callable[..., Any], *a: Any, **ka: Any) -> None:
    """Copy name and docstring to a wrapper, unless it is an object that can't take them."""
    try:
        functools.update_wrapper(wrapper, wrapped, *a, **ka)
    except AttributeError:  # a bound method, for one
        pass


# -------------------------------------------------------------------- HTML


def html_escape(string: str) -> str:
    """Return text with the characters of HTML's syntax, quotes among them, as references."""
    # PERF: to look for a character costs half of a `replace` that finds none; a loop costs more than either
    if "&" in string:
        string = string.replace("&", "&amp;")
    if "<" in string:
        string = string.replace("<", "&lt;")
    if ">" in string:
        string = string.replace(">", "&gt;")
    if '"' in string:
        string = string.replace('"', "&quot;")
    if "'" in string:
        string = string.replace("'", "&#039;")
    return string


def html_quote(string: str) -> str:
    """Return text as a quoted HTML attribute."""
    escaped = html_escape(string).replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")
    return f'"{escaped}"'


# -------------------------------------------------------------------- headers and dates


def http_date(value: Date) -> str:
    """Return a date (aware, or naive in UTC), struct_time or POSIX time as an HTTP date; text is returned as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        value = value.utctimetuple()
    elif isinstance(value, date):
        value = value.timetuple()
    seconds = value if isinstance(value, (int, float)) else calendar.timegm(value)
    return email.utils.formatdate(seconds, usegmt=True)


def parse_date(ims: str) -> Optional[int]:
    """Return the POSIX time of an HTTP date in any of its three forms, or None."""
    parts = email.utils.parsedate_tz(ims) if isinstance(ims, str) else None
    if parts is None:
        return None
    try:
        return int(calendar.timegm((*parts[:8], 0)) - (parts[9] or 0))
    except (ValueError, OverflowError):
        return None


def parse_auth(header: str) -> Optional[Tuple[str, str]]:
    """Return user and password of an `Authorization` header with Basic authentication, or None."""
    scheme, _, data = header.strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(data.strip()).decode("utf8").partition(":")
    except ValueError:
        return None
    return (user, password) if colon else None


def parse_range_header(header: Optional[str], maxlen: int = 0) -> Iterator[Tuple[int, int]]:
    """Yield start and end (not included) of each range of a `Range` header that `maxlen` bytes can satisfy."""
    unit, _, ranges = (header or "").partition("=")
    if unit != "bytes":
        return
    for text in ranges.split(","):
        first, dash, last = (part.strip() for part in text.partition("-"))
        low, high = parse_digits(first), parse_digits(last)
        if not dash or (first and low is None) or (last and high is None):
            continue  # `int` takes signs and underscores
        if low is not None:
            start, end = low, maxlen if high is None else min(high + 1, maxlen)
        else:
            start, end = max(0, maxlen - (high or 0)), maxlen
        if 0 <= start < end <= maxlen:
            yield start, end


def parse_http_header(header: str) -> List[Tuple[str, Dict[str, str]]]:
    """Return each value of a header with its parameters, names in lower case: of `Accept` or `Content-Type`."""
    values: List[Tuple[str, Dict[str, str]]] = []
    for part in _split_quoted(header, ","):
        value, *parameters = _split_quoted(part, ";")
        pairs = (parameter.partition("=") for parameter in parameters)
        values.append((_unquoted(value), {_unquoted(name).lower(): _unquoted(text) for name, _, text in pairs}))
    return values


def _split_quoted(text: str, separator: str) -> List[str]:
    """Return the parts of a header between separators that are not in quotes, in linear time; without empty ones."""
    parts, start, quoted, escaped = [], 0, False, False
    for index, sign in enumerate(text):
        if escaped:
            escaped = False
        elif quoted and sign == "\\":
            escaped = True
        elif sign == '"':
            quoted = not quoted
        elif sign == separator and not quoted:
            parts.append(text[start:index])
            start = index + 1
    return [part for part in (*parts, text[start:]) if part] or [text]


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1].replace('\\"', '"') if len(text) > 1 and text[0] == text[-1] == '"' else text


def parse_query(text: str) -> Iterable[Tuple[str, str]]:
    """Return the pairs of a query string or of an urlencoded form, decoded."""
    return split_query(text.encode("utf8", "surrogateescape"), MAX_PAIRS) if text else ()


# -------------------------------------------------------------------- paths


def yieldroutes(func: Callable[..., Any]) -> Iterator[str]:
    """Yield the rules made of a function's name and parameters; one without each optional parameter.

    Raises:
        ValueError: A parameter can only be given by position.
    """
    rule = "/" + func.__name__.replace("__", "/").lstrip("/")
    signature = inspect.signature(func, follow_wrapped=False)
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise ValueError(f"No rule can be made of {func.__name__}{signature}: {parameter.name!r} has no keyword.")
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if parameter.default is not parameter.empty:
            yield rule
        rule += f"/<{parameter.name}>"
    yield rule


def path_shift(script_name: str, path_info: str, shift: int = 1) -> Tuple[str, str]:
    """Return both paths after segments were moved from the second to the first, or back if `shift` is negative.

    Raises:
        AssertionError: There are fewer segments than that.
    """
    if shift == 0:
        return script_name, path_info
    script = [part for part in script_name.strip("/").split("/") if part]
    path = [part for part in path_info.strip("/").split("/") if part]
    if abs(shift) > len(path if shift > 0 else script):
        raise AssertionError(f"Can't shift: too few segments in {'PATH_INFO' if shift > 0 else 'SCRIPT_NAME'}.")
    parts = script + path
    border = len(script) + shift
    rest = "/" + "/".join(parts[border:])
    if path_info.endswith("/") and len(rest) > 1:
        rest += "/"
    return "/" + "/".join(parts[:border]), rest
