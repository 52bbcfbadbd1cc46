"""Text of values, with secrets hidden."""

from __future__ import annotations

import re
import reprlib
from itertools import islice
from typing import Any, Set, Tuple

#: The text that replaces a secret.
HIDDEN = "••••••••"
#: Words of a name that make its value a secret; values of the first kind are hidden wherever else they occur, too.
_STRONG = (
    "password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "authorization", "credential",
    "credentials", "cookie", "cookies", "jwt", "sessionid", "csrf",
)  # fmt: skip
_ENDINGS = ("password", "passwd", "secret", "token", "apikey", "accesskey", "secretkey", "privatekey")
_WEAK = ("key", "auth", "private", "signature", "dsn")
#: The least length of a secret that is looked for elsewhere: shorter ones may be ordinary words.
_LEAST = 8
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_PAIR = re.compile(  # names are matched at the beginnings of words only and in limited length, so the time is linear
    r"(?P<name>(?<![\w-])[\w-]{0,40}?(?:" + "|".join([*_STRONG, "api_?key", "private_?key"]) + r")[\w-]*)"
    r"""(?P<between>['"]? ?[=:,] ?)(?P<value>b?'(?:[^'\\]|\\.)*'|b?"(?:[^"\\]|\\.)*"|[\w./+-]+)""",
    re.IGNORECASE,
)
_LITERAL = re.compile(r"""(?P<before>b?['"])(?P<value>.*)(?P<after>['"])$""")
_IN_URL = re.compile(r"((?<!\w)\w{1,20}://[^\s:/@]{0,200}:)[^\s@/]{1,200}@")


def is_secret(name: Any) -> bool:
    """Return whether a value is to be hidden, judged by its name."""
    words = _words(name)
    return any(word in _STRONG or word in _WEAK or word.rstrip("s") in _WEAK for word in words) or _is_strong(name)


def _is_strong(name: Any) -> bool:
    words = _words(name)
    return any(word in _STRONG or word.endswith(_ENDINGS) for word in words) or "".join(words).endswith(_ENDINGS)


def _words(name: Any) -> Tuple[str, ...]:
    text = name.decode("latin-1") if isinstance(name, bytes) else str(name)
    return tuple(word.lower() for word in _WORDS.findall(text))


class Secrets:
    """A memory of secrets, so that they are hidden under every other name too."""

    def __init__(self) -> None:
        self._known: Set[str] = set()
        self._repr = _Repr(self)

    def text_of(self, name: Any, value: Any) -> str:
        """Return the repr of a named value, shortened, with its secrets hidden."""
        if is_secret(name) and not (value is None or isinstance(value, bool)):
            self.remember(name, value)
            return HIDDEN
        try:
            return self._repr.repr(value)
        except Exception as error:
            return f"<{type(value).__name__}, whose repr() raises {type(error).__name__}>"

    def remember(self, name: Any, value: Any) -> None:
        """Remember a secret."""
        if not _is_strong(name):
            return
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        if isinstance(text, str):
            # a credential follows its scheme, cookies follow their names
            parts = [text, *re.split(r"[\s;=]+", text)]
            self._known.update(part for part in parts if len(part) >= _LEAST)

    def hide(self, text: str) -> str:
        """Return a text without what is known as a secret, or looks like one."""
        for known in sorted(self._known, key=len, reverse=True):
            text = text.replace(known, HIDDEN)
        return _IN_URL.sub(rf"\g<1>{HIDDEN}@", text)

    def hide_pairs(self, text: str) -> str:
        """Hide the values next to names of secrets: in the repr of some object, or in a query."""
        return _PAIR.sub(self._hidden, text)

    def _hidden(self, found: re.Match[str]) -> str:
        literal = _LITERAL.match(found["value"])
        if literal is not None:
            self.remember(found["name"], literal["value"])
        return f"{found['name']}{found['between']}{HIDDEN}"

    def hide_in_message(self, text: str) -> str:
        """Hide secrets in the message of an exception, which may contain a repr; "token: x" may be plain words."""

        def hidden(found: re.Match[str]) -> str:
            is_prose = found["between"].strip() in (":", ",")
            return found[0] if is_prose else self._hidden(found)

        return _PAIR.sub(hidden, text)

    def hide_literals(self, source: str) -> str:
        """Hide literals that source code assigns to names of secrets; columns don't change."""

        def blank(found: re.Match[str]) -> str:
            literal = _LITERAL.match(found["value"])
            if literal is None:
                return found[0]
            dots = "*" * len(literal["value"])
            return f"{found['name']}{found['between']}{literal['before']}{dots}{literal['after']}"

        return _PAIR.sub(blank, source)


class _Repr(reprlib.Repr):
    """A `reprlib.Repr` that hides secrets."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets
        self.maxlevel = 4
        self.maxdict = self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = self.maxdeque = 24
        self.maxstring = self.maxother = 400
        self.maxlong = 80

    def repr_dict(self, x: Any, level: int) -> str:
        """Return a dict's repr, in its own order."""
        if level <= 0:
            return "{...}"
        items = [f"{self.repr1(key, level - 1)}: {self._value(key, item, level)}" for key, item in _first(x.items())]
        return "{" + ", ".join(items + ["..."] * (len(x) > self.maxdict)) + "}"

    def repr_tuple(self, x: Any, level: int) -> str:
        """Return a tuple's repr; of a pair the first may be the name of the second."""
        if len(x) == 2 and level > 0 and isinstance(x[0], (str, bytes)) and is_secret(x[0]):
            return f"({x[0]!r}, {self._value(x[0], x[1], level)})"
        return super().repr_tuple(x, level)

    def _value(self, key: Any, value: Any, level: int) -> str:
        if isinstance(key, (str, bytes)) and is_secret(key):
            self._secrets.remember(key, value)
            return HIDDEN
        return self.repr1(value, level - 1)

    def repr_instance(self, x: Any, level: int) -> str:
        """Return the own repr of anything else."""
        text = self._secrets.hide_pairs(repr(x)[:20_000])
        return text if len(text) <= self.maxother else f"{text[: self.maxother]}..."


def _first(items: Any) -> Any:
    return islice(items, 24)
