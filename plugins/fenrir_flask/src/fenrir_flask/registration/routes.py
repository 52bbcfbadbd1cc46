"""Registration of routes."""

from __future__ import annotations

import functools
import inspect
from dataclasses import replace
from typing import Any, Callable, Iterator, Optional, Tuple

from fenrir_core import App, BuildError, Route
from fenrir_core.authoring import check_callable

from .._types import Function, Passed, ReturnValue, Values
from ..views import methods_of, steps_of


def add_url_rule(
    app: App,
    rule: str,
    endpoint: Optional[str] = None,
    view_func: Optional[Callable[..., Any]] = None,
    provide_automatic_options: Optional[bool] = None,
    **options: Any,
) -> None:
    """Register a view for a rule; Flask's rules apply to what it returns.

    Args:
        rule: A path template such as ``/users/<int:user_id>``. If it ends in "/", a request
            without the slash is redirected.
        endpoint: The name for `url_for`; the function's name by default.
        view_func: The view.
        provide_automatic_options: Accepted for compatibility; OPTIONS is handled unless the rule lists it.
        **options: `methods`, `defaults`, `strict_slashes` and route options.

    Raises:
        BuildError: There is no view.
    """
    del provide_automatic_options
    with app.registering(f"the rule {rule!r}", keeps_routes=True):
        for route in make_rules(app, rule, endpoint, view_func, options):
            app.register(route)


def make_rules(
    app: App,
    rule: str,
    endpoint: Optional[str],
    view_func: Optional[Function],
    options: Values,
    group: Tuple[str, ...] = (),
) -> Iterator[Route]:
    """Return the routes of a rule: one, or one for each method of a `MethodView`; see `add_url_rule`."""
    if view_func is None:
        raise BuildError(f"The rule {rule!r} has no view_func.")
    check_callable(view_func, f"rule {rule!r}")
    options = {key: value for key, value in options.items() if value is not None}
    for key in ("subdomain", "host", "redirect_to", "provide_automatic_options"):
        if options.pop(key, None) and key != "provide_automatic_options":
            raise BuildError(f"The rule {rule!r} has {key}, which a `Flask` has; this app does not.")
    name = endpoint or view_func.__name__
    required = [method.upper() for method in getattr(view_func, "required_methods", ())]
    methods = list(dict.fromkeys([*methods_of(view_func, options.pop("methods", None)), *required]))
    defaults = options.pop("defaults", None)
    strict = options.pop("strict_slashes", None)
    policy = "redirect" if rule.endswith("/") and strict is not False else "strict"
    options["strict_slashes"] = "accept" if strict is False else policy
    steps = steps_of(view_func)
    parts = [(steps[method], [method]) for method in methods if method in steps]
    others = [method for method in methods if method not in steps]
    if others:
        parts.append((view_func, others))
    for view, verbs in parts:
        view = with_defaults(view, defaults) if defaults else view
        route = app.make_route(rule, view, verbs, name=name, paradigm="flask", **options)
        yield replace(route, group=group, positional=0)


def with_defaults(view: Function, defaults: Values) -> Function:
    """Return a view that passes fixed values for parameters that are not in its path."""
    signature = inspect.signature(view, follow_wrapped=False)
    left = [item for name, item in signature.parameters.items() if name not in defaults]

    def call(*args: Passed, **kwargs: Passed) -> ReturnValue:
        value: ReturnValue = view(*args, **{**defaults, **kwargs})
        return value

    async def call_async(*args: Passed, **kwargs: Passed) -> ReturnValue:
        value: ReturnValue = await view(*args, **{**defaults, **kwargs})
        return value

    made = functools.wraps(view)(call_async if inspect.iscoroutinefunction(view) else call)
    keyword = [
        item.replace(kind=item.KEYWORD_ONLY) if item.kind is item.POSITIONAL_OR_KEYWORD else item for item in left
    ]
    made.__signature__ = signature.replace(parameters=keyword)  # type: ignore[attr-defined]
    return made
