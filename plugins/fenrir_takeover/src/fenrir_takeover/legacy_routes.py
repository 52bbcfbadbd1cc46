"""What routes a legacy application has, as far as its framework can be asked.

A framework is recognised by the names of its classes; it was imported by the application.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple

from fenrir_core import Route
from fenrir_core.authoring import MountedRoute, get_logger, routes_of_foreign

logger = get_logger("fenrir.takeover")

#: The class that all apps of ours have.
_OURS = ("fenrir_core", "App")
#: Converters of the frameworks that mean what ours of the same name mean.
_KNOWN = {"int": ":int", "float": ":float", "path": ":path", "uuid": ":uuid"}
#: Other frameworks' names of such.
_SAME = {"integer": "int", "number": "float", "re": "", "any": ""}


@dataclass(frozen=True)
class LegacyRoute:
    """A route of a legacy application.

    Args:
        path: The template in our syntax, below the application's prefix.
        methods: In upper case; empty for all.
        name: The framework's name for it, for `url_for`; may be empty.
    """

    path: str
    methods: Tuple[str, ...]
    name: str = ""


def routes_of(app: Any) -> Optional[List[LegacyRoute]]:
    """Return the routes of an application; None if its framework is not known, or can't be asked.

    An adapter for the framework is asked first: Falcon's comes with fenrir-falcon.
    """
    try:
        adapted = routes_of_foreign(app)
        if adapted is not None:
            return _unique(_from_adapter(adapted))
        key = _key_of(app)
        read = _READERS.get(key) if key is not None else None
        return None if read is None else _unique(read(app))
    except Exception:
        logger.warning("The routes of %r could not be read.", app, exc_info=True)
        return None


def framework_of(app: Any) -> str:
    """Return the name of an application's framework, or that of its class."""
    key = _key_of(app)
    return type(app).__name__ if key is None else "fenrir" if key == _OURS else key[0]


def _key_of(app: Any) -> Optional[Tuple[str, str]]:
    keys = ((str(kind.__module__).partition(".")[0], kind.__name__) for kind in type(app).__mro__)
    return next((key for key in keys if key in _READERS or key in _KNOWN_APPS), None)


def _unique(routes: Iterable[LegacyRoute]) -> List[LegacyRoute]:
    """Return routes without those whose methods and path an earlier one has."""
    found: Dict[Tuple[str, Tuple[str, ...]], LegacyRoute] = {}
    for route in routes:
        found.setdefault((re.sub(r"\{[^{}]*\}", "{}", route.path), route.methods), route)
    return list(found.values())


def _template(path: str, parameter: str, parts: Callable[[Tuple[Any, ...]], Tuple[str, str]]) -> str:
    """Return a path in our syntax.

    Args:
        path: The path in the framework's syntax.
        parameter: What a parameter looks like, as a regular expression with groups.
        parts: Called with the groups; returns name and converter.
    """
    count = 0

    def ours(match: Any) -> str:
        nonlocal count
        count += 1
        name, converter = parts(match.groups())
        name = name if name.isidentifier() else f"parameter_{count}"
        return f"{{{name}{_KNOWN.get(_SAME.get(converter, converter), '')}}}"

    found = re.sub(parameter, ours, path)
    return found if found.startswith("/") else f"/{found}"


def _methods(methods: Optional[Iterable[str]]) -> Tuple[str, ...]:
    return tuple(sorted(str(method) for method in methods or () if method not in ("HEAD", "OPTIONS")))


def _flask(app: Any) -> Iterator[LegacyRoute]:
    for rule in app.url_map.iter_rules():
        path = _template(
            rule.rule,
            r"<(?:([A-Za-z_]\w*)(?:\([^)]*\))?:)?([^<>]+)>",
            lambda groups: (groups[1], groups[0] or ""),
        )
        yield LegacyRoute(path, _methods(rule.methods), str(rule.endpoint))


def _named(path: str, opening: str = "<", closing: str = ">") -> str:
    """Return a path whose parameters are ``<name:converter>`` or ``{name:converter}``."""
    pattern = rf"{opening}([^:{opening}{closing}]+)(?::([A-Za-z_]*)[^{closing}]*)?{closing}"
    return _template(path, pattern, lambda groups: (groups[0].strip(), groups[1] or ""))


def _bottle(app: Any) -> Iterator[LegacyRoute]:
    for route in app.routes:
        methods = () if route.method in ("ANY", "PROXY") else (route.method,)
        yield LegacyRoute(_named(route.rule), _methods(methods), str(route.name or ""))


def _sanic(app: Any) -> Iterator[LegacyRoute]:
    for route in app.router.routes:
        yield LegacyRoute(_named(route.path), _methods(route.methods), str(route.name).partition(".")[2])


def _starlette(app: Any) -> Iterator[LegacyRoute]:
    yield from _starlette_routes(app.routes, "", "")


def _starlette_routes(routes: Iterable[Any], prefix: str, names: str) -> Iterator[LegacyRoute]:
    for route in routes:
        inner = getattr(route, "routes", None)
        path, name = f"{prefix}{getattr(route, 'path', '')}", f"{names}{getattr(route, 'name', '') or ''}"
        if inner:
            yield from _starlette_routes(inner, path, f"{name}:" if getattr(route, "name", "") else names)
        elif hasattr(route, "methods"):
            yield LegacyRoute(_named(path, r"\{", r"\}"), _methods(route.methods), name)


def _from_adapter(routes: Iterable[MountedRoute]) -> Iterator[LegacyRoute]:
    """Return the routes that an adapter lists, those of one path and name as one."""
    methods: Dict[Tuple[str, str], List[str]] = {}
    for route in routes:
        path = _named(route.path, r"\{", r"\}") if "{" in route.path else _named(route.path)
        methods.setdefault((path, route.name), []).extend(route.methods)
    for (path, name), found in methods.items():
        yield LegacyRoute(path, _methods(method for method in found if method != "WEBSOCKET"), name)


def _fenrir(app: Any) -> Iterator[LegacyRoute]:
    for route in app.built_routes:
        if isinstance(route, Route) and not route.is_websocket:
            yield LegacyRoute(route.path, _methods(method for method in route.methods if method != "*"), route.name)


def _django(app: Any) -> Iterator[LegacyRoute]:
    urls: Any = importlib.import_module("django.urls")
    yield from _django_patterns(urls.get_resolver().url_patterns, "", "")


def _django_patterns(patterns: Iterable[Any], prefix: str, names: str) -> Iterator[LegacyRoute]:
    for pattern in patterns:
        text = getattr(pattern.pattern, "_route", None)
        if text is None:
            continue  # a regular expression is no template
        inner = getattr(pattern, "url_patterns", None)
        if inner is None:
            path = _template(
                f"/{prefix}{text}", r"<(?:([A-Za-z_]\w*):)?([^<>]+)>", lambda groups: (groups[1], groups[0] or "")
            )
            yield LegacyRoute(path, (), f"{names}{pattern.name}" if pattern.name else "")
        else:
            namespace = getattr(pattern, "namespace", None)
            yield from _django_patterns(inner, prefix + text, f"{names}{namespace}:" if namespace else names)


#: By root package and class; subclasses are read like these.
_READERS: Dict[Tuple[str, str], Callable[[Any], Iterator[LegacyRoute]]] = {
    ("flask", "Flask"): _flask,
    ("quart", "Quart"): _flask,
    ("bottle", "Bottle"): _bottle,
    ("starlette", "Starlette"): _starlette,
    ("sanic", "Sanic"): _sanic,
    ("django", "WSGIHandler"): _django,
    ("django", "ASGIHandler"): _django,
    _OURS: _fenrir,
}
#: Those that an adapter reads.
_KNOWN_APPS = frozenset([("falcon", "App")])
