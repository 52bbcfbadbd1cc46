"""What observers are told of requests that are served by the methods of an app, not by compiled routes."""

from __future__ import annotations

import re
from types import SimpleNamespace

from werkzeug.routing import Rule

from fenrir_core import Route
from fenrir_core.authoring import record

from ._types import SomeApp, Values

#: A parameter in a rule: its converter with arguments, and its name.
PARAMETER = re.compile(r"<(?:([a-zA-Z_][a-zA-Z0-9_]*)(?:\(.*?\))?:)?([a-zA-Z_][a-zA-Z0-9_]*)>")


def record_match(app: SomeApp, environ: Values, rule: Rule) -> None:
    """Tell observers which rule a request matched."""
    scope = environ.get("asgi.scope")
    if scope is None:
        return
    matched = vars(rule).get("fenrir_matched")
    if matched is None:
        view = app.view_functions.get(rule.endpoint, app)
        route = Route(rule.rule, view, tuple(sorted(rule.methods or ())), rule.endpoint, paradigm="flask")
        template = SimpleNamespace(openapi=PARAMETER.sub(r"{\2}", rule.rule))
        matched = vars(rule)["fenrir_matched"] = SimpleNamespace(route=route, template=template, app=app)
    record(scope, matched)


def record_error(environ: Values, error: BaseException) -> None:
    """Tell observers of an error that is about to be handled."""
    scope = environ.get("asgi.scope")
    if scope is not None:
        record(scope, error)
