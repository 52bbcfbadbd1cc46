"""What the hybrid app gets from this paradigm."""

from __future__ import annotations

from typing import Any, Iterator

from fenrir_core import AppMethod, AppProperty

from . import setup
from .blueprints import register_blueprint
from .config import config_of
from .state import State
from .templating import environment_of

_FUNCTIONS = (
    setup.add_url_rule,
    setup.after_request,
    setup.before_request,
    setup.context_processor,
    setup.errorhandler,
    setup.exception,
    register_blueprint,
    setup.register_error_handler,
    setup.teardown_appcontext,
    setup.teardown_request,
    setup.template_filter,
    setup.template_global,
    setup.template_test,
)


def app_methods() -> Iterator[Any]:
    """Return the methods and properties."""
    for function in _FUNCTIONS:
        yield AppMethod(function.__name__, function)
    yield AppProperty("config", config_of)
    yield AppProperty("secret_key", get_secret_key, set_secret_key)
    yield AppProperty("session_interface", get_session_interface, set_session_interface)
    yield AppProperty("jinja_env", environment_of)


def get_secret_key(app: Any) -> Any:
    """Return the key that signs the session cookie."""
    return app.settings["secret_key"]


def set_secret_key(app: Any, value: Any) -> None:
    """Set the key that signs the session cookie."""
    app.settings["secret_key"] = value


def get_session_interface(app: Any) -> Any:
    """Return what opens and saves sessions; None for the signed cookie."""
    return app.store(State).session_interface


def set_session_interface(app: Any, value: Any) -> None:
    """Set what opens and saves sessions."""
    app.store(State).session_interface = value
