"""The tree of path segments that the router walks.

Precedence, per segment from left to right: literal text, then segments that mix text and
parameters (more text first), then converters by rank (`str` is the last of them), then
parameters that span segments (more text first, slashes included); ties by order of registration.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any, Callable, Dict, Hashable, Iterable, Iterator, List, Match, NamedTuple, Optional, Sequence, Tuple

from .._types import RouteTarget
from ..exceptions import BuildError
from .converters import Parse, PathConverter
from .templates import Part, PathParam, Segment, Template

#: The most characters of a segment with text and parameters; bounds the regular expression's backtracking.
MAX_MIXED_SEGMENT = 1024
#: From this number of regular expressions side by side on, one that joins them is asked first.
MANY = 4


class Entry(NamedTuple):
    """What serves one method of a leaf.

    Args:
        target: What was registered.
        names: The names of the parameters, in the order of the path.
        policy: What is done about a missing or surplus slash.
        level: The priority of entries for the same method and path; the lowest wins.
    """

    target: RouteTarget
    names: Tuple[str, ...]
    policy: str
    level: int


#: Parameter values in the order of the path.
Values = Tuple[Any, ...]
#: Entries by method.
Leaf = Dict[str, Entry]
Found = Tuple[Entry, Values]
#: The match function of a compiled regular expression.
Check = Callable[[str], Optional[Match[str]]]
#: A check or None, a parser, the child, and whether the parser returns several values.
Edge = Tuple[Optional[Check], Parse, "Node", bool]
#: What segments have in common when they differ in the parameters' names only.
Shape = Tuple[Tuple[object, ...], ...]
#: The place of a child in the order of precedence, its shape, and whether it ends in a slash.
Key = Tuple[Tuple[int, ...], Shape, bool]


#: A method, and what templates have alike that match the same paths by the same converters.
Place = Tuple[str, Hashable]


class Node:
    """One position in the path; `children` is for building, the other attributes for walking."""

    __slots__ = ("static", "edges", "tails", "leaf", "children", "choices", "candidates")

    def __init__(self) -> None:
        self.static: Dict[str, Node] = {}
        self.edges: List[Edge] = []
        self.tails: List[Edge] = []
        self.leaf: Leaf = {}
        self.children: Dict[Key, Node] = {}
        self.choices = 0
        #: Returns the edges that may match a segment, in order; None where all of `edges` are tried.
        self.candidates: Optional[Callable[[str], Iterable[Edge]]] = None


# -------------------------------------------------------------------- walking, while requests are served


def walk(
    node: Node, segments: List[str], index: int, values: Values, method: str, seen: List[Tuple[Leaf, Values]]
) -> Optional[Found]:
    """Follow the path from `node` by precedence; recurse only where there is an alternative.

    Args:
        node: Where to go on.
        segments: The whole path, decoded, cut at its slashes.
        index: The segment that `node` has to match.
        values: The parameters so far.
        method: The requested method.
        seen: A list to which the leaves of this path without the method are added.

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
            found = walk(child, segments, index + 1, values, method, seen)
            if found is not None:
                return found
        last = node.choices
        for check, parse, child, several in node.edges if node.candidates is None else node.candidates(segment):
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
            found = walk(child, segments, index + 1, got, method, seen)
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
) -> Optional[Found]:
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


# -------------------------------------------------------------------- building


def node_for(root: Node, template: Template, slash: bool) -> Node:
    """Find or make the node at which a template ends.

    Args:
        root: The node of the empty path.
        template: The parsed path template.
        slash: Whether the path ends in a slash.

    Raises:
        BuildError: The regular expressions of a segment can't be joined.
    """
    node, segments = root, template.segments
    for index, segment in enumerate(segments):
        if any(isinstance(part, PathParam) and part.converter.multi_segment for part in segment.parts):
            return _tail(node, segments[index:], slash, template)
        literal = segment.literal
        node = node.static.setdefault(literal, Node()) if literal is not None else _edge(node, segment, template)
    return node.static.setdefault("", Node()) if slash else node


def sort_edges(node: Node) -> None:
    """Put the edges into the order of precedence, here and below."""
    order = {id(child): key[0] for key, child in node.children.items()}
    node.edges.sort(key=lambda edge: order[id(edge[2])])
    node.tails.sort(key=lambda edge: order[id(edge[2])])
    node.choices = len(node.edges) + len(node.tails)
    node.candidates = _candidates(node.edges)
    for child in [*node.static.values(), *node.children.values()]:
        sort_edges(child)


def _candidates(edges: Sequence[Edge]) -> Optional[Callable[[str], Iterable[Edge]]]:
    """Return a function for `Node.candidates` where many regular expressions stand side by side, else None."""
    # One expression finds the first of them that matches: an empty group behind each says which.
    runs: List[Tuple[Optional[Check], Sequence[Edge]]] = []
    for joins, group in groupby(edges, lambda edge: _joinable(edge) is not None):
        run = list(group)
        patterns = [f"(?:{_joinable(edge)})()" for edge in run] if joins and len(run) >= MANY else []
        runs.append((re.compile("|".join(patterns)).fullmatch if patterns else None, run))
    if not any(check for check, _ in runs):
        return None

    def candidates(segment: str) -> Iterator[Edge]:
        for check, run in runs:
            if check is None:
                yield from run
                continue
            found = check(segment)
            if found is not None:
                yield from run[(found.lastindex or 1) - 1 :]

    return candidates


def _joinable(edge: Edge) -> Optional[str]:
    """Return the regular expression of an edge if it means the same inside of a larger one, else None."""
    compiled: Any = getattr(edge[0], "__self__", None)
    plain = compiled is not None and not compiled.groups and compiled.flags == re.UNICODE
    return compiled.pattern if plain else None


def _edge(node: Node, segment: Segment, template: Template) -> Node:
    """Find or make the child for a segment with parameters, none of which spans segments."""
    sole = segment.sole
    place = (1, sole.converter.rank) if sole else (0, -_literals([segment]))
    key: Key = (place, _shape([segment]), False)
    if key not in node.children:
        child = node.children[key] = Node()
        if sole is None:
            node.edges.append((None, _join([segment], False, template, MAX_MIXED_SEGMENT), child, True))
        else:
            node.edges.append((_check(sole.converter), sole.converter.parse, child, False))
    return node.children[key]


def _tail(node: Node, segments: Sequence[Segment], slash: bool, template: Template) -> Node:
    """Find or make the child for all that follows, from a parameter that spans segments on."""
    sole = segments[0].sole if len(segments) == 1 and not slash else None
    rank = sole.converter.rank if sole else 0
    text = _literals(segments) + len(segments) - 1 + slash  # the slashes between segments are text here
    key: Key = ((2, -text, rank), _shape(segments), slash)
    if key not in node.children:
        child = node.children[key] = Node()
        if sole is None:
            node.tails.append((None, _join(segments, slash, template, None), child, True))
        else:
            node.tails.append((_check(sole.converter), sole.converter.parse, child, False))
    return node.children[key]


class _Joined:
    """A parser for text that has several parts, by one regular expression; it returns a tuple of values."""

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
                # A segment may contain an encoded slash. In the middle the parameter ends at the next text,
                # which keeps a hostile segment from costing more than the square of its length.
                after: Part = segment.parts[index + 1] if converters and index + 2 <= last else ""
                regex = f"[^{re.escape(str(after)[0])}]+" if after else "(?s:.+)"
            pieces.append(f"(?P<_{len(converters)}>{regex})")
            converters.append(part.converter)
    try:
        return _Joined("".join(pieces[1:]) + ("/" if slash else ""), converters, limit)
    except re.error as error:
        raise BuildError(
            f"path template {template.source!r}: its regular expressions can't be joined: {error}"
        ) from None


def _shape(segments: Sequence[Segment]) -> Shape:
    return tuple(
        tuple(part if isinstance(part, str) else part.converter for part in segment.parts) for segment in segments
    )


def places_of(template: Optional[Template], methods: Iterable[str]) -> List[Place]:
    """Return the places of a route in the table, of which no other route has any."""
    assert template is not None
    shape = _shape(template.segments), template.trailing_slash or not template.segments
    return [(method, shape) for method in methods]


def _literals(segments: Sequence[Segment]) -> int:
    return sum(len(part) for segment in segments for part in segment.parts if isinstance(part, str))


def _check(converter: PathConverter) -> Optional[Check]:
    return None if converter.self_checking else re.compile(converter.regex).fullmatch
