"""What can be told of plugins: what each one gave to an app, and how long its hooks took."""

from __future__ import annotations

import inspect
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, Dict, List, Tuple


@dataclass(frozen=True)
class HookTime:
    """Be how often a plugin's hook was called while an app was built, and for how long in all."""

    plugin: str
    hook: str
    calls: int
    milliseconds: float


def contributions(app: Any) -> Dict[str, Dict[str, int]]:
    """Count what each plugin gave to a built Fenrir app, by kind."""
    found: Dict[str, Counter[str]] = {}

    def add(plugin: str, kind: str) -> None:
        found.setdefault(plugin, Counter())[kind] += 1

    for given in app.settings.declared.values():
        add(given.by.plugin, "settings")
    for target in app.built.targets:
        add(target.route.provided_by.plugin, "routes")
        add(target.plan.responder_by.plugin, "responders")
        for given in target.plan.wrappers:
            add(given.by.plugin, "wrappers")
        for node in target.plan.root.walk():
            for item in node.inputs:
                add(item.by.plugin, "parameters")
    for mount in app.built.mounts:
        add(mount.provided_by.plugin, "mounts")
    for kind, values in (("middleware", app.built.middleware), ("lifespans", app.built.lifespans)):
        for given in values:
            add(given.by.plugin, kind)
    return {plugin: dict(counts) for plugin, counts in found.items()}


class Stopwatch:
    """Time the hooks of an app that is not built yet."""

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
                # a generator does its work when it is read
                return list(answer) if inspect.isgenerator(answer) else answer
            finally:
                self._spent.setdefault((plugin, hook), []).append(time.perf_counter() - began)

        return timed

    def times(self) -> List[HookTime]:
        """Give what was measured, the longest first."""
        found = [HookTime(*key, len(spent), sum(spent) * 1000) for key, spent in self._spent.items()]
        return sorted(found, key=lambda item: -item.milliseconds)
