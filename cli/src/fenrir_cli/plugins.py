"""Facts about plugins: what each one added to an app, and how long its hooks took."""

from __future__ import annotations

import inspect
import time
from dataclasses import dataclass
from typing import Any, Dict, Iterable, List, Mapping, Sequence, Tuple

from .errors import CliError


@dataclass(frozen=True)
class HookTime:
    """How often a plugin's hook was called while an app was built, and its total time."""

    plugin: str
    hook: str
    calls: int
    milliseconds: float


def contributions(app: Any) -> Dict[str, Dict[str, int]]:
    """Count what each plugin added to a built Fenrir app, by kind."""
    return {plugin: counts_of(kinds) for plugin, kinds in contributed_names(app).items()}


def counts_of(kinds: Mapping[str, Sequence[str]]) -> Dict[str, int]:
    """Count the names of each kind."""
    return {kind: len(names) for kind, names in kinds.items()}


def contributed_names(app: Any) -> Dict[str, Dict[str, List[str]]]:
    """Return the names of what each plugin added to a built Fenrir app, by kind; each part of a route is listed."""
    found: Dict[str, Dict[str, List[str]]] = {}

    def add(by: Any, kind: str, name: str) -> None:
        found.setdefault(by.plugin, {}).setdefault(kind, []).append(name)

    for name, given in app.settings.declared.items():
        add(given.by, "settings", name)
    for target in app.built.compiled_routes:
        plan, route = target.plan, f"{', '.join(target.route.methods)} {target.route.path}"
        add(target.route.origin, "routes", route)
        add(plan.return_handler_by, "return handlers", route)
        for given in plan.hooks:
            add(given.by, "route hooks", f"{given.value.name} of {route}")
        for node in plan.root.walk():
            for item in node.inputs:
                add(item.by, "parameters", f"{item.param.name} of {node.name}, {route}")
    for mount in app.built.mounts:
        add(mount.origin, "mounts", mount.prefix or "/")
    of_app = {kind: getattr(app.built, kind) for kind in ("observers", "middleware", "lifespans")}
    for kind, values in {**of_app, "template contexts": app.built.template_context}.items():
        for given in values:
            add(given.by, kind, given.value.name)
    for given in app.encoders.given:
        add(given.by, "encoders", given.value.type.__qualname__)
    for given in app.media_types.given:
        add(given.by, "media types", given.value.name)
    return found


def why_state(name: str, records: Iterable[Any], of_app: bool) -> Tuple[Any, str]:
    """Return why a plugin is active, off, failed or not loaded.

    Args:
        name: The plugin's name.
        records: The kernel's records.
        of_app: Whether these are an app's, instead of all that is installed.

    Returns:
        Its record, None if it was not loaded; and the reason, in words.

    Raises:
        CliError: No plugin of that name is installed.
    """
    from fenrir_core._compat import entry_points
    from fenrir_core.plugins.manager import PARADIGMS, PLUGINS

    known = {record.name: record for record in records}
    record = known.get(name)
    if record is not None:
        return record, _reason(record, of_app)
    installed = {point.name: group for group in (PARADIGMS, PLUGINS) for point in entry_points(group)}
    if name not in installed:
        names = sorted({*known, *installed})
        from fenrir_core.authoring import did_you_mean

        hint = did_you_mean(name, names, f"There are: {', '.join(names)}.", most=2)
        raise CliError(f"There is no plugin {name!r}. {hint}")
    if installed[name] == PARADIGMS:
        return None, "It is installed, but the app is written in other paradigms, so it was not even imported."
    return (
        None,
        "It is installed, but plugins are loaded by name only: FENRIR_PLUGINS=none, or the app's autoload=False.",
    )


def _reason(record: Any, of_app: bool) -> str:
    if record.state == "failed":
        return str(record.error)
    if record.state == "off":
        return f"FENRIR_PLUGINS has -{record.name}, or the app leaves it out: off=[{record.name!r}]."
    if record.group == "explicit":
        return "The app names it."
    group = f"the entry point {record.name} in the group {record.group}"
    return f"It is installed ({group}), and the app does not leave it out." if of_app else f"It is installed: {group}."


class Stopwatch:
    """A timer for the hooks of an app that is not built yet."""

    def __init__(self, app: Any) -> None:
        self._spent: Dict[Tuple[str, str], List[float]] = {}
        manager = app.plugins.manager
        for name, plugin in manager.list_name_plugin():
            for caller in manager.get_hookcallers(plugin) or ():
                for impl in caller.get_hookimpls():
                    if impl.plugin_name == name:
                        impl.function = self._timed(impl.function, name, caller.name)

    def _timed(self, function: Any, plugin: str, hook: str) -> Any:
        def timed(*arguments: Any) -> Any:
            began = time.perf_counter()
            try:
                answer = function(*arguments)
                # a generator does its work when it is consumed
                return list(answer) if inspect.isgenerator(answer) else answer
            finally:
                self._spent.setdefault((plugin, hook), []).append(time.perf_counter() - began)

        return timed

    def times(self) -> List[HookTime]:
        """Return the measured times, the longest first."""
        found = [HookTime(*key, len(spent), sum(spent) * 1000) for key, spent in self._spent.items()]
        return sorted(found, key=lambda item: -item.milliseconds)
