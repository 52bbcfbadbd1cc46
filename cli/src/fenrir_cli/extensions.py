"""What plugins add to the command line: by entry points, and by the hooks of `hookspecs`."""

from __future__ import annotations

import importlib
import os
from typing import Any, Dict, List, NamedTuple, Set, Tuple

from .errors import CliError

#: The entry-point groups: modules with hookimpls for the command line, and commands by name.
HOOKS, COMMANDS = "fenrir.cli", "fenrir.commands"


class Extension(NamedTuple):
    """A plugin of the command line: its origin, and why it could not be loaded, if so."""

    name: str
    entry_point: str
    distribution: str
    version: str
    error: str


class Found(NamedTuple):
    """A value that a hook returned, with the plugin's name."""

    value: Any
    plugin: str


def _switched_off() -> Tuple[Set[str], bool]:
    """Return what `FENRIR_PLUGINS` switches off, read as the kernel does: names, and whether all are off."""
    words = [word.strip() for word in os.environ.get("FENRIR_PLUGINS", "").split(",")]
    return {word[1:] for word in words if word.startswith("-")}, "none" in words


class Extensions:
    """The loaded plugins of the command line.

    Attributes:
        loaded: All of them, in order; those that failed with the reason.
    """

    def __init__(self) -> None:
        import pluggy

        from fenrir_core._compat import entry_points

        from . import builtin, hookspecs

        self._manager = pluggy.PluginManager("fenrir")
        self._manager.add_hookspecs(hookspecs)
        self._manager.register(builtin, "fenrir-cli")
        self._order = ["fenrir-cli"]
        self.loaded: List[Extension] = []
        off, none = _switched_off()
        for point in sorted(entry_points(HOOKS), key=lambda point: (point.name, point.distribution)):
            if none or point.name in off:
                continue
            error = self._load(point)
            self.loaded.append(Extension(point.name, point.value, point.distribution, point.version, error))

    def _load(self, point: Any) -> str:
        from fenrir_core import API_VERSION, Origin, PluginInfo
        from fenrir_core.plugins.manager import register

        plugin = None
        try:
            plugin = target_of(point.value)
            info = getattr(plugin, "fenrir_plugin", PluginInfo())
            if info.api != API_VERSION:
                return f"it is written for plugin API {info.api}, this fenrir-core has API {API_VERSION}"
            register(self._manager, plugin, Origin(point.name, point.distribution, point.version))
            self._manager.check_pending()
        except (Exception, SystemExit) as error:  # a plugin may fail in any way; the other commands must work
            if plugin is not None and self._manager.get_plugin(point.name) is plugin:
                self._manager.unregister(plugin)
            return f"{type(error).__name__}: {error}"
        self._order.append(point.name)
        return ""

    def ask(self, hook: str, kind: type, **arguments: Any) -> List[Found]:
        """Return what a hook returns: Fenrir's own values first, then by the plugins' names.

        Raises:
            CliError: A plugin's hook fails, or returns something else.
        """
        implementations = {impl.plugin_name: impl for impl in getattr(self._manager.hook, hook).get_hookimpls()}
        found = []
        for name in self._order:
            if name not in implementations:
                continue
            impl = implementations[name]
            try:
                values = list(impl.function(*[arguments[argument] for argument in impl.argnames]) or ())
            except (Exception, SystemExit) as error:
                raise CliError(f"{hook} of the plugin {name!r} failed: {type(error).__name__}: {error}") from error
            for value in values:
                if not isinstance(value, kind):
                    raise CliError(f"{hook} of the plugin {name!r} returned {value!r:.60}, not a {kind.__name__}.")
                found.append(Found(value, name))
        return found


def target_of(path: str) -> Any:
    """Import what ``package.module:attribute`` or ``package.module`` names."""
    module, _, attribute = path.partition(":")
    found: Any = importlib.import_module(module)
    for name in attribute.split(".") if attribute else ():
        found = getattr(found, name)
    return found


def declared_commands() -> Dict[str, Tuple[str, str]]:
    """Return the commands that entry points name: the target of each, and its line of help. Nothing is imported.

    An entry point can hold no help text, so that is the distribution's summary. Of two commands with one
    name that of the user's own project counts (a distribution in the working directory, or installed from
    it with `pip install -e`), else that of the first distribution by name.
    """
    from importlib import metadata  # PERF: needed for every `--help`, where nothing else imports it

    off, none = _switched_off()
    found: Dict[str, List[Tuple[bool, str, str, str]]] = {}
    seen: Set[str] = set()
    for distribution in () if none else metadata.distributions():
        text = distribution.read_text("entry_points.txt") or ""
        if f"[{COMMANDS}]" not in text:  # PERF: most have none, and parsing costs more than looking
            continue
        name = distribution.metadata["Name"]
        if name in seen:
            continue
        seen.add(name)
        summary, is_foreign = distribution.metadata["Summary"] or "", not _is_own(distribution)
        for point in distribution.entry_points:
            if point.group == COMMANDS and point.name not in off:
                found.setdefault(point.name, []).append((is_foreign, name, point.value, summary))
    chosen = {point: min(claims) for point, claims in sorted(found.items())}
    return {point: (value, f"{summary} ({name})".strip()) for point, (_, name, value, summary) in chosen.items()}


def _is_own(distribution: Any) -> bool:
    """Return whether a distribution is the project in the working directory."""
    here = os.path.realpath(os.getcwd())
    origin = distribution.read_text("direct_url.json") or ""
    if '"editable": true' in origin:  # PERF: parsed, and the module loaded, only where it matters
        from .wheels import origin_path

        place = origin_path(distribution)
    else:
        place = str(distribution.locate_file(""))
        if "site-packages" in place or "dist-packages" in place:
            return False
    place = os.path.realpath(place)
    return place == here or place.startswith(here + os.sep) or here.startswith(place + os.sep)
