"""The parser of Bottle's own template language, which makes Python code of it."""

from __future__ import annotations

import re
from functools import lru_cache
from types import CodeType
from typing import Any, ClassVar, List, NamedTuple, Optional, Pattern

from .texts import touni

Code = CodeType

#: Python text in quotes; `{newline}` is what a character of text in three quotes may be besides.
_STRING = r"""
    [urbfURBF]*
    (?: '''(?:[^\\]|\\[\s\S])*?''' | \"\"\"(?:[^\\]|\\[\s\S])*?\"\"\"
      | '(?:[^\\'\n]|\\.)*' | "(?:[^\\"\n]|\\.)*" )
"""
_STRING_IN_LINE = r"""(?: '(?:[^\\'\n]|\\.)*' | "(?:[^\\"\n]|\\.)*" )"""
_CODE = r"""
    (?P<string>{string})
  | (?P<comment>\#.*)
  | (?P<open>[\[{{(])
  | (?P<close>[\]}})])
  | ^(?P<start>[\ \t]*(?:if|for|while|with|try|def|class)\b)
  | ^(?P<middle>[\ \t]*(?:elif|else|except|finally)\b)
  | (?P<end>(?:^|;)[\ \t]*end[\ \t]*(?=(?:{block_end}[\ \t]*)?\r?$|;|\#))
  | (?P<block_end>{block_end}[\ \t]*(?=\r?$))
  | (?P<newline>\r?\n)
"""


class _Syntax(NamedTuple):
    code_start: Pattern[str]
    code: Pattern[str]
    inline: Pattern[str]
    block_end: str


@lru_cache(maxsize=64)
def _compiled(syntax: str) -> _Syntax:
    """Return the expressions of a syntax.

    Raises:
        ValueError: It does not consist of five tokens.
    """
    tokens = syntax.split()
    if len(tokens) != 5:
        raise ValueError(f"The template syntax {syntax!r} needs five tokens, as in {StplParser.default_syntax!r}.")
    block_start, block_end, line_start, inline_start, inline_end = map(re.escape, tokens)
    code = _CODE.format(string=_STRING, block_end=_spaced(block_end))
    return _Syntax(
        re.compile(rf"^[ \t]*(?P<escape>\\?)(?:(?P<block>{block_start})|{line_start})", re.M),
        re.compile(code, re.M | re.X),
        re.compile(rf"{_spaced(inline_start)}((?:{_STRING_IN_LINE}|[^'\"\n])*?){_spaced(inline_end)}", re.X),
        tokens[1],
    )


def _spaced(token: str) -> str:
    """Return an escaped token in a form for verbose expressions."""
    return token.replace("#", r"\#") if r"\#" not in token else token


class StplParser:
    """A parser of one template.

    Args:
        source: The template.
        syntax: Five tokens: begin and end of code blocks, begin of a line of code, begin and end of values.
        encoding: The encoding of a template in bytes.
    """

    default_syntax: ClassVar[str] = "<% %> % {{ }}"

    def __init__(self, source: Any, syntax: Optional[str] = None, encoding: str = "utf8") -> None:
        self.source, self.encoding = touni(source, encoding), encoding
        self.set_syntax(syntax or self.default_syntax)
        self.code_buffer: List[str] = []
        self.text_buffer: List[str] = []
        self.lineno, self.offset = 1, 0
        self.indent, self.indent_mod = 0, 0
        self.paren_depth = 0

    def get_syntax(self) -> str:
        """Return the tokens, separated by spaces."""
        return self._syntax

    def set_syntax(self, syntax: str) -> None:
        """Set the tokens."""
        self._syntax, self._patterns = syntax, _compiled(syntax)

    syntax = property(get_syntax, set_syntax)

    def translate(self) -> str:
        """Return the Python code of the template; once.

        Raises:
            RuntimeError: It was called before.
        """
        if self.offset:
            raise RuntimeError("A parser reads one template; make another one.")
        for match in iter(self._next_code, None):
            self.text_buffer.append(self.source[self.offset : match.start()])
            self.offset = match.end()
            if match["escape"]:  # "\%": text that looks like code
                stop = self.source.find("\n", self.offset) + 1 or len(self.source)
                indentation = self.source[match.start() : match.start("escape")]
                self.text_buffer.append(indentation + self.source[match.end("escape") : stop])
                self.offset = stop
                continue
            self.flush_text()
            self.offset += self.read_code(self.source[self.offset :], match["block"] is not None)
        self.text_buffer.append(self.source[self.offset :])
        self.flush_text()
        return "".join(self.code_buffer)

    def _next_code(self) -> Any:
        return self._patterns.code_start.search(self.source, self.offset)

    def read_code(self, pysource: str, multiline: bool) -> int:
        """Read a line or block of code, and return where it ends."""
        line, comment, offset = "", "", 0
        while True:
            match = self._patterns.code.search(pysource, offset)
            if match is None:
                self.write_code((line + pysource[offset:]).strip(), comment)
                return len(pysource)
            line += pysource[offset : match.start()]
            offset = match.end()
            kind, token = match.lastgroup, match.group()
            if kind == "newline":
                self.write_code(line.strip(), comment)
                self.lineno += 1
                line, comment, self.indent_mod = "", "", 0
                if not multiline:
                    return offset
            elif kind == "comment":
                comment = token
                if multiline and token.rstrip().endswith(self._patterns.block_end):
                    multiline = False
                    comment = token.rstrip()[: -len(self._patterns.block_end)]
            elif kind == "block_end" and multiline:
                multiline = False
            else:
                line = self._token(line, str(kind), token)

    def _token(self, line: str, kind: str, token: str) -> str:
        """Take a token of a line, and return the line with it."""
        if kind in ("start", "middle") and not self.paren_depth:
            self.indent_mod -= 1
            self.indent += kind == "start"
            return token
        if kind == "end":
            self.indent -= 1
            self.indent_mod += 1
            return line
        if kind == "open":
            self.paren_depth += 1
        elif kind == "close":
            self.paren_depth = max(0, self.paren_depth - 1)
        return line + token

    def flush_text(self) -> None:
        """Write the code that adds the text read so far."""
        text = "".join(self.text_buffer)
        del self.text_buffer[:]
        if not text:
            return
        parts: List[str] = []
        position = 0
        for match in self._patterns.inline.finditer(text):
            self._add_text(parts, text[position : match.start()])
            parts.append(self.process_inline(match.group(1).strip()) + ", ")
            position = match.end()
        rest = text[position:]
        for ending in ("\\\\\n", "\\\\\r\n"):
            if rest.endswith(ending):
                rest = rest[: -len(ending)]
                self._add_text(parts, rest)
                parts.append("\n")
                break
        else:
            self._add_text(parts, rest)
        self.lineno += text.count("\n")
        self.write_code(f"_printlist(({''.join(parts)}))")

    @staticmethod
    def _add_text(parts: List[str], text: str) -> None:
        """Add text as literals, whose line breaks are those of the code, so that lines of errors are right."""
        for line in text.splitlines(True):
            parts.append(f"{line!r}, " + ("\n" if line.endswith("\n") else ""))

    @staticmethod
    def process_inline(chunk: str) -> str:
        """Return the code of a value."""
        return f"_str({chunk[1:]})" if chunk.startswith("!") else f"_escape({chunk})"

    def write_code(self, line: str, comment: str = "") -> None:
        """Write a line of code at the current depth."""
        self.code_buffer.append("  " * (self.indent + self.indent_mod) + line.lstrip() + comment + "\n")
