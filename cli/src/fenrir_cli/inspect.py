"""Facts about an installation and an app, as plain values; other modules show them."""

from __future__ import annotations

import platform
import re
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Dict, Iterable, Iterator, List, Optional, Set, Tuple

from .errors import CliError
from .facade import Export, exports
from .loader import shorten
from .loops import loop_label
from .options import ServeOptions
from .servers import chosen, servers
from .versions import installed_parts, installed_version, required_libraries


@dataclass(frozen=True)
class RouteInfo:
    """One line of the list of routes.

    Args:
        kind: ``http``, ``websocket`` or ``mount``.
        methods: In upper case; empty for a mount.
        path: The template as it was written, after the prefixes of its mounts.
        name: For `url_for`.
        paradigm: The paradigm that owns it; None for the app's own.
        handler: The dotted name of what is called.
        where: ``file:line``, relative to the working directory if it is in there.
        plugin: The plugin that added it; ``app`` for the app's author.
    """

    kind: str
    methods: Tuple[str, ...]
    path: str
    name: str
    paradigm: Optional[str]
    handler: str
    where: str
    plugin: str

    @property
    def owner(self) -> str:
        """The paradigm that owns it, or else the plugin that added it, or ``app``."""
        return self.paradigm or self.plugin


@dataclass(frozen=True)
class PluginReport:
    """A report on one plugin, made of the kernel's `PluginRecord`."""

    name: str
    kind: str
    version: str
    distribution: str
    entry_point: str
    state: str
    error: Optional[str]
    hooks: Tuple[str, ...]


@dataclass(frozen=True)
class AliasInfo:
    """A name that can be imported instead of another framework.

    Args:
        name: What is imported.
        package: The package of ours that answers.
        version: The version of the other framework that is followed.
        active: Whether it is installed in this process.
    """

    name: str
    package: str
    version: str
    active: bool


@dataclass(frozen=True)
class Environment:
    """The installation.

    Args:
        system: The platform in short.
        packages, engines, servers: Versions of Fenrir's parts, of the libraries that they require and of the servers,
            by distribution or name; None for what is not installed.
        auto: The server that `run --server auto` takes.
        loop: The event loop, with its version, that `run --loop auto` takes with that server.
        exports: The names that distributions add to the facade.
        aliases: The names that can be imported instead of other frameworks.
    """

    python: str
    implementation: str
    executable: str
    platform: str
    system: str
    packages: Dict[str, Optional[str]]
    engines: Dict[str, Optional[str]]
    servers: Dict[str, Optional[str]]
    auto: Optional[str]
    loop: Optional[str]
    plugins: Tuple[PluginReport, ...]
    exports: Tuple[Export, ...]
    aliases: Tuple[AliasInfo, ...] = ()


@dataclass(frozen=True)
class AppReport:
    """A report on what an app is made of.

    Args:
        name: The app as the user named it.
        type: Its class.
        routes: How many routes each paradigm has; ``app`` for those without one.
        methods: How many routes answer each HTTP method, ``WEBSOCKET`` among them.
        mounts: The prefixes of its mounts.
        middleware, lifespans, observers: Their names, in order, each with its plugin.
    """

    name: str
    type: str
    total: int
    routes: Dict[str, int]
    methods: Dict[str, int]
    mounts: Tuple[str, ...]
    middleware: Tuple[str, ...]
    lifespans: Tuple[str, ...]
    observers: Tuple[str, ...]


def entries_of(app: Any, prefix: str = "") -> Iterator[Tuple[RouteInfo, Any]]:
    """List the routes of a Fenrir app, each with its compiled route, then the mounts, with None.

    After a mounted Fenrir app come its own routes, with their full paths.
    """
    from fenrir_core import App

    listed: Set[Tuple[str, str]] = set()
    for target in app.built.compiled_routes:
        yield route_info(target.route, prefix), target
        if target.route.option("unrouted"):  # a plugin may list those of a mount itself
            listed.update((method, _plain(target.route.path)) for method in target.route.methods)
    for mount in app.built.mounts:
        yield mount_info(mount, prefix), None
        if isinstance(mount.app, App):
            yield from entries_of(mount.app, prefix + mount.prefix)
        else:
            for info in foreign_routes(app, mount, prefix + mount.prefix):
                if not listed.issuperset((method, _plain(info.path[len(prefix) :])) for method in info.methods):
                    yield info, None


def _plain(path: str) -> str:
    return re.sub(r"\{[^{}]*\}", "{}", path)


def routes_of(app: Any) -> Iterator[RouteInfo]:
    """List the routes and mounts of a Fenrir app, and those of Fenrir apps that are mounted in it."""
    return (info for info, _ in entries_of(app))


def route_info(route: Any, prefix: str = "") -> RouteInfo:
    """Describe a route of an app that is mounted at `prefix`."""
    return RouteInfo(
        "websocket" if route.is_websocket else "http",
        route.methods,
        prefix + route.path,
        route.name,
        route.paradigm,
        handler_name(route.endpoint),
        shorten(route.where),
        route.origin.plugin,
    )


def foreign_routes(app: Any, mount: Any, prefix: str) -> Iterator[RouteInfo]:
    """List the routes of another framework's app that is mounted, as far as an adapter knows them."""
    mounted = mount.original or mount.app
    list_routes = app.built.adapters.find("routes", type(mounted))
    for route in list_routes(mounted) if list_routes is not None else ():
        kind = "websocket" if route.methods == ("WEBSOCKET",) else "http"
        owner = type(mounted).__module__.partition(".")[0]
        yield RouteInfo(kind, route.methods, prefix + route.path, route.name, owner, route.handler, route.where, owner)


def mount_info(mount: Any, prefix: str = "") -> RouteInfo:
    """Describe a mount of an app that is itself mounted at `prefix`."""
    mounted = mount.original or mount.app
    path = prefix + (mount.prefix or "/")
    return RouteInfo(
        "mount", (), path, mount.name, None, handler_name(mounted), shorten(mount.where), mount.origin.plugin
    )


def handler_name(handler: Any) -> str:
    """Return the dotted name of a callable, or the class of an object."""
    while hasattr(handler, "func") and not hasattr(handler, "__qualname__"):
        handler = handler.func
    named = handler if hasattr(handler, "__qualname__") else type(handler)
    return f"{named.__module__}.{named.__qualname__}"


def plugin_reports(records: Iterable[Any]) -> Tuple[PluginReport, ...]:
    """Return reports on the kernel's plugin records."""
    return tuple(
        PluginReport(
            record.name,
            "paradigm" if record.is_paradigm else "plugin",
            record.version,
            record.distribution,
            record.entry_point,
            record.state,
            record.error,
            record.hooks,
        )
        for record in records
    )


def environment(records: Iterable[Any]) -> Environment:
    """Return a report on the installation.

    Args:
        records: The kernel's plugin records.
    """
    known = servers()
    auto: Optional[str] = None
    loop: Optional[str] = None
    with suppress(CliError):
        options = chosen(ServeOptions())
        auto, loop = options.server, loop_label(options.loop)
    parts = installed_parts()
    return Environment(
        platform.python_version(),
        platform.python_implementation(),
        sys.executable,
        platform.platform(),
        f"{platform.system()} {platform.machine()}".strip(),
        parts,
        required_libraries(parts, [server.distribution for server in known.values()]),
        {server.name: installed_version(server.distribution) for server in known.values()},
        auto,
        loop,
        plugin_reports(records),
        exports(),
        alias_infos(),
    )


def alias_infos() -> Tuple[AliasInfo, ...]:
    """Return the names that can be imported instead of other frameworks.

    Raises:
        CliError: The entry point of one is wrong.
    """
    from fenrir_core.alias import active, aliases

    now = active()
    try:
        return tuple(AliasInfo(name, item.package, item.version, name in now) for name, item in aliases().items())
    except ImportError as error:
        raise CliError(str(error)) from error


def app_report(app: Any, name: str) -> AppReport:
    """Return a report on a Fenrir app."""
    found: List[RouteInfo] = list(routes_of(app))
    routes = [item for item in found if item.kind != "mount"]
    built = app.built
    return AppReport(
        name,
        type(app).__name__,
        len(routes),
        dict(Counter(item.owner for item in routes).most_common()),
        dict(Counter(method for item in routes for method in item.methods).most_common()),
        tuple(item.path for item in found if item.kind == "mount"),
        *(
            tuple(f"{given.value.name} ({given.by.plugin})" for given in items)
            for items in (built.middleware, built.lifespans, built.observers)
        ),
    )
