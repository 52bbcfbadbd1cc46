"""Registration: the methods that apps and blueprints share, and those that the hybrid app gets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, List, Mapping, Optional, Tuple, Union

from fenrir_core import App, AppMethod, AppProperty

from . import hooks, listeners, tasks
from .hosts import place
from .middleware import Middleware
from .patterns import with_annotated_types
from .state import State
from .values import AnyCallable

Version = Union[int, float, str, None]


@dataclass(frozen=True)
class Registration:
    """A route before its blueprint and app are known.

    Args:
        uri: The template, with "/" in front.
        handler: What is called.
        methods: HTTP methods in upper case.
        name: The route's name, without the blueprint's and the app's.
        version: What follows `version_prefix` in front of the path.
        version_prefix: ``/v`` by default.
        strict_slashes: Whether ``/x/`` is another path than ``/x``; None for the blueprint's or app's rule.
        options: Route options by name.
    """

    uri: str
    handler: AnyCallable
    methods: Tuple[str, ...]
    name: str
    version: Version = None
    version_prefix: Optional[str] = None
    strict_slashes: Optional[bool] = None
    options: Mapping[str, Any] = field(default_factory=dict)


def versioned(uri: str, version: Version, prefix: Optional[str]) -> str:
    """Return a path with the version in front: ``/v1/items``."""
    if version is None:
        return uri
    return f"/{(prefix or '/v').strip('/')}{str(version).lstrip('v')}{uri}"


def add_route(app: App, item: Registration, group: Tuple[str, ...] = ()) -> None:
    """Register a route with an app, as a route of this paradigm.

    Args:
        app: The app.
        item: The route, with all its prefixes.
        group: The name of its blueprint.
    """
    options = dict(item.options)
    overwrite = options.pop("overwrite", False)
    hosts = options.pop("hosts", ())
    if item.strict_slashes is not None:
        options["strict_slashes"] = item.strict_slashes
    options["ctx"] = SimpleNamespace(**options.get("ctx", {}))  # the route's own: others write to it
    path = versioned(item.uri, item.version, item.version_prefix) or "/"
    if item.methods != ("WEBSOCKET",):
        path = with_annotated_types(path, item.handler)
    route = app.make_route(path, item.handler, item.methods, name=item.name, paradigm="sanic", **options)
    place(app, replace(route, group=group, positional=2 if route.is_websocket else 1), hosts, overwrite)


# ------------------------------------------------------------ blueprints


@dataclass(frozen=True)
class Nesting:
    """What surrounds a blueprint: the options of its groups and of the call of `app.blueprint`.

    Args:
        url_prefix: In front of every path.
        version, strict_slashes, version_prefix: For routes and blueprints that have none of their own.
        name_prefix: In front of the blueprint's name.
        forced: Version, rule of slashes and prefix of the call of `app.blueprint`, which precede the blueprint's own.
        middleware: That of the groups, outermost first.
        exceptions: ``(handler, exception classes)`` of the groups, innermost first.
    """

    url_prefix: str = ""
    version: Version = None
    strict_slashes: Optional[bool] = None
    version_prefix: Optional[str] = None
    name_prefix: str = ""
    forced: Tuple[Version, Optional[bool], Optional[str]] = (None, None, None)
    middleware: Tuple[Middleware, ...] = ()
    exceptions: Tuple[Tuple[AnyCallable, List[Any]], ...] = ()


def blueprint(
    app: App,
    blueprint: Any,
    *,
    url_prefix: Optional[str] = None,
    version: Version = None,
    strict_slashes: Optional[bool] = None,
    version_prefix: Optional[str] = None,
    name_prefix: Optional[str] = None,
) -> None:
    """Register a blueprint, a group or a list of them with an app.

    Args:
        app: The app.
        blueprint: What to register; each blueprint once per app.
        url_prefix: In front of every path; replaces a blueprint's own prefix.
        version, strict_slashes, version_prefix: For blueprints that have none of their own.
        name_prefix: In front of the names.

    Raises:
        AssertionError: A blueprint's name is taken.
    """
    known = app.store(State).blueprints
    nesting = Nesting("", None, None, None, name_prefix or "", (version, strict_slashes, version_prefix))
    items = blueprint if isinstance(blueprint, (list, tuple)) else [blueprint]
    new = [member for item in items for member in item.members() if member not in known.values()]
    try:
        with app.registering("the blueprint", keeps_arguments=True):
            for item in items:
                for member in item.members():
                    name = f"{nesting.name_prefix}_{member.name}" if nesting.name_prefix else member.name
                    if known.get(name, member) is not member:
                        taken = f'A blueprint with the name "{name}" is already registered.'
                        raise AssertionError(f"{taken}  Blueprint names must be unique.")
                    known[name] = member
                item.register(app, nesting, url_prefix)
    except BaseException:
        for member in new:
            member.forget(app)
        raise


# ------------------------------------------------------------ the hybrid app


def app_methods() -> List[Union[AppMethod, AppProperty]]:
    """Return what the hybrid app gets: listeners, middleware, blueprints and tasks."""
    return [
        AppMethod("listener", listeners.listener),
        AppMethod("register_listener", listeners.register_listener),
        AppMethod("middleware", hooks.middleware, hooks.is_middleware),
        AppMethod("register_middleware", hooks.register_middleware),
        AppMethod("on_request", hooks.on_request),
        AppMethod("on_response", hooks.on_response),
        AppMethod("blueprint", blueprint),
        AppMethod("add_task", tasks.add_task),
        AppMethod("get_task", tasks.get_task),
        AppMethod("cancel_task", tasks.cancel_task),
        AppMethod("purge_tasks", tasks.purge_tasks),
        *(AppMethod(phase.__name__, phase) for phase in listeners.BY_PHASE),
        AppProperty("tasks", tasks.tasks_of),
    ]
