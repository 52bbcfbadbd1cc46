"""The routes of an application of the class `Flask`: those of its `url_map`, or one for its own methods."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any, Iterator, List, Optional, Set, Tuple, Union

from werkzeug.routing import Rule

from fenrir_core import App, Build, Mount, Route
from fenrir_core.authoring import unwrap_callable

from .._types import Function, Passed, ReturnValue, SomeApp
from ..dispatching import dispatch_of
from ..observing import PARAMETER
from ..state import group_of
from ..views import methods_of_rule, steps_of
from .routes import with_defaults
from .static import file_server


def routes_of(build: Build) -> Iterator[Union[Route, Mount]]:
    """Return the routes of the rules, in their order; of two for one path and method the first."""
    app: SomeApp = build.app
    if app.walk is not None:
        from ..bridge import Classic

        yield Mount("", Classic(app), "wsgi_app", app.walk)
        return
    taken: Set[Tuple[str, str]] = set()
    for rule in app.url_map._rules if hasattr(app.url_map, "_rules") else app.url_map.iter_rules():
        if rule.build_only:
            continue
        shape = PARAMETER.sub(lambda found: f"<{found.group(1) or 'string'}>", rule.rule)
        methods = methods_of_rule(rule)
        free = [method for method in methods if (shape, method) not in taken]
        taken.update((shape, method) for method in free)
        if free:
            yield from _routes(app, rule, free)


def _routes(app: SomeApp, rule: Rule, methods: List[str]) -> Iterator[Route]:
    options = dict(getattr(rule, "route_options", {}))
    strict = app.url_map.strict_slashes if rule.strict_slashes is None else rule.strict_slashes
    options["strict_slashes"] = ("redirect" if rule.rule.endswith("/") else "strict") if strict else "accept"
    options["url_rule"] = rule
    view = app.view_functions.get(rule.endpoint)
    if view is None:
        view = _missing(rule.endpoint)
    owner = _static_owner(app, view)
    if owner is not None and owner.static_folder is not None:
        view = file_server(owner.static_folder)
    for step, verbs in _by_method(view, methods):
        made = as_view(app, step, rule)
        route = App.make_route(rule.rule, made, verbs, name=rule.endpoint, paradigm="flask", **options)
        yield replace(route, group=group_of(rule.endpoint), positional=0)


def _missing(endpoint: str) -> Function:
    def view(**values: object) -> object:
        raise KeyError(endpoint)

    return view


def _static_owner(app: SomeApp, view: Function) -> Optional[SomeApp]:
    """Return the app or blueprint whose static files a view serves, if they can be served without its methods."""
    of, find = getattr(view, "static_of", (None, None))
    if of is not view or find is None:  # a decorator around it copies its attributes
        return None
    owner = find()
    kind = type(owner)
    plain = all(
        name not in vars(owner) and getattr(kind, name).__module__.startswith("fenrir_flask.")
        for name in ("send_static_file", "get_send_file_max_age")
    )
    config = app.config
    return owner if plain and config["SEND_FILE_MAX_AGE_DEFAULT"] is None and not config["USE_X_SENDFILE"] else None


def _by_method(view: Function, methods: List[str]) -> Iterator[Tuple[Function, List[str]]]:
    """Return the functions that serve the methods: of a `MethodView` one for each."""
    steps = steps_of(view)
    for method in methods:
        if method in steps:
            yield steps[method], [method]
    others = [method for method in methods if method not in steps]
    if others:
        yield view, others


def as_view(app: SomeApp, view: Function, rule: Rule) -> Any:
    """Return a view as the kernel calls it: with the values of the path by name, and what it explicitly asks for."""
    defaults = dict(rule.defaults or {})
    dispatch = dispatch_of(app, view, defaults, {*rule._converters, *defaults})
    if dispatch is not None:
        return dispatch
    names = set(rule._converters) - set(defaults)
    try:
        own = inspect.signature(unwrap_callable(view), follow_wrapped=False)
    except (TypeError, ValueError):
        return view
    if defaults:
        view = with_defaults(view, defaults)
    return _loosely(view, own, names, set(defaults))


def _loosely(view: Function, own: inspect.Signature, names: Set[str], defaults: Set[str]) -> Any:
    """Return a view that takes what Flask passes, whatever its signature says: what is wrong is a request's error."""
    required = {
        item.name
        for item in own.parameters.values()
        if item.default is item.empty
        and item.annotation is item.empty
        and item.kind in (item.POSITIONAL_OR_KEYWORD, item.KEYWORD_ONLY, item.POSITIONAL_ONLY)
    }
    if required <= names | defaults:
        return view

    def call(**values: Passed) -> ReturnValue:
        value: ReturnValue = view(**values)
        return value

    async def call_async(**values: Passed) -> ReturnValue:
        value: ReturnValue = await view(**values)
        return value

    made: Any = call_async if inspect.iscoroutinefunction(unwrap_callable(view)) else call
    made.__name__, made.__qualname__ = getattr(view, "__name__", "view"), getattr(view, "__qualname__", "view")
    made.__module__ = getattr(view, "__module__", __name__)
    return made
