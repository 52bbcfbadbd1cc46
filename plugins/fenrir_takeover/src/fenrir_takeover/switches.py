"""Switches: which side serves a route, for what share of the clients, and what runs in its shadow."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Tuple

from fenrir_core import BuildError

#: The sides, by the words that switches name them with.
NEW, LEGACY = "new", "legacy"
_METHODS = re.compile(r"[A-Z]+|\*")
_parameter = re.compile(r"\{[^{}]*\}|<[^<>]*>")
_FORM = (
    'write {"routes": {"GET /items/{id}": "new", "/cart": "legacy", "/search": {"new": 10, "shadow": 5}}}: '
    "percentages of the clients"
)


class WrongSwitches(BuildError):
    """Raised for switches that can't be read; those that were read before stay."""


@dataclass(frozen=True)
class Rule:
    """Which side serves a route.

    Args:
        new: Percent of the clients that our route serves; the same clients each time.
        shadow: Percent of the GET and HEAD requests for which the other side is called, too, to compare the responses.
    """

    new: float = 100.0
    shadow: float = 0.0

    def side(self, client: Callable[[], str]) -> str:
        """Return the side for a client, whose name is asked for only where it counts."""
        if 0 < self.new < 100:
            return NEW if bucket_of(client()) < self.new else LEGACY
        return NEW if self.new else LEGACY


_DEFAULT = Rule()


class Switches:
    """The switches of one takeover.

    Args:
        configured: Those of the code, as `parse` reads them.
    """

    def __init__(self, configured: Optional[Mapping[str, Any]] = None) -> None:
        self._configured = parse({"routes": configured}) if configured else {}
        self._rules = self._configured
        self._found: Dict[Tuple[str, str], Rule] = {}

    def replace(self, rules: Mapping[str, Rule]) -> None:
        """Use other switches from now on, on top of those of the code."""
        self._rules = {**self._configured, **rules}
        self._found = {}

    def rule(self, method: str, path: str) -> Rule:
        """Return the rule of a route.

        Args:
            method: The request's method; HEAD is switched with GET.
            path: The route's template in any syntax.
        """
        found = self._found.get((method, path))
        if found is None:
            verb, plain, rules = "GET" if method == "HEAD" else method, _plain(path), self._rules
            keys = (f"{verb} {plain}", plain, f"{verb} *", "*")
            found = next((rules[key] for key in keys if key in rules), _DEFAULT)
            if len(self._found) < 4096:  # methods are the client's
                self._found[method, path] = found
        return found

    def unknown(self, paths: Iterable[str]) -> List[str]:
        """Return the keys that fit none of these templates."""
        known = {_plain(path) for path in paths} | {"*"}
        return sorted(key for key in self._rules if key.rpartition(" ")[2] not in known)


def parse(document: Any) -> Dict[str, Rule]:
    """Read switches.

    Args:
        document: A mapping with "routes"; the keys in there are a path, a method and a path, or ``*`` in the place of
            either, the values ``"new"``, ``"legacy"`` or ``{"new": percent, "shadow": percent}``.

    Returns:
        The rules, by key; the names of parameters in paths are left out.

    Raises:
        WrongSwitches: The message says what is wrong.
    """
    routes = document.get("routes") if isinstance(document, dict) else None
    if not isinstance(routes, dict) or set(document) - {"routes"}:
        raise WrongSwitches(f"The switches are no object with 'routes' alone; {_FORM}.")
    found: Dict[str, Rule] = {}
    for key, value in routes.items():
        method, space, path = key.rpartition(" ")
        if (space and not _METHODS.fullmatch(method)) or not (path == "*" or path.startswith("/")):
            raise WrongSwitches(f"The switch {key!r} is no path, and no method and path; {_FORM}.")
        name = _plain(path) if method in ("", "*") else f"{method} {_plain(path)}"
        found[name] = _rule(key, value)
    return found


def loads(text: str) -> Dict[str, Rule]:
    """Read switches from JSON.

    Raises:
        WrongSwitches: It is no JSON, or see `parse`.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise WrongSwitches(f"The switches are no JSON ({error}); {_FORM}.") from None
    return parse(document)


def _rule(key: str, value: Any) -> Rule:
    if value in (NEW, LEGACY):
        return Rule(100.0 if value == NEW else 0.0)
    if not isinstance(value, dict) or not value or set(value) - {"new", "shadow"}:
        raise WrongSwitches(f"The switch {key!r} has the value {value!r}; {_FORM}.")
    for number in value.values():
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 <= number <= 100:
            raise WrongSwitches(f"The switch {key!r} has {number!r}, which is no percentage; {_FORM}.")
    return Rule(float(value.get("new", 100.0)), float(value.get("shadow", 0.0)))


def _plain(path: str) -> str:
    return _parameter.sub("{}", path)


def bucket_of(client: str) -> float:
    """Return the bucket of a client's name, 0 to 100: the same each time."""
    digest = blake2b(f" {client}".encode("utf-8", "surrogateescape"), digest_size=4).digest()
    return int.from_bytes(digest, "big") * 100 / (1 << 32)
