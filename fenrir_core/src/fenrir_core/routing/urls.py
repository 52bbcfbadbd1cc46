"""URLs of routes, built from names and path parameters."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Mapping, Protocol, Sequence
from urllib.parse import quote, quote_plus, urlencode

from .._types import Namespace
from ..exceptions import CannotBuildURL
from .templates import SAFE_IN_PATH, Template


class MountLike(Protocol):
    """A mount as URLs are built of it: `fenrir_core.Mount`."""

    @property
    def prefix(self) -> str:
        """The prefix."""

    @property
    def name(self) -> str:
        """The name, or ``""``."""

    @property
    def app(self) -> Any:
        """The mounted application."""

    @property
    def original(self) -> Any:
        """What was mounted, if `app` is an adapter."""


def build_path(names: Mapping[str, Sequence[Template]], name: str, values: Namespace) -> str:
    """Return the path of a route.

    Args:
        names: The templates of all routes by name, in order of registration.
        name: The route's name. Of several templates the first whose parameters all have a value is used.
        values: Path parameters; other values become the query, without those that are None.

    Raises:
        CannotBuildURL: No route has the name, or a parameter has no value or one that does not match.
    """
    templates = names.get(name)
    if not templates:
        raise CannotBuildURL(f"There is no route named {name!r}. There are: {', '.join(sorted(names))}.")
    template = templates[0]
    if len(templates) > 1:
        template = next((item for item in templates if item.names <= values.keys()), template)
    path = template.fill(values)
    own = template.names
    if own.issuperset(values):  # PERF: the usual case, without a query
        return path
    pairs = [_pair(key, value) for key, value in values.items() if key not in own and value is not None]
    query = "&".join(filter(None, pairs))  # an empty list becomes no pair
    return f"{path}?{query}" if query else path


def _pair(name: str, value: object) -> str:
    """Return a part of a query string; a list or tuple becomes a pair for each item."""
    kind = type(value)
    if kind is str or kind is int:
        text = str(value)
        # PERF: nothing to quote in nearly all names and most values; `urlencode` takes 3 us
        if not (text.isalnum() and text.isascii()):
            text = quote_plus(text)
        return f"{name if name.isidentifier() and name.isascii() else quote_plus(name)}={text}"
    return urlencode({name: value}, doseq=True)


def quote_path(path: str) -> str:
    """Return a path percent-encoded, with one slash at its beginning."""
    return "/" + quote(path.lstrip("/"), safe=SAFE_IN_PATH)


def url_path(
    names: Mapping[str, Sequence[Template]], mounts: Iterable[MountLike], name: str, values: Dict[str, Any]
) -> str:
    """Return the path of a route, of a path below a mount, or of a route of a mounted app.

    Args:
        names: The templates of all routes by name.
        mounts: The mounts.
        name: A route's name, a mount's, or ``mount:route``.
        values: As of `build_path`; a mount's name goes with a value ``path``.

    Raises:
        CannotBuildURL: As of `build_path`.
    """
    if name not in names:
        stem, _, inner = name.partition(":")
        mount = next((mount for mount in mounts if mount.name and mount.name == stem), None)
        if mount is not None:
            below: Any = getattr(mount.original or mount.app, "url_path", None)
            if inner and below is not None:
                return f"{mount.prefix}{below(inner, **values)}"
            if not inner and set(values) == {"path"}:
                return mount.prefix + quote_path(str(values["path"]))
    return build_path(names, name, values)
