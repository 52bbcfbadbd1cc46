"""Plugins: discovery, order, checks, origin. One `Plugins` per app."""

from __future__ import annotations

import inspect
import logging
import os
import warnings
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Set, Tuple

import pluggy

from .._callsite import describe_error
from .._compat import InstalledEntryPoint, entry_points
from .._ordering import topological
from .._suggestions import did_you_mean
from .._validation import problem_of
from ..exceptions import BuildError, FenrirError
from ..exports import import_path, install_hint, is_missing
from . import hookspecs
from .hookspecs import API_VERSION, answer_kinds
from .types import Contribution, Origin, PluginInfo

PARADIGMS, PLUGINS = "fenrir.paradigms", "fenrir.plugins"
#: The groups of what `off` and `FENRIR_PLUGINS` may name; the last is the command line's.
GROUPS = (PARADIGMS, PLUGINS, "fenrir.cli")

#: The seconds after which a call of a hook is named in the log: many hooks are called for each route or parameter.
SLOW_HOOK = 1.0

logger = logging.getLogger("fenrir.plugins")


@dataclass
class PluginRecord:
    """What Fenrir knows about one plugin, for reports.

    Args:
        name: Its entry point's name, or the module's.
        group: ``fenrir.paradigms``, ``fenrir.plugins``, or ``explicit``.
        state: ``active``, ``off`` or ``failed``.
        error: Why it failed.
        hooks: The hooks that it implements.
    """

    name: str
    group: str
    distribution: str = ""
    version: str = ""
    entry_point: str = ""
    state: str = "active"
    error: Optional[str] = None
    hooks: Tuple[str, ...] = ()
    info: PluginInfo = PluginInfo()

    @property
    def is_paradigm(self) -> bool:
        """Whether this is one of the ways to write an app."""
        return self.group == PARADIGMS

    @property
    def origin(self) -> Origin:
        """The origin of what it contributes."""
        return Origin(self.name, self.distribution, self.version)


class Plugins:
    """The plugins of one app.

    Args:
        paradigms: Names of the paradigms to load, which must be installed; None for all
            installed ones. A pure app names one.
        plugins: Further plugins: modules or objects with hookimpls, names of installed
            ones, or import paths. A failure of one of these is an error.
        off: Names not to load, besides those that `FENRIR_PLUGINS` switches off.
        autoload: Whether installed plugins (group ``fenrir.plugins``) are loaded unasked.
        strict: Whether any failure is an error.

    `FENRIR_PLUGINS=none` loads no installed plugin unasked; ``-name,-name`` switches single
    ones off. It is read before anything is imported.

    Raises:
        BuildError: A named plugin can't be loaded; under `strict`, any.
    """

    def __init__(
        self,
        paradigms: Optional[Sequence[str]] = None,
        plugins: Sequence[Any] = (),
        off: Iterable[str] = (),
        autoload: bool = True,
        strict: bool = False,
    ) -> None:
        self.manager = pluggy.PluginManager("fenrir")
        self.manager.add_hookspecs(hookspecs)
        self.records: List[PluginRecord] = []
        self.strict = strict
        self._asked: Dict[Tuple[str, Optional[str]], List[Tuple[pluggy.HookImpl, str, Origin]]] = {}
        self._off, environment_autoload = _from_environment(off)
        self._autoload = autoload and environment_autoload
        self._load_installed(paradigms, plugins)
        for plugin in plugins:
            if not isinstance(plugin, str):
                name = getattr(plugin, "__name__", None) or type(plugin).__name__
                self._register(PluginRecord(name, "explicit"), plugin, named=True)
        self._check_off()
        self._sort()

    # ------------------------------------------------------------ loading

    def _load_installed(self, paradigms: Optional[Sequence[str]], plugins: Sequence[Any]) -> None:
        wanted = [plugin for plugin in plugins if isinstance(plugin, str)]
        installed: Dict[Tuple[str, str], List[InstalledEntryPoint]] = {}
        for group in (PARADIGMS, PLUGINS):
            for point in entry_points(group):
                installed.setdefault((group, point.name), []).append(point)
        for name in paradigms or ():
            if (PARADIGMS, name) not in installed:
                raise BuildError(f"The paradigm {name!r} is not installed. {install_hint(name)}")
        for (group, name), points in sorted(installed.items()):
            named = name in wanted or (group == PARADIGMS and name in (paradigms or ()))
            if not named and not (paradigms is None if group == PARADIGMS else self._autoload):
                continue
            self._load(group, name, points, named)
            if name in wanted:
                wanted.remove(name)
        for path in wanted:
            record = PluginRecord(path, "explicit", entry_point=path)
            try:
                module = import_path(path)
            except (Exception, SystemExit) as error:
                raise BuildError(_not_imported(path, error)) from error
            self._register(record, module, named=True)

    def _load(self, group: str, name: str, points: List[InstalledEntryPoint], named: bool) -> None:
        point = points[0]
        record = PluginRecord(name, group, point.distribution, point.version, point.value)
        if name in self._off and named and group == PARADIGMS:
            self._failed(record, "it is switched off, but the app is written in it.", named)
        if name in self._off:
            record.state = "off"
            self.records.append(record)
            return
        if len(points) > 1:
            both = " and ".join(f"{other.distribution} {other.version}" for other in points)
            self._failed(record, f"two distributions claim its name: {both}. Uninstall one of them.", named)
            return
        try:
            module = import_path(point.value)
        except (Exception, SystemExit) as error:  # a plugin may fail in any way; the app goes on
            self._failed(record, f"importing {point.value} failed: {describe_error(error)}", named, error)
            return
        self._register(record, module, named)

    def _register(self, record: PluginRecord, plugin: Any, named: bool) -> None:
        if any(self.manager.get_plugin(other.name) is plugin for other in self.records if other.state == "active"):
            return  # named again, or installed and named: it is one plugin
        info: Any = getattr(plugin, "fenrir_plugin", PluginInfo())
        record.info = info if isinstance(info, PluginInfo) else PluginInfo()
        problem = self._taken(record.name) or self._check(plugin, info)
        cause: Optional[BaseException] = None
        if problem is None:
            try:
                register(self.manager, plugin, record.origin)
            except (pluggy.PluginValidationError, ValueError) as error:
                problem, cause = _unknown_argument(plugin, self.manager) or str(error), error
                if self.manager.get_plugin(record.name) is plugin:  # COMPAT: pluggy 1.5 leaves it half registered
                    self.manager.unregister(plugin)
        if problem is not None:
            self._failed(record, problem, named, cause)
            return
        record.hooks = tuple(sorted(_implementations(plugin, self.manager)))
        self.records.append(record)

    def _check_off(self) -> None:
        known = {record.name for record in self.records}.union(point.name for point in entry_points(*GROUPS))
        for name in sorted(self._off - known):
            hint = did_you_mean(name, known, f"There are: {', '.join(sorted(known)) or 'none'}.")
            message = f"There is no plugin {name!r} to switch off (`off`, FENRIR_PLUGINS). {hint}"
            if self.strict:
                raise BuildError(message)
            logger.warning("%s", message)

    def _taken(self, name: str) -> Optional[str]:
        for other in self.records:
            if other.name == name and other.state == "active":
                return f"its name is taken by {other.origin}. Give one of them another name."
        return None

    def _check(self, plugin: Any, info: Any) -> Optional[str]:
        if inspect.isclass(plugin):
            return f"it is a class. Did you mean {plugin.__name__}()?"
        if not isinstance(info, PluginInfo):
            return f"its `fenrir_plugin` is {info!r}, not a PluginInfo: write PluginInfo(api={API_VERSION!r})."
        for field in ("before", "after"):
            names = getattr(info, field)
            if isinstance(names, str):
                return f"its PluginInfo has {field}={names!r}; write a tuple: {field}=({names!r},)."
        if info.api != API_VERSION:
            if str(info.api) == API_VERSION:
                return f"its PluginInfo has api={info.api!r}; write api={API_VERSION!r}, a text."
            return (
                f"it is written for plugin API {info.api}, this fenrir-core has API {API_VERSION}. "
                "Install versions that fit each other."
            )
        for name, options in _implementations(plugin, self.manager).items():
            if options.get("hookwrapper") or options.get("wrapper"):
                return f"its {name} is a hook wrapper, which API {API_VERSION} does not have: hooks run at build only."
            if options.get("tryfirst") or options.get("trylast"):
                return (
                    f"its {name} is marked as tryfirst or trylast, which API {API_VERSION} does not have: the order is "
                    "by plugins, write fenrir_plugin = PluginInfo(before=…, after=…)."
                )
            if not hasattr(hookspecs, name) and not options.get("optionalhook"):
                known = [hook for hook in vars(hookspecs) if hook.startswith("fenrir_")]
                return f"it implements {name}, which is no hook.{did_you_mean(name, known, lead=' ')}"
        for name in vars(hookspecs):
            is_hook = name.startswith("fenrir_") and inspect.isroutine(getattr(plugin, name, None))
            if is_hook and self.manager.parse_hookimpl_opts(plugin, name) is None:
                return f"its {name} has the name of a hook and is not marked as one: write @hookimpl above it."
        return None

    def _failed(self, record: PluginRecord, why: str, named: bool, cause: Optional[BaseException] = None) -> None:
        origin = f" (from {record.distribution} {record.version})" if record.distribution else ""
        message = f"The plugin {record.name!r}{origin} was not loaded: {why}"
        if named or self.strict:
            raise BuildError(message) from cause
        record.state, record.error = "failed", why
        self.records.append(record)
        logger.warning("%s", message)

    def _sort(self) -> None:
        """Order the active plugins by before/after, ties by name; a cycle is an error."""
        active = {record.name: record for record in self.records if record.state == "active"}
        follows: Dict[str, Set[str]] = {name: set() for name in sorted(active)}
        for name, record in active.items():
            follows[name].update(other for other in record.info.after if other in active)
            for other in record.info.before:
                if other in active:
                    follows[other].add(name)
        self.order = tuple(topological(follows, "plugins"))
        self._by_name = active

    # ------------------------------------------------------------ asking

    def order_for(self, paradigm: Optional[str]) -> List[str]:
        """List plugins as they are asked for a route: without paradigm, the route's own, the others."""
        plain = [name for name in self.order if not self._by_name[name].is_paradigm]
        others = [name for name in self.order if self._by_name[name].is_paradigm]
        own = [name for name in others if name == paradigm]
        return plain + own + [name for name in others if name != paradigm]

    def one_thread(self, name: str) -> Optional[bool]:
        """Return the `PluginInfo.one_thread` of a plugin; None for the app itself."""
        record = self._by_name.get(name)
        return None if record is None else record.info.one_thread

    def _in_order(self, hook: str, paradigm: Optional[str]) -> List[Tuple[pluggy.HookImpl, str, Origin]]:
        caller = getattr(self.manager.hook, hook)
        found = self._asked.get((hook, paradigm))  # many hooks are called for each route or parameter
        if found is None:
            implementations = {impl.plugin_name: impl for impl in caller.get_hookimpls()}
            names = [name for name in self.order_for(paradigm) if name in implementations]
            found = [(implementations[name], name, self._by_name[name].origin) for name in names]
            self._asked[hook, paradigm] = found
        return found

    def _answers(self, hook: str, paradigm: Optional[str], arguments: Dict[str, Any]) -> Iterator[Tuple[Any, Origin]]:
        for impl, name, by in self._in_order(hook, paradigm):
            answer = _guarded(hook, by, impl.function, *[arguments[argument] for argument in impl.argnames])
            if inspect.isawaitable(answer) or inspect.isasyncgen(answer):
                getattr(answer, "close", bool)()  # else Python warns that it was never awaited
                raise BuildError(
                    f"{hook} of the plugin {name!r} is asynchronous. Hooks are synchronous: return what is "
                    "asynchronous (a resolver, a lifespan) instead of awaiting in the hook."
                )
            if answer is not None:
                yield answer, by

    def ask_first(self, hook: str, paradigm: Optional[str] = None, **arguments: Any) -> Optional[Contribution[Any]]:
        """Return the first answer that is not None, with who gave it."""
        return next(self.ask_in_turn(hook, paradigm, **arguments), None)

    def ask_in_turn(self, hook: str, paradigm: Optional[str] = None, **arguments: Any) -> Iterator[Contribution[Any]]:
        """Iterate over the answers that are not None, with who gave them; a plugin is asked when it is its turn."""
        for answer, by in self._answers(hook, paradigm, arguments):
            yield Contribution(_checked(hook, answer, by), by)

    def is_paradigm(self, name: str) -> bool:
        """Return whether the plugin of this name is a paradigm."""
        return self._by_name[name].is_paradigm

    def ask_all(self, hook: str, paradigm: Optional[str] = None, **arguments: Any) -> List[Contribution[Any]]:
        """Return every value of every plugin, each with who gave it."""
        found: List[Contribution[Any]] = []
        for answer, by in self._answers(hook, paradigm, arguments):
            if answer_kinds(hook) == (type(None),):
                raise _wrong(hook, answer, by, "nothing: what it returns is not used")
            if isinstance(answer, (str, bytes)) or not isinstance(answer, Iterable):
                raise _wrong(hook, answer, by, "an iterable: a list, or `yield` in the hook")
            found.extend(Contribution(_checked(hook, value, by), by) for value in _guarded(hook, by, list, answer))
        return found


def register(manager: pluggy.PluginManager, plugin: Any, by: Origin) -> None:
    """Register a plugin; the warning of a deprecated hook or argument gets its name.

    A spec is marked by pluggy's `warn_on_impl` and `warn_on_impl_args`; the text of the mark
    names the hook, when it goes, and the remedy.

    Raises:
        pluggy.PluginValidationError: It takes arguments that a hook has not.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        manager.register(plugin, by.plugin)
    for item in caught:
        warnings.warn_explicit(f"The plugin {by}: {item.message}", item.category, item.filename, item.lineno)


def _from_environment(off: Iterable[str]) -> Tuple[Set[str], bool]:
    names, autoload = set(off), True
    for word in os.environ.get("FENRIR_PLUGINS", "").split(","):
        word = word.strip()
        if word == "none":
            autoload = False
        elif word.startswith("-"):
            names.add(word[1:])
        elif word:
            raise BuildError(f"FENRIR_PLUGINS has {word!r}: write `none`, or names to switch off as `-name,-name`.")
    return names, autoload


def _implementations(plugin: Any, manager: pluggy.PluginManager) -> Dict[str, Dict[str, Any]]:
    found = {}
    for name in dir(plugin):
        options = manager.parse_hookimpl_opts(plugin, name)
        if options is not None:
            found[options.get("specname") or name] = dict(options)
    return found


def _unknown_argument(plugin: Any, manager: pluggy.PluginManager) -> Optional[str]:
    """Return which argument of a plugin's hook the spec lacks, or None."""
    for name in _implementations(plugin, manager):
        spec, function = getattr(hookspecs, name, None), getattr(plugin, name, None)
        if not callable(spec) or not callable(function):
            continue
        known = inspect.signature(spec).parameters
        for argument in inspect.signature(function).parameters.values():
            if argument.name not in known and argument.default is argument.empty:
                hint = did_you_mean(argument.name, known, f"It has: {', '.join(known) or 'none'}.")
                return f"its {name} has the argument {argument.name!r}, which the hook has not. {hint}"
    return None


def _not_imported(path: str, error: BaseException) -> str:
    if is_missing(path.partition(":")[0], error):
        return f"The plugin {path!r} is neither installed under that name nor importable: {error}"
    return f"The plugin {path!r} was not loaded: importing {path} failed: {describe_error(error)}"


def _guarded(hook: str, by: Origin, function: Any, *args: Any) -> Any:
    began = perf_counter()
    try:
        return function(*args)
    except FenrirError:
        raise
    except (Exception, SystemExit) as error:
        raise BuildError(f"{hook} of the plugin {by} failed: {describe_error(error)}") from error
    finally:
        spent = perf_counter() - began
        if spent > SLOW_HOOK:
            logger.warning("%s of the plugin %s took %.1f s, for which the start of the app waits.", hook, by, spent)


def _checked(hook: str, value: Any, by: Origin) -> Any:
    kinds = answer_kinds(hook)
    if not isinstance(value, kinds):
        raise _wrong(hook, value, by, " or ".join(kind.__name__ for kind in kinds))
    problem = problem_of(value)
    if problem is not None:
        raise BuildError(f"{hook} of the plugin {by} gave {problem}.")
    return value


def _wrong(hook: str, value: Any, by: Origin, wanted: str) -> BuildError:
    text = repr(value)
    shown = text if len(text) <= 120 else text[:120] + "…"
    return BuildError(f"{hook} of the plugin {by} gave {shown}; it must give {wanted}.")
