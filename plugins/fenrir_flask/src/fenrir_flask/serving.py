"""How requests are served that a server of ASGI hands over: by compiled routes, or by the app's own methods."""

from __future__ import annotations

from typing import Iterable, List, Optional

from werkzeug.routing import Map, Rule

from fenrir_core.authoring import GUARDED

from ._types import SomeApp
from .signals import (
    appcontext_popped,
    appcontext_pushed,
    appcontext_tearing_down,
    got_request_exception,
    request_finished,
    request_started,
    request_tearing_down,
)
from .url_converters import PlainFloatConverter
from .views import steps_of

#: The methods of `Flask` that subclasses may override; compiled routes do what they do, and call none of them.
STEPS = (
    "wsgi_app",
    "full_dispatch_request",
    "preprocess_request",
    "dispatch_request",
    "finalize_request",
    "process_response",
    "do_teardown_request",
    "do_teardown_appcontext",
    "make_default_options_response",
    "raise_routing_exception",
    "handle_http_exception",
    "handle_user_exception",
    "handle_exception",
    "log_exception",
    "ensure_sync",
    "async_to_sync",
    "create_url_adapter",
    "request_context",
    "update_template_context",
    "should_ignore_error",
)
#: The key of environments of the app's test client, which may ask for the context that the app's own methods make.
TESTED = "fenrir_flask.tested"
#: The converters whose meaning the kernel's are of the same name have.
CONVERTERS = frozenset({"default", "string", "int", "float", "path", "uuid"})


class RequestSignals:
    """The signals of requests: an app that one has receivers for is served by the methods that send them.

    Attributes:
        connections: How often a receiver was connected.
    """

    signals = (
        request_started,
        request_finished,
        request_tearing_down,
        got_request_exception,
        appcontext_tearing_down,
        appcontext_pushed,
        appcontext_popped,
    )

    def __init__(self) -> None:
        self.connections = 0
        for signal in self.signals:
            signal.receiver_connected.connect(self._connected, weak=False)

    def _connected(self, signal: object, **details: object) -> None:
        self.connections += 1

    def have_receivers(self, app: SomeApp) -> bool:
        """Return whether one of them has a receiver for an app now."""
        return any(True for signal in self.signals for _ in signal.receivers_for(app))


request_signals = RequestSignals()


def overridden(app: SomeApp) -> List[str]:
    """Return the names of the steps that a subclass, or the app itself, has of its own."""
    kind = type(app)
    own = next(item for item in kind.__mro__ if item.__module__.startswith(f"{__package__}."))
    return [name for name in STEPS if name in vars(app) or getattr(kind, name) is not getattr(own, name)]


def reason(app: SomeApp) -> Optional[str]:
    """Return why an app is served by its own methods; None if it is served by compiled routes."""
    names = overridden(app)
    if names:
        return f"{type(app).__name__} overrides {', '.join(names)}"
    if request_signals.have_receivers(app):
        return "signals of requests have receivers"
    if app.config["TRUSTED_HOSTS"]:
        return "TRUSTED_HOSTS is set"
    return _unusual(app.url_map, app.subdomain_matching, bool(app.config["PROVIDE_AUTOMATIC_OPTIONS"]))


def is_guarded(app: SomeApp) -> bool:
    """Return whether other plugins do something for the app's requests: by a setting, a mark or a route option."""
    for item in app.plugins.ask_all("fenrir_settings"):
        if item.by.plugin != "flask" and app.settings[item.value.name] != item.value.default:
            return True
    if any(getattr(rule, "route_options", None) for rule in app.url_map.iter_rules()):
        return True
    steps = (step for view in app.view_functions.values() for step in (view, *steps_of(view).values()))
    return any(getattr(step, GUARDED, False) for step in steps)


def has_hooks(app: SomeApp) -> bool:
    """Return whether functions of the app are called around requests that no rule matches."""
    scoped = (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs)
    return bool(app.teardown_appcontext_funcs) or any(functions.get(None) for functions in scoped)


def _unusual(url_map: Map, subdomains: bool, options: bool) -> Optional[str]:
    if url_map.host_matching:
        return "rules have hosts"
    rules = list(url_map.iter_rules())
    for rule in rules:
        if rule.redirect_to is not None or rule.alias or rule.websocket or (subdomains and rule.subdomain):
            return f"the rule {rule.rule!r} has options of Werkzeug"
        if "OPTIONS" not in (rule.methods or ("OPTIONS",)) and options:
            return f"the rule {rule.rule!r} does not answer OPTIONS"
        converters = {_name_of(url_map, converter) for converter in rule._converters.values()}
        if not converters <= CONVERTERS or "(" in rule.rule:
            return f"the rule {rule.rule!r} has a converter of its own"
        if rule.defaults and _is_redirected(rule, rules):
            return f"the rule {rule.rule!r} has defaults that another rule redirects to"
    return None


def _name_of(url_map: Map, converter: object) -> Optional[str]:
    kind = type(converter)
    if kind is PlainFloatConverter:
        return "float"
    return next((name for name, item in Map.default_converters.items() if item is kind), None)


def _is_redirected(rule: Rule, rules: Iterable[Rule]) -> bool:
    """Return whether other rules of an endpoint take a value that a rule has as default."""
    return any(
        other is not rule and other.endpoint == rule.endpoint and set(rule.defaults or ()) & set(other._converters)
        for other in rules
    )
