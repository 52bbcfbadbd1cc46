"""Bottle's router: rules, matched in order of registration, and URLs built of them."""

from __future__ import annotations

import re
import warnings
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple
from urllib.parse import urlencode
from uuid import UUID

from ._flags import depr, flags
from .exceptions import HTTPError, RouteBuildError, RouterUnknownModeError, RouteSyntaxError
from .structures import Environ, Values

#: A regular expression without groups that count, a function from text, and one to text.
FilterParts = Tuple[str, Optional[Callable[[str], Any]], Optional[Callable[[Any], str]]]
Filter = Callable[[Optional[str]], FilterParts]


class Token(NamedTuple):
    """A part of a rule: static text, or a wildcard with the name of its filter and the filter's configuration."""

    text: str
    filter: Optional[str] = None
    config: Optional[str] = None


class _Wildcard(NamedTuple):
    name: str
    is_anonymous: bool
    parse: Optional[Callable[[str], Any]]


class Dynamic(NamedTuple):
    """A rule with wildcards: the target, and its expression with a group for each wildcard."""

    pattern: str
    target: Any
    wildcards: List[_Wildcard]


#: What was found for a path: the target, and for a rule with wildcards these and the match of their groups.
Found = Tuple[Any, Optional[List[_Wildcard]], Any]


def arguments(found: Found) -> Values:
    """Return the values of the wildcards.

    Raises:
        HTTPError: A filter refuses a value (400).
    """
    _, wildcards, match = found
    values: Values = {}
    if wildcards is None:
        return values
    try:
        for index, (name, is_anonymous, parse) in enumerate(wildcards, match.lastindex + 1):
            value = parse(match[index]) if parse else match[index]
            if not is_anonymous:
                values[name] = value
    except ValueError:
        raise HTTPError(400, "Path has wrong format.") from None
    return values


class Router:
    """An ordered collection of rules with their targets.

    Args:
        strict: Whether static rules are matched in order too, instead of first.
    """

    default_pattern = "[^/]+"
    default_filter = "re"
    #: How many rules are joined into one regular expression.
    _MAX_GROUPS_PER_PATTERN = 99
    #: A wildcard, in its old form (``:name#expression#``) and the new one (``<name:filter:config>``).
    rule_syntax = re.compile(
        r"(?P<escape>\\*)"
        r"(?:(?P<old>:(?P<old_name>[a-zA-Z_]\w*)?(?:\#(?P<old_config>.*?)\#)?)"
        r"|<(?P<name>[a-zA-Z_]\w*)?(?::(?P<filter>[a-zA-Z_]*)(?::(?P<config>(?:\\.|[^\\>])+)?)?)?>)",
        re.ASCII,
    )

    def __init__(self, strict: bool = False) -> None:
        self.strict_order = strict
        #: Whether a rule has the method ``PROXY``, which is looked for before others.
        self.has_proxy = False
        self.builder: Dict[str, List[Tuple[Optional[str], Any]]] = {}
        #: Method to path to target.
        self.static: Dict[str, Values] = {}
        self.dyna_routes: Dict[str, List[Dynamic]] = {}
        #: For each method expressions of several rules, whose groups are those of the rules and of their wildcards.
        self.dyna_regexes: Dict[str, List[Tuple[Callable[[str], Any], Dict[int, Dynamic]]]] = {}
        self.filters: Dict[str, Filter] = {
            "re": lambda config: (flatten(config or self.default_pattern), None, None),
            "int": lambda config: (r"-?\d+", int, lambda value: str(int(value))),
            "float": lambda config: (r"-?[\d.]+", float, lambda value: str(float(value))),
            "path": lambda config: (r"[\s\S]+?", None, None),
            # those of the other paradigms that Bottle does not have
            "str": lambda config: ("[^/]+", None, None),
            "string": lambda config: ("[^/]+", None, None),
            "alpha": lambda config: ("[A-Za-z]+", None, None),
            "slug": lambda config: ("[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*", None, None),
            "uuid": lambda config: ("[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}", UUID, str),
        }

    def add_filter(self, name: str, func: Filter) -> None:
        """Register a filter.

        Args:
            name: How rules call it.
            func: Called with the configuration in the rule; returns an expression, a function from text or None,
                and a function to text or None.
        """
        self.filters[name] = func

    # ------------------------------------------------------------ rules

    def tokens(self, rule: str) -> Iterator[Token]:
        """Yield the parts of a rule."""
        offset, text = 0, ""
        for match in self.rule_syntax.finditer(rule):
            text += rule[offset : match.start()]
            offset = match.end()
            escape = match["escape"]
            if len(escape) % 2:
                text += match.group()[len(escape) :]
                continue
            text += escape
            if text:
                yield Token(text)
            text = ""
            if match["old"] is not None:
                if match["old"] == ":" and match["old_config"] is None:
                    text = ":"
                    continue
                depr(0, 13, f"the wildcard {match['old']!r}.", "write <name>.", 5)
                yield Token(match["old_name"] or "", "default", match["old_config"])
            else:
                yield Token(match["name"] or "", match["filter"] or "default", match["config"])
        if text + rule[offset:]:
            yield Token(text + rule[offset:])

    def filter_of(self, token: Token) -> FilterParts:
        """Return what a wildcard's filter makes of its configuration.

        Raises:
            RouterUnknownModeError: There is no such filter.
        """
        name = self.default_filter if token.filter == "default" else token.filter
        if name not in self.filters:
            raise RouterUnknownModeError(f"There is no filter {name!r}. There are: {', '.join(self.filters)}.")
        return self.filters[name](token.config)

    def add(self, rule: str, method: str, target: Any, name: Optional[str] = None) -> None:
        """Add a rule, or replace the target of an equal one.

        Args:
            rule: The rule.
            method: The method, ``ANY`` for all, ``PROXY`` for all and before others.
            target: What `match` returns.
            name: For `build`.

        Raises:
            RouteSyntaxError: The rule is malformed.
        """
        pattern = ""
        wildcards: List[_Wildcard] = []
        builder: List[Tuple[Optional[str], Any]] = []
        for token in self.tokens(rule):
            if token.filter is None:
                pattern += re.escape(token.text)
                builder.append((None, token.text))
                continue
            mask, parse, to_url = self.filter_of(token)
            anonymous = not token.text
            key = token.text or f"anon{sum(wildcard.is_anonymous for wildcard in wildcards)}"
            pattern += f"({flatten(mask)})"
            wildcards.append(_Wildcard(key, anonymous, parse))
            builder.append((key, to_url or str))
        self.has_proxy = self.has_proxy or method == "PROXY"
        self.builder[rule] = builder
        if name:
            self.builder[name] = builder
        if wildcards or self.strict_order:
            self._add_dynamic(rule, method, target, pattern, wildcards)
        else:
            self.static.setdefault(method, {})[self.build(rule)] = target

    def _add_dynamic(self, rule: str, method: str, target: Any, pattern: str, wildcards: List[_Wildcard]) -> None:
        try:
            re.compile(pattern)
        except re.error as error:
            raise RouteSyntaxError(f"The rule {rule!r} is malformed: {error}.") from error
        new = Dynamic(pattern, target, wildcards)
        routes = self.dyna_routes.setdefault(method, [])
        for index, other in enumerate(routes):
            if other.pattern == new.pattern:
                if flags.debug:
                    warnings.warn(f"The route <{method} {rule}> replaces an earlier one.", RuntimeWarning, stacklevel=4)
                routes[index] = new
                break
        else:
            routes.append(new)
        size = self._MAX_GROUPS_PER_PATTERN
        groups = [routes[start : start + size] for start in range(0, len(routes), size)]
        self.dyna_regexes[method] = [_joined(group) for group in groups]

    # ------------------------------------------------------------ look-up

    def match(self, environ: Environ) -> Tuple[Any, Values]:
        """Return the target for a request, and the values of its wildcards.

        Raises:
            HTTPError: No rule matches (404), or none for this method (405), or a filter refuses a value (400).
        """
        verb, path = environ["REQUEST_METHOD"].upper(), environ["PATH_INFO"] or "/"
        methods = ("HEAD", "GET", "ANY") if verb == "HEAD" else (verb, "ANY")
        for method in ("PROXY", *methods) if self.has_proxy else methods:
            found = self.find(method, path)
            if found is not None:
                return found
        allowed = self.allowed(path, ("PROXY", *methods))
        if allowed:
            raise HTTPError(405, "Method not allowed.", Allow=",".join(sorted(allowed)))
        raise HTTPError(404, f"Not found: {path!r}")

    def find(self, method: str, path: str) -> Optional[Tuple[Any, Values]]:
        """Return the target and the values that exactly this method has for a path, or None.

        Raises:
            HTTPError: A filter refuses a value (400).
        """
        found = self.search(method, path)
        return None if found is None else (found[0], arguments(found))

    def search(self, method: str, path: str) -> Optional[Found]:
        """Return what exactly this method has for a path, for `arguments`; None for nothing."""
        static = self.static.get(method)
        if static is not None and path in static:
            return static[path], None, None
        for match, routes in self.dyna_regexes.get(method, ()):
            found = match(path)
            if found:
                route = routes[found.lastindex]
                return route.target, route.wildcards, found
        return None

    def allowed(self, path: str, methods: Tuple[str, ...] = ()) -> Set[str]:
        """Return the other methods that have a rule for a path."""
        others = {*self.static, *self.dyna_regexes}.difference(methods)
        return {
            method
            for method in others
            if path in self.static.get(method, ()) or any(match(path) for match, _ in self.dyna_regexes.get(method, ()))
        }

    def build(self, _name: str, *anons: Any, **query: Any) -> str:
        """Return the URL of a rule.

        Args:
            _name: The rule, or its name.
            *anons: The values of wildcards without a name.
            **query: The values of the others; what the rule has no wildcard for becomes the query.

        Raises:
            RouteBuildError: There is no such rule, or a value is missing.
        """
        builder = self.builder.get(_name)
        if builder is None:
            raise RouteBuildError(f"No route is called {_name!r}.")
        query.update({f"anon{index}": value for index, value in enumerate(anons)})
        try:
            url = "".join(text(query.pop(key)) if key else text for key, text in builder)
        except KeyError as error:
            raise RouteBuildError(f"The URL of {_name!r} needs a value for {error.args[0]!r}.") from None
        return f"{url}?{urlencode(query, doseq=True)}" if query else url


def _joined(routes: List[Dynamic]) -> Tuple[Callable[[str], Any], Dict[int, Dynamic]]:
    """Return one expression for several rules, and each rule by its group, which is the last one that ends."""
    places: Dict[int, Dynamic] = {}
    place = 1
    for route in routes:
        places[place] = route
        place += 1 + len(route.wildcards)
    return re.compile("|".join(f"({route.pattern}\\Z)" for route in routes)).match, places


def flatten(pattern: str) -> str:
    """Return a regular expression whose groups don't capture."""
    if "(" not in pattern:
        return pattern
    return re.sub(r"(\\*)(\(\?P<[^>]+>|\((?!\?))", _open_group, pattern)


def _open_group(match: Any) -> str:
    escaped = len(match[1]) % 2
    return str(match[0]) if escaped else f"{match[1]}(?:"
