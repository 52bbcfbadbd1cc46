"""The reason why code can't be loaded: as a page for browsers, as text for all other clients."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import List, Optional

from ..errors import CliError
from ..loader import shorten
from .facts import Excerpt, FrameFacts, Problem, culprit, excerpt_of, problems_of
from .html import STATE, Writer, page
from .secrets import Secrets

#: A place in source that a message names.
_PLACE = re.compile(r"(?:^|[\s(])([^\s():]+\.py):(\d+)\b")
#: Lines around the current one, in a terminal.
_AROUND = 2

_WAITING = "The code can't be served like this. The page goes away by itself when it can."


@dataclass(frozen=True)
class Failure:
    """The reason why a new version of the app is not served.

    Args:
        html: The page, with a placeholder for the state.
        text: The same for terminals and programs.
    """

    html: str
    text: str

    def page(self, state: str) -> bytes:
        """Return the page as it is sent."""
        return self.html.replace(STATE, state).encode("utf-8")

    def to_json(self) -> str:
        """Return it as a JSON object."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Failure:
        """Return the failure that `to_json` wrote."""
        return cls(**json.loads(text))


def failure_of(error: CliError) -> Failure:
    """Return why an app could not be loaded, built or started."""
    secrets = Secrets()
    cause = error.__cause__
    problems = [] if cause is None else problems_of(cause, secrets, is_loading=True)
    shown = culprit(problems)
    if shown is None or shown.excerpt is None:
        shown = _named_place(error.message)
        if shown is not None:
            problems = [Problem("", "", frames=(shown,))]
    excerpt = None if shown is None else shown.excerpt
    return Failure(_html(error, problems, shown, secrets), _text(error, excerpt))


def ended(code: int) -> Failure:
    """Return the failure for a process that has ended by itself."""
    message = f"The app's process ended with code {code}."
    return Failure(_html(CliError(message), [], None, Secrets()), message)


def _named_place(message: str) -> Optional[FrameFacts]:
    """Return the place in source that a message names, as build errors do."""
    for found in _PLACE.finditer(message):
        excerpt = excerpt_of(found[1], int(found[2]))
        if excerpt is not None:
            return FrameFacts(f"{shorten(found[1])}:{found[2]}", "", "app", True, excerpt)
    return None


def _html(error: CliError, problems: List[Problem], shown: Optional[FrameFacts], secrets: Secrets) -> str:
    writer = Writer(secrets)
    kind = problems[0].kind if problems else ""
    title = kind or "The app can't be served"
    message = (problems[0].message if kind else "") or secrets.hide_in_message(error.message)
    size = "message long" if len(message) > 200 else "message"
    more = "" if kind else "".join(f"<p class=note>{writer.text(line)}</p>" for line in error.details)
    where = f"<code>{writer.text(shown.place)}</code> · " if shown is not None else ""
    rest = [frame for problem in problems for frame in problem.frames if frame is not shown]
    body = [
        f"<header><div><h1>{writer.text(title)}</h1><p class='{size}'>{writer.text(message)}</p>"
        f"<p class=where>{where}{_WAITING}</p>{more}</div></header><main>"
    ]
    if shown is not None:
        body.append(f"<div class=first>{writer.frame(shown, is_open=True)}</div>")
    if rest or len(problems) > 1:
        body.append("<h2>How it came there</h2>")
        body.extend(writer.problem(problem, shown) for problem in _without(problems, shown))
    foot = (
        "<code>fenrir run --dev</code> shows this page to browsers. If a version worked before, that one goes on "
        "answering programs."
    )
    return page(writer.text(title), "".join(body) + "</main>", foot, is_live=True)


def _without(problems: List[Problem], shown: Optional[FrameFacts]) -> List[Problem]:
    """Return a problem without the frame that is shown already."""
    return [
        Problem(
            problem.kind,
            problem.message,
            problem.relation,
            tuple(frame for frame in problem.frames if frame is not shown),
            problem.left_out,
            problem.notes,
        )
        for problem in problems
    ]


def _text(error: CliError, excerpt: Optional[Excerpt]) -> str:
    if excerpt is None:
        return str(error)
    lines = [error.message]
    for number, line in enumerate(excerpt.lines, excerpt.first):
        if abs(number - excerpt.current) > _AROUND:
            continue
        is_current = number == excerpt.current
        lines.append(f"  {'>' if is_current else ' '} {number:>4} | {line}".rstrip())
        if is_current and excerpt.mark is not None:
            start, end = excerpt.mark[0], min(excerpt.mark[1], len(line))
            blank = re.sub(r"\S", " ", line[:start]).ljust(start)
            lines.append(f"         | {blank}{'^' * max(end - start, 1)}")
    return "\n".join(lines)
