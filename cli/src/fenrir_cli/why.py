"""The reasons for what happens to a URL: what serves it, what would come next, and what refused it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple
from urllib.parse import quote, unquote, urlsplit

from .errors import MISUSED, CliError
from .explain import Explanation, explain
from .inspect import RouteInfo, mount_info, route_info


@dataclass(frozen=True)
class Candidate:
    """A route or mount that fits the form of the path but does not serve the request.

    Args:
        route: The route or mount.
        verdict: ``next`` (it would serve it if those before did not exist), ``method`` (it serves
            other methods) or ``refused`` (a converter did not take the path's text).
        reason: In words.
    """

    route: RouteInfo
    verdict: str
    reason: str


@dataclass(frozen=True)
class Decision:
    """The outcome for a method and path.

    Args:
        method, path: Of the request; the path decoded, without query.
        outcome: ``route``, ``mount``, ``redirect``, ``options``, ``not allowed`` or ``not found``.
        reason: In words.
        route: What serves it, if it is a route or a mount.
        params: The path's values, as text.
        candidates: What else fits, nearest first.
        explanation: The steps that run; None if it is no route of a Fenrir app.
        inside: What the mounted app does with it, if that is a Fenrir app.
    """

    method: str
    path: str
    outcome: str
    reason: str
    route: Optional[RouteInfo]
    params: Dict[str, str]
    candidates: Tuple[Candidate, ...]
    explanation: Optional[Explanation]
    inside: Optional[Decision] = None


def decide(app: Any, method: str, url: str, prefix: str = "") -> Decision:
    """Return what a built Fenrir app does with a request.

    Args:
        app: The app.
        method: An HTTP method, or ``WEBSOCKET``.
        url: A path, or a whole URL; its query is ignored.
        prefix: Where the app itself is mounted.

    Raises:
        CliError: The URL has no path.
    """
    raw = urlsplit(url).path or ("/" if "://" in url else "")
    if not raw.startswith("/"):
        raise CliError(f"{url!r} is no URL: write a path (/items/7) or a whole URL.", exit_code=MISUSED)
    return _Question(app, method.upper(), unquote(raw), raw, prefix).answer()


class _Question:
    def __init__(self, app: Any, method: str, path: str, raw: str, prefix: str) -> None:
        self.app, self.method, self.path, self.prefix = app, method, path, prefix
        self.raw = raw.encode("ascii", "replace")
        # an unrouted one is described, but no path leads to it
        self.compiled_routes = [target for target in app.built.compiled_routes if not target.route.option("unrouted")]

    def answer(self) -> Decision:
        found = self.app.built.router.match(self.method, self.path, self.raw)
        if found.target is not None:
            return self._served(found)
        derive = self.app.settings["derive_options"]
        if found.allowed and self.method != "WEBSOCKET" and (derive or found.mount is None):
            return self._other_methods(found)
        if found.mount is not None:
            return self._mounted(found)
        if found.redirect is not None and self.method != "WEBSOCKET":
            reason = f"A slash is missing or too much: {self.app.redirect_status} to {found.redirect}"
            return self._decision("redirect", reason, explained=None)
        return self._decision("not found", self._nothing_fits(), explained=self.app.built.fallback_routes[404])

    def _served(self, found: Any) -> Decision:
        target = getattr(found.target, "target", found.target)
        derived = target is not found.target
        if derived:
            reason = "HEAD is served by the GET route, its body held back"
        elif target.template.is_static:
            reason = "It is exactly this path, which takes precedence over parameters"
        else:
            reason = "It is the first whose text and converters fit"
        return self._decision(
            "route",
            reason,
            route=route_info(target.route, self.prefix),
            params={name: repr(value) for name, value in found.params.items()},
            explained=target,
            winner=target,
        )

    def _other_methods(self, found: Any) -> Decision:
        derive = self.app.settings["derive_options"]
        allowed = ", ".join(sorted({*found.allowed, "OPTIONS"} if derive else found.allowed))
        if derive and self.method == "OPTIONS":
            reason, outcome, status = f"Fenrir answers 200 with Allow: {allowed}", "options", 200
            if found.mount is not None:
                reason += f", and the methods of the mount at {found.mount[1] or '/'}, which is asked"
        else:
            reason, outcome, status = f"405: the path answers {allowed}", "not allowed", 405
        return self._decision(outcome, reason, explained=self.app.built.fallback_routes[status])

    def _mounted(self, found: Any) -> Decision:
        from fenrir_core import App

        mount, prefix, rest = found.mount
        inside = None
        if isinstance(mount.app, App):
            mount.app.build()
            inside = decide(mount.app, self.method, quote(rest or "/"), self.prefix + prefix)
        others = self.app.built.router.match("", self.path, self.raw).allowed
        lacks = f"Routes of the app have {', '.join(others)} for this path" if others else "No route of the app fits"
        reason = f"{lacks}; the mount at {prefix or '/'} takes all paths below it"
        explain = getattr(mount.app, "explain_match", None)  # a taken-over application knows its routes
        if explain is not None:
            reason += f": {explain(self.method, self.path)}"
        route = mount_info(mount, self.prefix)
        steps = self.app.built.router.mounted[id(mount), self.method == "WEBSOCKET"]
        return self._decision("mount", reason, route=route, explained=steps, inside=inside)

    def _decision(
        self,
        outcome: str,
        reason: str,
        *,
        explained: Any,
        route: Optional[RouteInfo] = None,
        params: Optional[Dict[str, str]] = None,
        winner: Any = None,
        inside: Optional[Decision] = None,
    ) -> Decision:
        explanation = None
        if explained is not None:
            explanation = explain(explained, route or _fallback_info(explained, self.method, self.prefix + self.path))
        return Decision(
            self.method,
            self.prefix + self.path,
            outcome,
            reason,
            route,
            params or {},
            tuple(self._candidates(winner)),
            explanation,
            inside,
        )

    def _nothing_fits(self) -> str:
        if self.method == "WEBSOCKET":
            return "No WebSocket route fits: the handshake is refused"
        return "404: no route and no mount fits"

    # ------------------------------------------------------------ what else fits

    def _candidates(self, winner: Any) -> List[Candidate]:
        found: List[Candidate] = []
        gone = [winner]
        while winner is not None:
            rest = _router(self.app, [target for target in self.compiled_routes if target not in gone])
            match = rest.match(self.method, self.path, self.raw)
            if match.target is None:
                if match.mount is not None:
                    reason = "it serves what no route serves"
                    found.append(Candidate(mount_info(match.mount[0], self.prefix), "next", reason))
                break
            following = getattr(match.target, "target", match.target)
            gone.append(following)
            reason = "it would serve this if those before it did not exist"
            found.append(Candidate(route_info(following.route, self.prefix), "next", reason))
        for target in self.compiled_routes:
            if target not in gone:
                found.extend(self._near(target))
        return sorted(found, key=lambda item: ("next", "refused", "method").index(item.verdict))

    def _near(self, target: Any) -> List[Candidate]:
        """Return what keeps a route of the right form from serving; nothing for one of another form."""
        texts = _texts(target.template, self.path)
        if texts is None:
            return []
        info = route_info(target.route, self.prefix)
        refusals = [
            f"the converter {param.converter.name} refuses {text!r} for {param.name!r}: {why}"
            for param, text in texts
            for why in [_refusal(param.converter, text)]
            if why
        ]
        if refusals:
            return [Candidate(info, "refused", "; ".join(refusals))]
        methods = ", ".join(info.methods)
        if self.method not in info.methods:
            return [Candidate(info, "method", f"it answers {methods}, not {self.method}")]
        return []


def _router(app: Any, targets: Sequence[Any]) -> Any:
    """Return a router of some of an app's routes and all of its mounts."""
    from fenrir_core.routing.router import Router

    router = Router(app.settings["trailing_slash"])
    for target in targets:
        strict = target.route.option("strict_slashes")
        for method in target.route.methods:
            router.add(method, target.template, target, strict_slashes=strict)
        if "GET" in target.route.methods and "HEAD" not in target.route.methods and app.settings["derive_head"]:
            router.add("HEAD", target.template, target, strict_slashes=strict, derived=True)
    for mount in app.built.mounts:
        router.add_mount(mount.prefix, mount, mount.needs_slash)
    router.freeze()
    return router


def _texts(template: Any, path: str) -> Optional[List[Tuple[Any, str]]]:
    """Split a path by a template's static text alone, ignoring its converters; None if that does not fit."""
    pattern = ""
    for segment in template.segments:
        pattern += "/" + "".join(
            re.escape(part) if isinstance(part, str) else ("(.+)" if part.converter.multi_segment else "([^/]+)")
            for part in segment.parts
        )
    found = re.fullmatch(pattern + "/?", path, re.DOTALL)
    return None if found is None else list(zip(template.params, found.groups()))


def _refusal(converter: Any, text: str) -> str:
    """Return why a converter refuses a text; an empty string if it does not."""
    if not converter.self_checking and re.fullmatch(converter.regex, text) is None:
        return f"it must match {converter.regex}"
    try:
        converter.parse(text)
    except ValueError as error:
        return str(error) or "it is not of that form"
    return ""


def _fallback_info(target: Any, method: str, path: str) -> RouteInfo:
    info = route_info(target.route)
    return RouteInfo("http", (method,), path, "", info.paradigm, info.handler, "", "kernel")
