"""Lists of paths, and how they become routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Iterable, Iterator, List, Tuple, Union

from fenrir_core import App, Route
from fenrir_core.authoring import ANY_METHODS

PARADIGM = "urlconf"
Patterns = Iterable[Union["URLPattern", "URLResolver"]]


@dataclass(frozen=True)
class URLPattern:
    """A path and its view."""

    path: str
    view: Callable[..., Any]
    name: str


@dataclass(frozen=True)
class URLResolver:
    """A prefix, and what is below it."""

    prefix: str
    patterns: Tuple[Union[URLPattern, URLResolver], ...]
    namespace: str


class Included(List[Any]):
    """What `include` returns."""

    namespace = ""


def include(patterns: Patterns, namespace: str = "") -> Included:
    """Take patterns as they are below a path; names get the namespace."""
    included = Included(patterns)
    included.namespace = namespace
    return included


def path(route: str, view: Any, name: str = "") -> Union[URLPattern, URLResolver]:
    """Return the pattern of a view, or of what is included; `route` has no slash at its start."""
    if isinstance(view, Included):
        return URLResolver(route, tuple(view), view.namespace)
    return URLPattern(route, view, name)


class URLConf(List[Any]):
    """A list of patterns, which any app can mount."""


def routes_of(app: App, patterns: Patterns, prefix: str = "/", namespace: str = "") -> Iterator[Route]:
    """Return the routes of patterns; each answers every method."""
    for item in patterns:
        if isinstance(item, URLResolver):
            inner = f"{namespace}{item.namespace}:" if item.namespace else namespace
            yield from routes_of(app, item.patterns, prefix + item.prefix, inner)
        else:
            name = namespace + (item.name or item.view.__name__)
            yield app.make_route(prefix + item.path, item.view, ANY_METHODS, name=name, paradigm=PARADIGM)
