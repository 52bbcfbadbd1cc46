"""The cases: one request each, with the expected response."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Optional, Tuple

Headers = Tuple[Tuple[bytes, bytes], ...]

#: The request body of the body case: an order of three lines.
ORDER: Dict[str, Any] = {
    "customer": "fenris",
    "express": True,
    "lines": [
        {"name": "chain", "price": 12.5, "quantity": 2},
        {"name": "ribbon", "price": 0.25, "quantity": 40},
        {"name": "anchor", "price": 100.0, "quantity": 1},
    ],
}


class NoApp(LookupError):
    """Raised if a framework has no app for a case: the case is not among its features."""


class WrongAnswer(AssertionError):
    """Raised for a response that the case does not expect; its time would mean nothing."""


@dataclass
class Answer:
    """The response of an app: status, headers with names in lower case, the whole body."""

    status: int = 0
    headers: Dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Case:
    """A measured request.

    Args:
        name: Its row in the table.
        method: The HTTP method.
        path: The decoded path, which is its encoded form too.
        expected: The content of the response: a str for text, anything else as JSON.
        query: The query string without "?".
        headers: Request headers, names in lower case.
        body: The request body, sent in one message.
        routes: How many routes the app has besides those of the cases.
        threads: Whether the wall clock is used, which includes waiting for threads. Otherwise it is the
            processor time of this process, which other processes disturb less.
    """

    name: str
    method: str
    path: str
    expected: Any
    query: bytes = b""
    headers: Headers = ((b"host", b"bench.test"), (b"accept", b"*/*"), (b"user-agent", b"bench"))
    body: bytes = b""
    routes: int = 0
    threads: bool = False

    @property
    def clock(self) -> Callable[[], float]:
        """The function that returns the time in seconds."""
        return time.perf_counter if self.threads else time.process_time

    @property
    def media_types(self) -> Tuple[str, ...]:
        """The accepted media types: frameworks differ in the one for text."""
        return ("text/plain", "text/html") if isinstance(self.expected, str) else ("application/json",)

    def check(self, answer: Answer) -> None:
        """Compare a response with the expected one: status, media type, length, body.

        Raises:
            WrongAnswer: They differ; the message says how.
        """
        if answer.status != 200:
            raise WrongAnswer(f"{self.name}: status {answer.status}, body {answer.body[:200]!r}")
        media_type = answer.headers.get("content-type", "").partition(";")[0].strip()
        if media_type not in self.media_types:
            raise WrongAnswer(f"{self.name}: content type {media_type!r}")
        if answer.headers.get("content-length", str(len(answer.body))) != str(len(answer.body)):
            raise WrongAnswer(f"{self.name}: content-length {answer.headers['content-length']} of {len(answer.body)}")
        try:
            got: Any = answer.body.decode()
            got = got if isinstance(self.expected, str) else json.loads(got)
        except ValueError as error:
            raise WrongAnswer(f"{self.name}: {error}: {answer.body[:200]!r}") from None
        if got != self.expected:
            raise WrongAnswer(f"{self.name}: {got!r} instead of {self.expected!r}")


class EchoCase(Case):
    """A WebSocket connection: each line of `expected` is sent and echoed, then the client closes it."""

    @property
    def messages(self) -> Tuple[str, ...]:
        """The text messages that the client sends."""
        return tuple(self.expected.split("\n"))

    def check(self, answer: Answer) -> None:
        """Compare the echo, one line per message.

        Raises:
            WrongAnswer: The connection was not accepted, or the echo differs.
        """
        if answer.status != 101:
            raise WrongAnswer(f"{self.name}: the connection was not accepted")
        if answer.body.decode() != self.expected:
            raise WrongAnswer(f"{self.name}: {answer.body!r} instead of {self.expected!r}")


_SENT = json.dumps(ORDER).encode()
_JSON_HEADERS: Headers = (
    *((b"host", b"bench.test"), (b"accept", b"*/*"), (b"user-agent", b"bench")),
    (b"content-type", b"application/json"),
    (b"content-length", b"%d" % len(_SENT)),
)


def _many(count: int) -> Case:
    chosen = count * 3 // 4  # neither among the first nor among the last, for routers that search linearly
    return Case(f"route of {count:,}", "GET", f"/group{chosen}/things/42", {"thing_id": 42}, routes=count)


#: The cases of every contestant.
CORE: Tuple[Case, ...] = (
    Case("constant", "GET", "/constant", "Hello, world"),
    Case("text", "GET", "/text", "Hello, world"),
    Case("json", "GET", "/json", {"message": "Hello, world"}),
    Case("path", "GET", "/items/42", {"item_id": 42}),
    Case(
        "query",
        "GET",
        "/search",
        {"q": "grey wolf", "limit": 10, "exact": True},
        query=b"q=grey+wolf&limit=10&exact=true",
    ),
    Case("body", "POST", "/orders", {"customer": "fenris", "total": 135.0}, headers=_JSON_HEADERS, body=_SENT),
    Case(
        "depends",
        "GET",
        "/things",
        {"owner": "fenris", "limit": 10, "offset": 20},
        query=b"owner=fenris&limit=10&offset=20",
    ),
    _many(500),
    _many(10_000),
)


def chosen(cases: Tuple[Case, ...], wanted: Optional[List[str]] = None) -> Tuple[Case, ...]:
    """Return the cases whose names begin with one of the wanted texts; without any, all.

    Raises:
        SystemExit: A wanted text fits no case.
    """
    if not wanted:
        return cases
    for text in wanted:
        if not any(case.name.startswith(text) for case in cases):
            raise SystemExit(f"There is no case {text!r}. There are: {', '.join(case.name for case in cases)}.")
    return tuple(case for case in cases if case.name.startswith(tuple(wanted)))
