"""The methods and properties that the hybrid app gets from this paradigm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterator, Optional, Union

from fenrir_core import App, AppMethod, AppProperty

from . import mounting, registration
from ._types import Passed, SomeApp
from .hybrid_config import config_of
from .sessions import SessionInterface
from .state import State
from .templating import environment_of

if TYPE_CHECKING:
    from fenrir_core.testing import SyncClient

_FUNCTIONS = (
    registration.add_url_rule,
    registration.after_request,
    registration.before_request,
    registration.context_processor,
    registration.errorhandler,
    registration.exception,
    mounting.register_blueprint,
    registration.register_error_handler,
    registration.teardown_appcontext,
    registration.teardown_request,
    registration.template_filter,
    registration.template_global,
    registration.template_test,
)


def app_methods() -> Iterator[Any]:
    """Return the methods and properties."""
    for function in _FUNCTIONS:
        yield AppMethod(function.__name__, function)
    yield AppMethod("test_client", test_client)
    yield AppProperty("config", config_of)
    yield AppProperty("secret_key", get_secret_key, set_secret_key)
    yield AppProperty("session_interface", get_session_interface, set_session_interface)
    yield AppProperty("jinja_env", environment_of)


def test_client(app: App, **options: Passed) -> SyncClient:
    """Return a synchronous client of the app, for tests; see `fenrir_core.testing.SyncClient`."""
    from fenrir_core.testing import SyncClient

    return SyncClient(app, **options)


def get_secret_key(app: SomeApp) -> Union[str, bytes, None]:
    """Return the key that signs the session cookie."""
    return app.settings["secret_key"]  # type: ignore[no-any-return]


def set_secret_key(app: SomeApp, value: Union[str, bytes, None]) -> None:
    """Set the key that signs the session cookie."""
    app.settings["secret_key"] = value


def get_session_interface(app: SomeApp) -> Optional[SessionInterface]:
    """Return the interface that opens and saves sessions, or None for the signed cookie."""
    return app.store(State).session_interface  # type: ignore[no-any-return]


def set_session_interface(app: SomeApp, value: Optional[SessionInterface]) -> None:
    """Set the interface that opens and saves sessions."""
    app.store(State).session_interface = value
