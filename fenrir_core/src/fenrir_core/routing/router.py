"""The router: a table of static paths, and a tree of segments for the others."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Protocol, Set, Tuple, Union
from urllib.parse import quote, unquote_to_bytes

from .._types import PathParams, RouteTarget
from ..exceptions import BuildError, DuplicateRoute
from .converters import Parse, parse_text
from .templates import SAFE_IN_PATH, Template
from .tree import Entry, Leaf, Node, Place, Values, node_for, places_of, sort_edges, walk

#: What `add` takes as `strict_slashes`: a policy by name, True for "strict", False for "accept".
SlashPolicy = Union[str, bool, None]
_POLICIES = {True: "strict", False: "accept", "strict": "strict", "accept": "accept", "redirect": "redirect"}

# Priority of entries for the same method and path; the lowest wins.
_EXPLICIT, _DERIVED, _OTHER_SLASH, _OTHER_SLASH_DERIVED = range(4)

#: A mounted app, its prefix, and the rest of the path.
MountMatch = Tuple[Any, str, str]


class Match(NamedTuple):
    """What serves a method and path.

    Args:
        target: What was registered, or None; the other attributes then tell what can be done instead.
        params: The parameters by name; a dictionary of the caller's own.
        allowed: The methods that this path has, sorted, for a 405 response. "WEBSOCKET" is never among them.
        redirect: Where to redirect: the path with the slash added or removed, percent-encoded, without root path.
        mount: `(target, prefix, rest)` of a mounted app, both decoded; `rest` is "" or starts with "/". It serves
            the methods that the routes of its paths lack, so that it is set beside `allowed` only for OPTIONS, which
            both answer. It is set beside `redirect` too: the caller decides which goes first.
    """

    target: Optional[RouteTarget]
    params: PathParams
    allowed: Tuple[str, ...] = ()
    redirect: Optional[str] = None
    mount: Optional[MountMatch] = None


class RouterLike(Protocol):
    """What finds the routes of an app: `Router`, or what a paradigm puts in its place."""

    @property
    def static(self) -> Dict[str, Dict[str, Tuple[RouteTarget, PathParams]]]:
        """The complete matches of paths without parameters."""

    @property
    def mounted(self) -> Dict[Tuple[int, bool], Any]:
        """What serves mounts."""

    def match(self, method: str, path: str, raw_path: Optional[bytes] = None) -> Match:
        """Return what serves a method and path."""


_new = tuple.__new__


class Router:
    """A table of routes, whose look-up costs the same for any number of them.

    Args:
        slashes: What to do about a missing or surplus slash at the end of a path: ``"redirect"`` to the
            registered form, ``"strict"`` (not found), or ``"accept"`` both forms.

    Raises:
        BuildError: There is no such policy.
    """

    def __init__(self, slashes: str = "redirect") -> None:
        self.slashes = _policy(slashes, slashes)
        #: After `freeze`: complete matches, path to method to `(target, params)`, for each path that a
        #: template without parameters has. The params are shared: copy them unless empty.
        self.static: Dict[str, Dict[str, Tuple[RouteTarget, PathParams]]] = {}
        #: What serves mounts, by the mount's id and whether it is for WebSockets.
        self.mounted: Dict[Tuple[int, bool], Any] = {}
        #: What was added for its own sake, by the place that it takes.
        self.places: Dict[Place, Any] = {}
        self._root = Node()
        # After `freeze`, a fast path: static prefix -> final parameter (its parser, its leaf, and the static segments
        # that go first), for templates that have one parameter, as their last segment.
        self._lasts: Dict[str, Tuple[Parse, Leaf, Dict[str, Node]]] = {}
        self._mounts: Dict[Tuple[str, ...], Tuple[Any, str]] = {}
        #: How many segments they have, the most first.
        self._mount_depths: List[int] = []
        # After `freeze`, a fast path: the mounts of one segment that no route begins with, by that segment.
        self._sole: Dict[str, Tuple[Any, str]] = {}
        #: The prefixes that need a slash behind them.
        self._slashed: Set[str] = set()
        #: Whether a route redirects to its other slash.
        self._redirects = False
        self._frozen = False

    def add(
        self,
        method: str,
        template: Template,
        target: RouteTarget,
        *,
        strict_slashes: SlashPolicy = None,
        derived: bool = False,
    ) -> None:
        """Register what serves a method of a template.

        Args:
            method: The HTTP method, or "WEBSOCKET".
            template: The parsed path template.
            target: What serves it; returned by `match`.
            strict_slashes: This route's own slash policy; None for the router's.
            derived: Whether the target was made from another (HEAD from GET, OPTIONS): one that was not
                takes precedence, in any order of registration.

        Raises:
            DuplicateRoute: An equivalent template has the method already.
            BuildError: The slash policy is unknown, or the segment's regular expressions can't be joined.
            RuntimeError: The router is frozen.
        """
        self._check_open()
        policy = _policy(strict_slashes, self.slashes)
        self._redirects = self._redirects or policy == "redirect"
        names = tuple(param.name for param in template.params)
        entry = Entry(target, names, policy, _DERIVED if derived else _EXPLICIT)
        slash = template.trailing_slash or not template.segments
        self._insert(method.upper(), template, slash, entry)
        if not derived:
            self.places[places_of(template, (method.upper(),))[0]] = target
        sole = template.segments[-1].sole if template.segments else None
        takes_slash = sole is not None and sole.converter.multi_segment and not slash
        if policy == "accept" and template.segments and not takes_slash:
            other = entry._replace(level=_OTHER_SLASH_DERIVED if derived else _OTHER_SLASH)
            self._insert(method.upper(), template, not slash, other)

    def add_mount(self, prefix: Union[str, Template], target: Any, needs_slash: bool = False) -> None:
        """Register an app for all paths below a prefix; the longest prefix wins.

        Args:
            prefix: A path without parameters, with or without a slash at its end; "" and "/" are all paths.
            target: Anything but None; returned by `match`.
            needs_slash: Whether the app does not have the path that is the prefix alone: that is redirected to the
                one with a slash if the router's policy is to redirect, and else not found.

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
        if needs_slash and path:
            self._slashed.add(path)
        self._mount_depths = sorted({len(key) for key in self._mounts}, reverse=True)

    def freeze(self) -> None:
        """Make the tables for look-ups; after this nothing can be added."""
        if not self._frozen:
            self._frozen = True
            sort_edges(self._root)
            self._collect(self._root, "")
            self._collect_sole()

    def match(self, method: str, path: str, raw_path: Optional[bytes] = None) -> Match:
        """Return what serves a method and path.

        Args:
            method: The HTTP method in upper case, or "WEBSOCKET"; "" to learn what is allowed.
            path: The decoded path without root path.
            raw_path: The same path still percent-encoded, in ASCII, if the server gives it. With it, an
                encoded slash is part of a parameter's value instead of ending it.

        Returns:
            The match; `target` is None where nothing serves this method and path.

        Source: ASGI, "HTTP connection scope" (path, raw_path); RFC 9110, sections 15.5.5 and 15.5.6.
        """
        # PERF: the strategies are written out here, from the cheapest on, so that no request pays for a call.
        # Asking for one byte ("%", 37) costs 30 ns, for bytes 400: those are tried as a number first.
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
        else:
            segments = _segments(path, raw_path)
        if self._sole and len(segments) > 2 and segments[1] in self._sole and not segments[0]:
            # PERF: no walk, 0.9 us
            app, prefix = self._sole[segments[1]]
            return _new(Match, (None, {}, (), None, (app, prefix, path[len(prefix) :])))
        seen: List[Tuple[Leaf, Values]] = []
        if not segments[0]:
            found = walk(self._root, segments, 1, (), method, seen)
            if found is not None:
                (target, names, _, _), values = found
                # PERF: one parameter is the common case, 470 -> 80 ns; and past NamedTuple's own
                # constructor, 410 -> 210 ns.
                params = {names[0]: values[0]} if len(names) == 1 else dict(zip(names, values))
                return _new(Match, (target, params, (), None, None))
        return self._no_match(method, path, raw_path, segments, seen)

    def _no_match(
        self, method: str, path: str, raw_path: Optional[bytes], segments: List[str], seen: List[Tuple[Leaf, Values]]
    ) -> Match:
        """Return what can be done about a path that has no route for the method."""
        if not path:
            return self.match(method, "/")
        mount = self._mount(segments, path)
        if not seen:
            if mount is not None:  # a mounted app has its own rule for slashes
                return _new(Match, (None, {}, (), None, mount))
            has_app = path in self._slashed and self.slashes == "redirect"
            redirect = _other_slash(path, raw_path) if has_app else self._redirect(segments, path, raw_path)
            return _new(Match, (None, {}, (), redirect, None))
        allowed = {name for leaf, _ in seen for name in leaf}
        if mount is not None and method not in ("OPTIONS", ""):
            allowed = set()
        return Match(None, {}, tuple(sorted(allowed - {"WEBSOCKET"})), None, mount)

    def _check_open(self) -> None:
        if self._frozen:
            raise RuntimeError("the router is frozen: routes can't be added once the app is built")

    def _insert(self, method: str, template: Template, slash: bool, entry: Entry) -> None:
        leaf = node_for(self._root, template, slash).leaf
        there = leaf.get(method)
        if there is None or entry.level < there.level:
            leaf[method] = entry
        elif entry.level == there.level == _EXPLICIT:
            raise DuplicateRoute(method, template.source, there.target, entry.target)

    def _collect(self, node: Node, path: str) -> None:
        if node.edges and node.edges[0][0] is None and not node.edges[0][3]:
            _, parse, child, _ = node.edges[0]
            # PERF: `str` returns its argument, 60 ns less than a function of ours that refuses empty text
            self._lasts[path] = str if parse is parse_text else parse, child.leaf, node.static
        if node.leaf:
            leaves: List[Tuple[Leaf, Values]] = []
            walk(self._root, path.split("/"), 1, (), "", leaves)
            table = self.static[path] = {}
            for leaf, values in leaves:
                for method, entry in leaf.items():
                    table.setdefault(method, (entry.target, dict(zip(entry.names, values))))
        for text, child in node.static.items():
            self._collect(child, f"{path}/{text}")

    def _collect_sole(self) -> None:
        if self._root.edges or self._root.tails:
            return  # a parameter may begin the path, too
        heads = [key[1] for key in self._mounts if len(key) > 1]
        for key, mount in self._mounts.items():
            if len(key) == 2 and heads.count(key[1]) == 1 and key[1] not in self._root.static:
                self._sole[key[1]] = mount

    def _redirect(self, segments: List[str], path: str, raw_path: Optional[bytes]) -> Optional[str]:
        # Clients would take "//host" and "/\host" for another host.
        if not self._redirects or segments[0] or len(segments) < 2 or path[1:2] in ("", "/", "\\"):
            return None
        seen: List[Tuple[Leaf, Values]] = []
        walk(self._root, segments[:-1] if not segments[-1] else [*segments, ""], 1, (), "", seen)
        if not any(entry.policy == "redirect" for leaf, _ in seen for entry in leaf.values()):
            return None
        return _other_slash(path, raw_path)

    def _mount(self, segments: List[str], path: str) -> Optional[MountMatch]:
        for depth in self._mount_depths:
            found = self._mounts.get(tuple(segments[:depth]))
            if found is not None and (path not in self._slashed or found[1] != path):
                return found[0], found[1], path[len(found[1]) :]
        return None


def _other_slash(path: str, raw_path: Optional[bytes]) -> str:
    """Return a path with the slash at its end added or removed, percent-encoded."""
    if raw_path is None:
        there = quote(path, SAFE_IN_PATH, errors="replace")
    else:
        there = quote(raw_path.split(b"?", 1)[0], SAFE_IN_PATH + "%")
    return there[:-1] if there.endswith("/") else there + "/"


def _segments(path: str, raw_path: bytes) -> List[str]:
    """Cut a path at its slashes, but not at the encoded ones, which belong to a segment."""
    if b"%2f" not in raw_path.lower():
        return path.split("/")
    return [unquote_to_bytes(part).decode("utf-8", "replace") for part in raw_path.split(b"?", 1)[0].split(b"/")]


def _policy(given: SlashPolicy, default: str) -> str:
    if given is None:
        return default
    if given not in _POLICIES:
        raise BuildError(f"unknown slash policy {given!r}; write 'redirect', 'strict' or 'accept'")
    return _POLICIES[given]
