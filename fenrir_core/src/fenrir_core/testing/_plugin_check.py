"""Checks of a plugin that need no knowledge of its purpose."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import io
import json
import os
import subprocess
import sys
import warnings
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple, Type, cast

from .._compat import entry_points
from .._types import Namespace, T
from ..exceptions import BuildError, StartupFailed
from ..exports import EXPORTS, export_problem, import_path
from ..http.websocket import WebSocket
from ..hybrid import Fenrir
from ..plugins.manager import PARADIGMS, PLUGINS
from ..plugins.types import EMPTY, Param, PathValue, PluginInfo, Route
from ._apps import make_app, poison
from ._client import Client
from ._import_probe import NOT_THERE
from ._talk import Refused

#: The environment variables of the process in which a plugin is imported: those of Python and of the system.
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "VIRTUAL_ENV")
_CONTAINERS = (list, dict, set, bytearray, deque)
_PLAIN = (int, float, complex, bool, str, bytes, tuple, frozenset)
#: The maximum time of a plugin's import in seconds.
_IMPORT_SECONDS = 60


def check_plugin(
    plugin: Any,
    *,
    settings: Optional[Namespace] = None,
    serve: bool = False,
    spares: Optional[Namespace] = None,
) -> None:
    """Check that a plugin follows the rules, as far as this is possible without knowing its purpose.

    It is imported in a process of its own and registered, and two apps with an HTTP and a
    WebSocket route are built with it, so that every hook is called that such an app calls. The names that
    its distribution adds to the façade are looked up.

    Args:
        plugin: A module, its import path, or an object with hookimpls (whose import is not
            checked).
        settings: Settings of the app that the plugin needs.
        serve: Whether the app is also started, sent requests, and stopped; the services that the
            plugin connects to must be available then.
        spares: Options of a route that the plugin must not change, such as ``{"timing": False}``;
            ``{}`` for a plugin that changes no route by default.

    Raises:
        BuildError: The kernel refuses it: an unknown hook, a wrong result, an awaitable …
        AssertionError: It breaks another rule, or several; the message says of each what to do instead.
    """
    faults = _Faults()
    if isinstance(plugin, str):
        with faults:
            _check_import(plugin.partition(":")[0])
        faults.stop()  # what can't be imported alone is not imported here
        plugin = import_path(plugin)
    elif isinstance(plugin, ModuleType) and plugin.__spec__ is not None:
        with faults:
            _check_import(plugin.__name__)
    faults.found.extend(_export_faults(plugin))
    with faults:
        _check_info(plugin)
        _check_apps(plugin, dict(settings or {}), serve, spares, faults)
    faults.stop()


class _Faults:
    """The faults of a plugin: each `with` block may add one."""

    def __init__(self) -> None:
        self.found: List[str] = []

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> bool:
        """Keep a fault; what the kernel refuses is raised as it is if it is the only one."""
        if isinstance(error, AssertionError) or (isinstance(error, BuildError) and self.found):
            self.found.append(str(error))
            return True
        return False

    def stop(self) -> None:
        """Raise one error with all faults if there are any."""
        if len(self.found) > 1:
            raise AssertionError("\n- ".join([f"The plugin has {len(self.found)} faults:", *self.found]))
        if self.found:
            raise AssertionError(self.found[0])


def _check_apps(
    plugin: Any, options: Dict[str, Any], serve: bool, spares: Optional[Namespace], faults: _Faults
) -> None:
    """Build apps with it and without it; each check that fails is a fault of its own."""
    bare, state = _app([], {}, {}), _state_of(plugin)
    with faults:
        app = _built([plugin], options)
        assert app.plugins.records[-1].hooks, "It implements no hook. Mark its functions with @hookimpl."
        _check_claims(app)
        _check_media_types(app)
        _check_resolver(app)
        _built([plugin], options)
        if serve:
            with ThreadPoolExecutor(1) as pool:  # the caller may have a running event loop
                pool.submit(asyncio.run, _serve(_app([plugin], options, {}))).result()
        if spares is not None:
            _check_spared(bare, _app([plugin], options, spares))
    with faults:
        _check_state(state, _state_of(plugin))
    assert _sources(bare) == _sources(_app([], {}, {})), (
        "An app that is built without it differs from before: it changed something that all apps share."
    )


def _export_faults(plugin: Any) -> Iterator[str]:
    """Say what is wrong with the names that the plugin's distribution adds to the façade."""
    own = getattr(plugin, "__name__", "")
    plugins = entry_points(PARADIGMS, PLUGINS)
    owners = {point.distribution for point in plugins if point.value.partition(":")[0] == own}
    points = entry_points(EXPORTS)
    for point in points:
        problem = export_problem(point, points) if point.distribution in owners else None
        if problem is not None:
            yield f'The entry point {point.name} = "{point.value}" of the group {EXPORTS} gives nothing: {problem}'


def _check_import(module: str) -> None:
    """Import the module in a new process, without the environment variables of an app."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith(("PYTHON", "LC_"))}
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("_import_probe.py"))],
        input=json.dumps({"module": module, "path": [os.path.abspath(item) for item in sys.path]}),
        env=kept,
        capture_output=True,
        encoding="utf-8",
        timeout=_IMPORT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"Importing {module} ended the process: {done.stderr.strip()[-500:]}"
    found: List[str] = json.loads(done.stdout.splitlines()[-1])
    assert found != [NOT_THERE], (
        f"Importing {module} {NOT_THERE}. Install the plugin where the tests run, and name its module as in an import."
    )
    assert not found, (
        f"Importing {module} {' and '.join(found)}. Every app that has the plugin installed imports it: leave that to "
        "a hook, a lifespan or a function; read environment variables with Setting(env=…)."
    )


def _check_info(plugin: Any) -> None:
    info = getattr(plugin, "fenrir_plugin", None)
    assert isinstance(info, PluginInfo), 'Say which plugin API it is written for: fenrir_plugin = PluginInfo(api="1").'
    for field in ("before", "after"):
        names = getattr(info, field)
        assert isinstance(names, tuple) and all(isinstance(name, str) for name in names), (
            f"PluginInfo({field}={names!r}) must be a tuple of names of plugins: {field}=({names!r},)."
        )


def _check_claims(app: Fenrir) -> None:
    """Offer the plugin an object that no plugin knows."""
    if "fenrir_collect_routes" in app.plugins.records[-1].hooks:
        view = app.built.build
        answer = app.plugins.ask_first("fenrir_collect_routes", source=object(), prefix="/check", build=view)
        assert answer is None, (
            "Its fenrir_collect_routes accepts objects of other plugins too. Return None for what is not yours."
        )


def _check_media_types(app: Fenrir) -> None:
    """Have its media types written and read: a value, and a body that is none of theirs."""
    for name, media_type in app.media_types.by_name.items():
        body = media_type.dumps({"check": 1})
        assert isinstance(body, bytes), (
            f"`dumps` of its media type {name} returned {type(body).__name__}. It must return bytes."
        )
        value = media_type.loads(body)
        assert value == {"check": 1}, (
            f"Its media type {name} read {value!r} from what it wrote for {{'check': 1}}: clients would read that, too."
        )
        try:
            media_type.loads(b"\xc1\xff\x00malformed")
        except ValueError:
            pass
        except Exception as error:
            raise AssertionError(
                f"`loads` of its media type {name} raised {type(error).__name__} for a malformed body, which would be "
                "answered as an error of the server (500). Raise ValueError: that is a 400."
            ) from error


def _check_resolver(app: Fenrir) -> None:
    """Offer the plugin a path value without annotation, which is its own in no app."""
    if "fenrir_make_resolver" in app.plugins.records[-1].hooks:
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        param = Param("check", EMPTY, EMPTY, kind, 0, _check_resolver, in_path=True)
        route, view = Route("/check/{check}", _check_resolver), app.built.build
        answer = app.plugins.ask_first("fenrir_make_resolver", param=param, route=route, build=view)
        assert answer is None or isinstance(answer.value, PathValue), (
            "Its fenrir_make_resolver fills parameters that are not its own, values of the path too. Return None for "
            "them: decide by `param.annotation`, or by `param.default`."
        )


def _check_state(before: Namespace, after: Namespace) -> None:
    changed = sorted(name for name, value in after.items() if name in before and value != before[name])
    assert not changed, (
        f"{', '.join(changed)} changed while apps were built: all apps of a process would share it. "
        "Keep it in app.store(MyState), which is one app's own."
    )


def _check_spared(bare: Fenrir, app: Fenrir) -> None:
    for path, source in _sources(bare).items():
        theirs = _sources(app)[path]
        assert source == theirs, (
            f"The route {path}, which it must not change, was compiled with steps of it:\n{theirs}\n"
            "Return nothing for such a route in fenrir_route_hooks, fenrir_dependencies and fenrir_make_return_handler."
        )


def _built(plugins: Sequence[object], settings: Namespace) -> Fenrir:
    """Build an app and check that nothing is printed."""
    printed = io.StringIO()
    # warnings are not output: they are issued again afterwards
    with warnings.catch_warnings(record=True) as warned:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            app = _app(plugins, settings, {})
    for item in warned:
        warnings.warn_explicit(item.message, item.category, item.filename, item.lineno, source=item.source)
    assert not printed.getvalue(), (
        f"It printed {printed.getvalue()[:200]!r} while an app was built. Use the logger of its package instead."
    )
    return app


def _app(plugins: Sequence[object], settings: Namespace, route_options: Namespace) -> Fenrir:
    app = make_app(plugins, **settings)

    @app.get("/check/{name}", **route_options)
    async def endpoint(name: str) -> str:
        return name

    @app.websocket("/check")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()

    app.build()
    return app


def _sources(app: Fenrir) -> Dict[str, str]:
    """Return the compiled source of the routes that `_app` registers."""
    return {
        str(target.route): target.source for target in app.compiled_routes if target.route.path.startswith("/check")
    }


async def _serve(app: Fenrir) -> None:
    """Send an app requests of every kind: no hook may be called, and nothing may fail."""
    poison(app)
    try:
        async with Client(app) as client:
            for method, path in (("GET", "/check/x"), ("HEAD", "/check/x"), ("PUT", "/check/x"), ("GET", "/nowhere")):
                answer = await client.request(method, path)
                assert answer.status < 500, f"The status of {method} {path} was {answer.status}: {answer.text}"
            try:
                async with client.websocket("/check"):
                    pass
            except Refused as refused:
                assert refused.answer.status < 500, f"A WebSocket was refused with {refused.answer.status}."
    except StartupFailed as error:
        raise AssertionError(f"The app did not start with it: {error}") from error


def _state_of(plugin: Any) -> Dict[str, object]:
    """Copy the containers and plain values of a plugin's modules and their classes, or of an object and its class."""
    found: Dict[str, object] = {}
    if not isinstance(plugin, ModuleType):
        name = type(plugin).__name__
        for holder in (type(plugin), plugin):
            found.update((place, _copy(value)) for place, value in _kept(name, getattr(holder, "__dict__", {})))
        return found
    package = plugin.__name__.partition(".")[0]
    for name, module in list(sys.modules.items()):
        if module is not None and name.partition(".")[0] == package:
            for place, value in _members(name, module):
                found[place] = _copy(value)
    return found


def _copy(value: T) -> T:
    return cast(Callable[[T], T], type(value))(value) if type(value) in _CONTAINERS else value


def _kept(name: str, members: Namespace) -> List[Tuple[str, object]]:
    return [
        (f"{name}.{key}", value)
        for key, value in list(members.items())
        if not key.startswith("__") and type(value) in _CONTAINERS + _PLAIN
    ]


def _members(name: str, module: ModuleType) -> List[Tuple[str, object]]:
    found = _kept(name, vars(module))
    for key, value in vars(module).items():
        if isinstance(value, type) and value.__module__ == name:
            found += _kept(f"{name}.{key}", vars(value))
    return found
