"""The router: a table of static paths and a tree of segments.

Precedence, per segment from left to right: literal text, then segments that mix text and
parameters (more text first), then converters by rank (`str` is the last of them), then
parameters that span segments (more text first, slashes included); ties by order of registration.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple, Union
from urllib.parse import quote, unquote_to_bytes

from ..exceptions import BuildError, DuplicateRoute
from .converters import PathConverter, parse_text
from .templates import SAFE_IN_PATH, PathParam, Segment, Template

#: The most characters of a segment with text and parameters; bounds the regular expression's backtracking.
MAX_MIXED_SEGMENT = 1024

#: What `add` takes as `strict_slashes`: a policy by name, True for "strict", False for "accept".
SlashPolicy = Union[str, bool, None]
_POLICIES = {True: "strict", False: "accept", "strict": "strict", "accept": "accept", "redirect": "redirect"}

# Whose entry stays when two claim one method of one leaf: the lowest.
_EXPLICIT, _DERIVED, _OTHER_SLASH, _OTHER_SLASH_DERIVED = range(4)

Values = Tuple[Any, ...]
#: Regular expression's match function or None, parser, child, whether the parser gives several values.
Edge = Tuple[Optional[Callable[[str], Any]], Callable[[str], Any], "_Node", bool]


class Match(NamedTuple):
    """Say what serves a method and path.

    Args:
        target: What was registered, or None; then the others say what can be done instead.
        params: The parameters by name; the caller's own dictionary.
        allowed: The methods that this path answers, sorted: answer 405. Never holds "WEBSOCKET".
        redirect: The path with the slash added or taken away, percent-encoded, without root path: redirect.
        mount: `(target, prefix, rest)` of a mounted app, both decoded; `rest` is "" or starts with "/".
            Contribution beside `allowed` and `redirect` too: the caller decides which goes first.
    """

    target: Any
    params: Dict[str, Any]
    allowed: Tuple[str, ...] = ()
    redirect: Optional[str] = None
    mount: Optional[Tuple[Any, str, str]] = None


class _Entry(NamedTuple):
    target: Any
    names: Tuple[str, ...]
    policy: str
    level: int


_new = tuple.__new__

Leaf = Dict[str, _Entry]
_Found = Tuple[_Entry, Values]


class _Node:
    """Stand for one position in the path; `children` is for building, the rest for walking."""

    __slots__ = ("static", "edges", "tails", "leaf", "children", "choices")

    def __init__(self) -> None:
        self.static: Dict[str, _Node] = {}
        self.edges: List[Edge] = []
        self.tails: List[Edge] = []
        self.leaf: Leaf = {}
        self.children: Dict[Any, _Node] = {}
        self.choices = 0


class Router:
    """Find what serves a method and path, at a cost that does not depend on the number of routes.

    Args:
        slashes: What to do about a missing or surplus slash at the end of a path: ``"redirect"`` to the
            registered form, ``"strict"`` (not found), or ``"accept"`` both forms.

    Raises:
        BuildError: There is no such policy.
    """

    def __init__(self, slashes: str = "redirect") -> None:
        self.slashes = _policy(slashes, slashes)
        #: After `freeze`: complete answers, path to method to `(target, params)`, for each path that a
        #: template without parameters has. The params are shared: copy them unless empty.
        self.static: Dict[str, Dict[str, Tuple[Any, Dict[str, Any]]]] = {}
        self._root = _Node()
        # After `freeze`: for each path that is all text but for one parameter at its end, by what stands before that.
        self._lasts: Dict[str, Tuple[Callable[[str], Any], Leaf, Dict[str, _Node]]] = {}
        self._mounts: Dict[Tuple[str, ...], Tuple[Any, str]] = {}
        self._mount_depth = -1
        self._frozen = False

    def add(
        self,
        method: str,
        template: Template,
        target: Any,
        *,
        strict_slashes: SlashPolicy = None,
        derived: bool = False,
    ) -> None:
        """Register what serves a method of a template.

        Args:
            method: The HTTP method, or "WEBSOCKET".
            template: The parsed path template.
            target: Anything but None; handed back by `match`.
            strict_slashes: This route's own slash policy; None for the router's.
            derived: Whether the target was made from another (HEAD from GET, OPTIONS): it gives way
                to one that was not, whichever comes first.

        Raises:
            DuplicateRoute: An equivalent template has the method already.
            BuildError: The slash policy is unknown, or the segment's regular expressions can't be joined.
            RuntimeError: The router is frozen.
        """
        self._check_open()
        policy = _policy(strict_slashes, self.slashes)
        names = tuple(param.name for param in template.params)
        entry = _Entry(target, names, policy, _DERIVED if derived else _EXPLICIT)
        slash = template.trailing_slash or not template.segments
        self._insert(method.upper(), template, slash, entry)
        sole = template.segments[-1].sole if template.segments else None
        takes_slash = sole is not None and sole.converter.multi_segment and not slash
        if policy == "accept" and template.segments and not takes_slash:
            other = entry._replace(level=_OTHER_SLASH_DERIVED if derived else _OTHER_SLASH)
            self._insert(method.upper(), template, not slash, other)

    def add_mount(self, prefix: Union[str, Template], target: Any) -> None:
        """Register an app for all paths below a prefix; the longest prefix wins.

        Args:
            prefix: A path without parameters, with or without a slash at its end; "" and "/" are all paths.
            target: Anything but None; handed back by `match`.

        Raises:
            BuildError: The prefix has parameters or doesn't start with "/".
            DuplicateRoute: The prefix is taken.
            RuntimeError: The router is frozen.
        """
        self._check_open()
        path = prefix if isinstance(prefix, str) else prefix.source
        if (path and not path.startswith("/")) or set(path) & set("{}<>"):
            raise BuildError(f"mount prefix {path!r} must start with '/' and have no parameters; write '/legacy'")
        path = path.rstrip("/")
        key = tuple(path.split("/"))
        if key in self._mounts:
            raise DuplicateRoute("MOUNT", path or "/", self._mounts[key][0], target)
        self._mounts[key] = (target, path)
        self._mount_depth = max(self._mount_depth, len(key))

    def freeze(self) -> None:
        """Make the tables for serving; nothing can be added from now on."""
        if not self._frozen:
            self._frozen = True
            _sort(self._root)
            self._collect(self._root, "")

    def match(self, method: str, path: str, raw_path: Optional[bytes] = None) -> Match:
        """Find what serves a method and path.

        Args:
            method: The HTTP method in upper case, or "WEBSOCKET"; "" to learn what is allowed.
            path: The decoded path without root path.
            raw_path: The same path still percent-encoded, in ASCII, if the server gives it. With it, an
                encoded slash stays inside the value of a parameter instead of ending it.

        Returns:
            The match; `target` is None where nothing serves this method and path.

        Source: ASGI, "HTTP connection scope" (path, raw_path); RFC 9110, sections 15.5.5 and 15.5.6.
        """
        # PERF: asking for one byte ("%", 37) costs 30 ns, for bytes 400: those are tried as a number first.
        if raw_path is None or 37 not in raw_path:
            # PERF: no list of segments and no walk for the usual path with a parameter, 0.9 -> 0.45 us
            before, _, text = path.rpartition("/")
            last = self._lasts.get(before)
            if last is not None:
                entry = last[1].get(method)
                if entry is not None and text and text not in last[2]:
                    try:
                        return _new(Match, (entry[0], {entry[1][0]: last[0](text)}, (), None, None))
                    except ValueError:
                        pass
            segments = path.split("/")
        elif b"%2f" in raw_path.lower():
            segments = [_decode(part) for part in raw_path.split(b"?", 1)[0].split(b"/")]
        else:
            segments = path.split("/")
        seen: List[Tuple[Leaf, Values]] = []
        if not segments[0]:
            found = _walk(self._root, segments, 1, (), method, seen)
            if found is not None:
                (target, names, _, _), values = found
                # PERF: one parameter is the common case, 470 -> 80 ns; and past NamedTuple's own
                # constructor, 410 -> 210 ns.
                params = {names[0]: values[0]} if len(names) == 1 else dict(zip(names, values))
                return _new(Match, (target, params, (), None, None))
        if not path:
            return self.match(method, "/")
        allowed = {name for leaf, _ in seen for name in leaf}
        redirect = None if allowed else self._redirect(segments, path, raw_path)
        return Match(None, {}, tuple(sorted(allowed - {"WEBSOCKET"})), redirect, self._mount(segments, path))

    def _check_open(self) -> None:
        if self._frozen:
            raise RuntimeError("the router is frozen: routes can't be added once the app is built")

    def _insert(self, method: str, template: Template, slash: bool, entry: _Entry) -> None:
        node, segments = self._root, template.segments
        for index, segment in enumerate(segments):
            if any(isinstance(part, PathParam) and part.converter.multi_segment for part in segment.parts):
                node = _tail(node, segments[index:], slash, template)
                break
            literal = segment.literal
            node = node.static.setdefault(literal, _Node()) if literal is not None else _edge(node, segment, template)
        else:
            if slash:
                node = node.static.setdefault("", _Node())
        there = node.leaf.get(method)
        if there is None or entry.level < there.level:
            node.leaf[method] = entry
        elif entry.level == there.level == _EXPLICIT:
            raise DuplicateRoute(method, template.source, there.target, entry.target)

    def _collect(self, node: _Node, path: str) -> None:
        if node.edges and node.edges[0][0] is None and not node.edges[0][3]:
            _, parse, child, _ = node.edges[0]
            # PERF: `str` gives what it is given, 60 ns less than a function of ours that refuses no text
            self._lasts[path] = str if parse is parse_text else parse, child.leaf, node.static
        if node.leaf:
            leaves: List[Tuple[Leaf, Values]] = []
            _walk(self._root, path.split("/"), 1, (), "", leaves)
            table = self.static[path] = {}
            for leaf, values in leaves:
                for method, entry in leaf.items():
                    table.setdefault(method, (entry.target, dict(zip(entry.names, values))))
        for text, child in node.static.items():
            self._collect(child, f"{path}/{text}")

    def _redirect(self, segments: List[str], path: str, raw_path: Optional[bytes]) -> Optional[str]:
        # "//host" and "/\host" would be taken for another host.
        if segments[0] or len(segments) < 2 or path[1:2] in ("", "/", "\\"):
            return None
        seen: List[Tuple[Leaf, Values]] = []
        _walk(self._root, segments[:-1] if not segments[-1] else [*segments, ""], 1, (), "", seen)
        if not any(entry.policy == "redirect" for leaf, _ in seen for entry in leaf.values()):
            return None
        if raw_path is None:
            there = quote(path, SAFE_IN_PATH, errors="replace")
        else:
            there = quote(raw_path.split(b"?", 1)[0], SAFE_IN_PATH + "%")
        return there[:-1] if there.endswith("/") else there + "/"

    def _mount(self, segments: List[str], path: str) -> Optional[Tuple[Any, str, str]]:
        for depth in range(min(len(segments), self._mount_depth), 0, -1):
            found = self._mounts.get(tuple(segments[:depth]))
            if found is not None:
                target, prefix = found
                return target, prefix, path[len(prefix) :]
        return None


def _decode(part: bytes) -> str:
    return unquote_to_bytes(part).decode("utf-8", "replace")


def _policy(given: SlashPolicy, default: str) -> str:
    if given is None:
        return default
    if given not in _POLICIES:
        raise BuildError(f"unknown slash policy {given!r}; write 'redirect', 'strict' or 'accept'")
    return _POLICIES[given]


def _walk(
    node: _Node, segments: List[str], index: int, values: Values, method: str, seen: List[Tuple[Leaf, Values]]
) -> Optional[_Found]:
    """Follow the path from `node` by precedence; recurse only where there is an alternative.

    Args:
        node: Where to go on.
        segments: The whole path, decoded, cut at its slashes.
        index: The segment that `node` has to match.
        values: The parameters so far.
        method: The method asked for.
        seen: Gets the leaves of this path that have other methods.

    Returns:
        The entry and the parameters' values, or None.
    """
    end = len(segments)
    while index < end:
        segment = segments[index]
        child = node.static.get(segment)
        if child is not None:
            if not node.choices:
                node = child
                index += 1
                continue
            found = _walk(child, segments, index + 1, values, method, seen)
            if found is not None:
                return found
        last = node.choices
        for check, parse, child, several in node.edges:
            last -= 1
            if check is not None and check(segment) is None:
                continue
            try:
                value = parse(segment)
            except ValueError:
                continue
            got = value if several else (value,)
            if values:
                got = values + got
            if not last:  # PERF: nothing else to try, so go on without a call, 130 ns a segment
                node, values = child, got
                break
            found = _walk(child, segments, index + 1, got, method, seen)
            if found is not None:
                return found
        else:
            return _walk_tails(node.tails, "/".join(segments[index:]), values, method, seen) if node.tails else None
        index += 1
    entry = node.leaf.get(method)
    if entry is not None:
        return entry, values
    if node.leaf:
        seen.append((node.leaf, values))
    return None


def _walk_tails(
    tails: List[Edge], rest: str, values: Values, method: str, seen: List[Tuple[Leaf, Values]]
) -> Optional[_Found]:
    """Try the parameters that span segments on all that is left of the path."""
    for check, parse, child, several in tails:
        if check is not None and check(rest) is None:
            continue
        try:
            value = parse(rest)
        except ValueError:
            continue
        got = values + value if several else (*values, value)
        entry = child.leaf.get(method)
        if entry is not None:
            return entry, got
        seen.append((child.leaf, got))
    return None


class _Joined:
    """Parse text that holds several parts by one regular expression; gives a tuple of values."""

    def __init__(self, regex: str, converters: Sequence[PathConverter], limit: Optional[int]) -> None:
        self.match = re.compile(regex).fullmatch
        self.parsers = [(f"_{number}", converter.parse) for number, converter in enumerate(converters)]
        self.limit = limit

    def __call__(self, text: str) -> Values:
        found = self.match(text) if self.limit is None or len(text) <= self.limit else None
        if found is None:
            raise ValueError("no match")
        return tuple([parse(found.group(name)) for name, parse in self.parsers])


def _join(segments: Sequence[Segment], slash: bool, template: Template, limit: Optional[int]) -> _Joined:
    """Join the parts of one mixed segment, or of all segments from a spanning parameter on."""
    pieces: List[str] = []
    converters: List[PathConverter] = []
    for segment in segments:
        pieces.append("/")
        last = len(segment.parts) - 1
        for index, part in enumerate(segment.parts):
            if isinstance(part, str):
                pieces.append(re.escape(part))
                continue
            regex = part.converter.regex
            if part.converter.name == "str" and limit is not None:
                # A segment may hold an encoded slash. In the middle the parameter ends at the next text,
                # which keeps a hostile segment from costing more than the square of its length.
                after = segment.parts[index + 1] if converters and index + 2 <= last else ""
                regex = f"[^{re.escape(str(after)[0])}]+" if after else "(?s:.+)"
            pieces.append(f"(?P<_{len(converters)}>{regex})")
            converters.append(part.converter)
    try:
        return _Joined("".join(pieces[1:]) + ("/" if slash else ""), converters, limit)
    except re.error as error:
        raise BuildError(
            f"path template {template.source!r}: its regular expressions can't be joined: {error}"
        ) from None


def _shape(segments: Sequence[Segment]) -> Tuple[Any, ...]:
    """Return what segments have in common when they differ in the parameters' names only."""
    return tuple(
        tuple(part if isinstance(part, str) else part.converter for part in segment.parts) for segment in segments
    )


def _literals(segments: Sequence[Segment]) -> int:
    return sum(len(part) for segment in segments for part in segment.parts if isinstance(part, str))


def _edge(node: _Node, segment: Segment, template: Template) -> _Node:
    """Find or make the child for a segment with parameters, none of which spans segments."""
    sole = segment.sole
    key: Any = ((1, sole.converter.rank) if sole else (0, -_literals([segment])), _shape([segment]))
    if key not in node.children:
        child = node.children[key] = _Node()
        if sole is None:
            node.edges.append((None, _join([segment], False, template, MAX_MIXED_SEGMENT), child, True))
        else:
            node.edges.append((_check(sole.converter), sole.converter.parse, child, False))
    return node.children[key]


def _tail(node: _Node, segments: Sequence[Segment], slash: bool, template: Template) -> _Node:
    """Find or make the child for all that follows, from a parameter that spans segments on."""
    sole = segments[0].sole if len(segments) == 1 and not slash else None
    rank = sole.converter.rank if sole else 0
    text = _literals(segments) + len(segments) - 1 + slash  # the slashes between segments are text here
    key: Any = ((2, -text, rank), _shape(segments), slash)
    if key not in node.children:
        child = node.children[key] = _Node()
        if sole is None:
            node.tails.append((None, _join(segments, slash, template, None), child, True))
        else:
            node.tails.append((_check(sole.converter), sole.converter.parse, child, False))
    return node.children[key]


def _check(converter: PathConverter) -> Optional[Callable[[str], Any]]:
    return None if converter.self_checking else re.compile(converter.regex).fullmatch


def _sort(node: _Node) -> None:
    """Put the edges into the order of precedence, here and below."""
    order = {id(child): key[0] for key, child in node.children.items()}
    node.edges.sort(key=lambda edge: order[id(edge[2])])
    node.tails.sort(key=lambda edge: order[id(edge[2])])
    node.choices = len(node.edges) + len(node.tails)
    for child in [*node.static.values(), *node.children.values()]:
        _sort(child)
