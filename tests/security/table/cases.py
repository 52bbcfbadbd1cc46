"""What a case is: a request as bytes, and what may be answered."""

from __future__ import annotations

import json
import re
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple, Union
from urllib.parse import quote_from_bytes

from .sites import ROOT, SECRET

Pairs = Sequence[Tuple[str, Union[str, bytes]]]
Check = Callable[["Got"], Optional[str]]

#: What begins a line in a log, or is an element in a page, if it gets there as it was sent.
LOG_MARK = "2026-01-01 ERROR forged"
TAG = "<script>alert(1)</script>"


class Got(NamedTuple):
    """An answer as the client got it."""

    status: int
    headers: List[Tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header, or an empty text."""
        return ", ".join(value for key, value in self.headers if key.lower() == name)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        """The body as JSON; a value that JSON has not is a mistake."""

        def constant(name: str) -> Any:
            raise ValueError(f"{name} is no JSON")

        return json.loads(self.body.decode("utf-8"), parse_constant=constant)


class Case(NamedTuple):
    """A hostile request and its expected answer.

    Args:
        area: What it is about.
        name: What is sent, to whom.
        method, target, headers, body: The request. The target is as on the wire.
        status: The right statuses.
        check: What else has to hold; returns what is wrong.
        by_server: Statuses with which a server may refuse it itself, without asking the app.
        in_process: Whether it can be sent to the app without a server.
        on_servers: Whether it can be sent to servers.
    """

    area: str
    name: str
    method: str
    target: bytes
    headers: Pairs
    body: bytes
    status: Tuple[int, ...]
    check: Optional[Check] = None
    by_server: Tuple[int, ...] = ()
    in_process: bool = True
    on_servers: bool = True

    def wrong(self, got: Got, on_server: bool = False) -> str:
        """Return what is wrong with an answer, or an empty text."""
        if on_server and got.status in self.by_server:
            return ""
        if got.status not in self.status:
            return f"{self.name}: {got.status} {got.body[:160]!r}, expected {self.status}"
        problem = always(got) or (self.check(got) if self.check is not None else None)
        return f"{self.name}: {problem}; {got.status} {got.headers} {got.body[:200]!r}" if problem else ""


def always(got: Got) -> Optional[str]:
    """Return what no answer may have."""
    if SECRET in got.text:
        return "the secret is in the answer"
    if any(set(name + value) & set("\r\n\0") for name, value in got.headers):
        return "a header has a control character"
    if any(name.lower() in ("x-evil", "evil") for name, _ in got.headers):
        return "a header was injected"
    if got.status >= 400 and re.search(rf"Traceback|\.py\b|{ROOT}|RuntimeError|fenrir_", got.text):
        return "the answer tells internals"
    if "html" in got.header("content-type") and TAG in got.text:
        return "the page has an element that was sent"
    return None


def says(key: str, *values: Any) -> Check:
    """Return a check: the JSON of a 200 has one of these values at `key`."""

    def check(got: Got) -> Optional[str]:
        if got.status != 200:
            return None
        found = got.json[key]
        return None if found in values else f"{key} is {found!r}, expected one of {values!r}"

    return check


def is_json(got: Got) -> Optional[str]:
    """Check that the body is JSON, strictly."""
    try:
        assert got.json is not got
    except ValueError as error:
        return f"no JSON: {error}"
    return None


def is_json_if_200(got: Got) -> Optional[str]:
    """Check that a 200 is JSON, strictly; an error page may be a page."""
    return is_json(got) if got.status == 200 else None


def has(name: str, value: str) -> Check:
    """Return a check: a header is exactly this."""
    return lambda got: None if got.header(name) == value else f"{name} is {got.header(name)!r}, expected {value!r}"


def body_is(value: bytes) -> Check:
    """Return a check: the body is exactly this."""
    return lambda got: None if got.body == value else f"expected the body {value!r}"


def both(*checks: Check) -> Check:
    """Return a check that all of these hold."""
    return lambda got: next((problem for problem in (check(got) for check in checks) if problem), None)


def escaped(value: Union[str, bytes]) -> str:
    """Return a value as it stands in a query or path."""
    return quote_from_bytes(value.encode() if isinstance(value, str) else value, safe="")


def named(value: Any) -> str:
    """Return a value as it is shown in a case's name."""
    text = repr(value)
    return text if len(text) < 60 else f"{text[:40]}… ({len(text)})"


def multipart_of(disposition: bytes, content: bytes, more: bytes = b"") -> Dict[str, Any]:
    """Return the headers and body of a form with one part."""
    head = b"Content-Disposition: " + disposition + b"\r\n" + more
    return {
        "headers": [("content-type", "multipart/form-data; boundary=xx")],
        "body": b"--xx\r\n" + head + b"\r\n" + content + b"\r\n--xx--\r\n",
    }


def case(
    area: str,
    name: str,
    target: str,
    status: Union[int, Iterable[int]],
    check: Optional[Check] = None,
    *,
    method: str = "GET",
    headers: Pairs = (),
    body: bytes = b"",
    **options: Any,
) -> Case:
    """Return a case; see `Case`."""
    statuses = (status,) if isinstance(status, int) else tuple(status)
    return Case(area, f"{method} {name}", method, target.encode("latin-1"), headers, body, statuses, check, **options)


Table = Dict[str, List[Case]]
