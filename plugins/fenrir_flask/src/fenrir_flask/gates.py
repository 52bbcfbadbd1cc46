"""Guards that are set on views, for apps that are served by their own methods: those find the view in a thread."""

from __future__ import annotations

import asyncio
from typing import Any

from werkzeug.routing import Rule

import fenrir_core
from fenrir_core import Connection, Route
from fenrir_core.authoring import Gates

from ._types import SomeApp
from .async_views import CONNECTION, LOOP
from .request import Request
from .views import methods_of_rule, steps_of


def check_gates(app: SomeApp, request: Request, rule: Rule) -> None:
    """Run the guards of a rule's view, on the event loop of the server; nothing where there is none.

    Raises:
        HTTPError: The request is refused.
    """
    connection = request.environ.get(CONNECTION)
    gates: Gates = app.store(Gates)
    view: Any = app.view_functions.get(rule.endpoint)
    if not isinstance(connection, Connection) or view is None:
        return
    if request.method == "OPTIONS" and getattr(rule, "provide_automatic_options", False):
        return  # the app answers it
    steps = steps_of(view)
    step = steps.get(request.method) or (steps.get("GET") if request.method == "HEAD" else None)
    key = (rule.rule, rule.endpoint, step)

    def make_route() -> Route:
        methods = [request.method] if step is not None else methods_of_rule(rule)
        options = getattr(rule, "route_options", {})
        return fenrir_core.App.make_route(
            rule.rule, step or view, methods, name=rule.endpoint, paradigm="flask", **options
        )

    if not gates.are_open(key):  # PERF: a hop to the event loop
        checking = gates.check(connection, key, make_route)
        asyncio.run_coroutine_threadsafe(checking, request.environ[LOOP]).result()
