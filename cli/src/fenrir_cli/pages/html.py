"""HTML of the pages: everything is escaped, and nothing is loaded from other hosts."""

from __future__ import annotations

import base64
import hashlib
import html
import pkgutil
from itertools import groupby
from typing import Any, Dict, Iterable, Iterator, List, Sequence, Tuple

from .facts import Excerpt, FrameFacts, Problem
from .secrets import HIDDEN, Secrets

#: The placeholder for the state, which is filled in when the page is sent.
STATE = "@fenrir-state@"
#: Prefixes of the names of pygments' tokens, and the CSS class that colours them.
_COLOURS = (
    ("Keyword", "k"),
    ("Operator.Word", "k"),
    ("Literal.String", "s"),
    ("Comment", "c"),
    ("Literal.Number", "n"),
)
_NAMES = ("Name.Function", "Name.Class", "Name.Decorator")


class Writer:
    """A writer of the parts of a page.

    Args:
        secrets: Hides secrets in all of them.
    """

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def text(self, text: Any) -> str:
        """Return a text escaped, with its secrets hidden."""
        shown = html.escape(self._secrets.hide(str(text)), quote=True)
        return shown.replace(HIDDEN, f'<span class="hidden" title="hidden: a secret by its name">{HIDDEN}</span>')

    def pairs(self, pairs: Iterable[Tuple[str, str]]) -> str:
        """Return a table of names and values."""
        rows = "".join(f"<tr><th>{self.text(n)}</th><td class=value>{self.text(v)}</td></tr>" for n, v in pairs)
        return f"<table>{rows}</table>" if rows else ""

    def source(self, excerpt: Excerpt, is_coloured: bool = True) -> str:
        """Return an excerpt of source."""
        rows = []
        lines = [self._secrets.hide_literals(line) for line in excerpt.lines]
        coloured = _tokens(lines) if is_coloured else [[("", line)] for line in lines]
        for number, tokens in enumerate(coloured, excerpt.first):
            is_current = number == excerpt.current
            if is_current and excerpt.mark is not None:
                tokens = list(_marked(tokens, *_visible(excerpt)))
            parts = "".join(self._token(kind, text) for kind, text in tokens)
            row = "row current" if is_current else "row"
            rows.append(f'<div class="{row}"><span class=number>{number}</span><span class=text>{parts}</span></div>')
        return f"<div class=source>{''.join(rows)}</div>"

    def _token(self, kind: str, text: str) -> str:
        shown = self.text(text)
        colour, _, mark = kind.partition("!")
        shown = f"<span class={colour}>{shown}</span>" if colour else shown
        return f"<mark>{shown}</mark>" if mark else shown

    def problem(self, problem: Problem, opened: Any) -> str:
        """Return an exception with its frames; `opened` is the frame that is shown unfolded."""
        parts = []
        if problem.relation:
            parts.append(f"<p class=relation>{self.text(problem.relation)}</p>")
            parts.append(f"<h3><code>{self.text(problem.kind)}</code> {self.text(problem.message)}</h3>")
        parts.extend(f"<p class=note>{self.text(note)}</p>" for note in problem.notes)
        for is_own, frames in groupby(problem.frames, lambda frame: frame.is_own):
            written = "".join(self.frame(frame, frame is opened) for frame in list(frames))
            if is_own:
                parts.append(written)
            else:
                parts.append(self._others(problem.frames, written, written.count("<details class=frame")))
        if problem.left_out:
            parts.append(f"<p class=note>{problem.left_out} calls in the middle are left out.</p>")
        return "".join(parts)

    @staticmethod
    def _others(frames: Sequence[FrameFacts], written: str, count: int) -> str:
        is_open = " open" if not any(frame.is_own for frame in frames) else ""
        what = "1 call" if count == 1 else f"{count} calls"
        return f"<details class=others{is_open}><summary>{what} of Fenrir and libraries</summary>{written}</details>"

    def frame(self, frame: FrameFacts, is_open: bool) -> str:
        """Return a call: its place, source and variables."""
        kind = 'class="frame own"' if frame.is_own else "class=frame"
        owner = "owner app" if frame.is_own else "owner"
        function = f"<span>in <code>{self.text(frame.function)}</code></span>" if frame.function else ""
        peek, body = "", ""
        if frame.excerpt is not None:
            line = frame.excerpt.lines[frame.excerpt.current - frame.excerpt.first].strip()
            peek = f"<code class=peek>{self.text(self._secrets.hide_literals(line))}</code>"
            body = self.source(frame.excerpt, frame.is_own)
        return (
            f"<details {kind}{' open' if is_open else ''}><summary><span class=place>{self.text(frame.place)}</span>"
            f'{function}<span class="{owner}">{self.text(frame.owner)}</span>{peek}</summary>'
            f"{body}{self.pairs(frame.variables)}</details>"
        )


def _tokens(lines: Sequence[str]) -> List[List[Tuple[str, str]]]:
    """Return the tokens of source with their CSS classes, line by line."""
    from pygments.lexers.python import PythonLexer

    rows: List[List[Tuple[str, str]]] = [[]]
    for kind, text in PythonLexer(stripnl=False, ensurenl=False).get_tokens("\n".join(lines)):
        for number, part in enumerate(text.split("\n")):
            if number:
                rows.append([])
            if part:
                rows[-1].append((_colour(str(kind)), part))
    return [*rows, *([[]] * len(lines))][: len(lines)]


def _colour(kind: str) -> str:
    name = kind[len("Token.") :]
    if name.startswith(_NAMES):
        return "d"
    return next((colour for start, colour in _COLOURS if name.startswith(start)), "")


def _visible(excerpt: Excerpt) -> Tuple[int, int]:
    """Return the columns to mark, at least one, and none after the line's end."""
    start, end = excerpt.mark or (0, 0)
    text = excerpt.lines[excerpt.current - excerpt.first]
    end = min(end, len(text.rstrip()))
    return start, max(end, start + 1)


def _marked(tokens: Sequence[Tuple[str, str]], start: int, end: int) -> Iterator[Tuple[str, str]]:
    """Return tokens split at two columns, those between marked."""
    column = 0
    for kind, text in tokens:
        cuts = [0, *sorted({min(max(cut - column, 0), len(text)) for cut in (start, end)}), len(text)]
        for low, high in zip(cuts, cuts[1:]):
            if low < high:
                inside = start <= column + low and column + high <= end
                yield (f"{kind}!mark" if inside else kind), text[low:high]
        column += len(text)
    if start >= column:
        yield "!mark", " "


def _asset(name: str) -> str:
    return (pkgutil.get_data(__package__ or "", name) or b"").decode("utf-8")


def page(title: str, body: str, foot: str, is_live: bool) -> str:
    """Return the whole page.

    Args:
        title, body, foot: HTML.
        is_live: Whether it reloads when the state changes.
    """
    state = f' data-state="{STATE}"' if is_live else ""
    refresh = '<noscript><meta http-equiv="refresh" content="3"></noscript>' if is_live else ""
    return (
        f'<!DOCTYPE html>\n<html lang="en"{state}><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<link rel="icon" href="data:,">{refresh}<style>{_asset("style.css")}</style></head>'
        f"<body>{body}<footer>{foot}</footer><script>{_asset('live.js')}</script></body></html>\n"
    )


def page_headers() -> Dict[str, str]:
    """Return the headers of a page: only its own style and script are allowed, and it is not cached."""
    style, script = (_source_hash(_asset(name)) for name in ("style.css", "live.js"))
    policy = (
        f"default-src 'none'; style-src {style}; script-src {script}; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    return {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
    }


def _source_hash(text: str) -> str:
    """Return the hash of a style or script for a content security policy (CSP 3, section 2.3.1)."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii") + "'"
