"""What an app stores for this paradigm: everything that was registered."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from fenrir_core import Route
from fenrir_core.authoring import ErrorFunction


class Hook(NamedTuple):
    """A registered hook function.

    Args:
        function: The function.
        scope: The full name of the blueprint whose routes it applies to, or None for all routes.
    """

    function: Callable[..., Any]
    scope: Optional[str] = None


class State:
    """The registrations of one app; `app.store(State)` returns it."""

    def __init__(self) -> None:
        self.before: List[Hook] = []
        self.after: List[Hook] = []
        self.teardown: List[Hook] = []
        #: Exception class or status, handler, blueprint.
        self.handlers: List[Tuple[Any, ErrorFunction, Optional[str]]] = []
        self.context_processors: List[Hook] = []
        self.url_value_preprocessors: List[Hook] = []
        self.url_defaults: List[Hook] = []
        self.url_build_error_handlers: List[Callable[..., Any]] = []
        self.teardown_appcontext: List[Callable[..., Any]] = []
        self.filters: Dict[str, Callable[..., Any]] = {}
        self.tests: Dict[str, Callable[..., Any]] = {}
        self.globals: Dict[str, Any] = {}
        #: Blueprints by the full name they are registered under.
        self.blueprints: Dict[str, Any] = {}
        #: The routes of mounted blueprints, by blueprint and prefix.
        self.collected: Dict[Tuple[Any, str], List[Route]] = {}
        #: URL prefixes of the blueprints, by the same names.
        self.prefixes: Dict[str, str] = {}
        self.extensions: Dict[str, Any] = {}
        #: Configuration keys that are not settings.
        self.config: Dict[str, Any] = {}
        self.config_view: Any = None
        self.session_interface: Any = None
        self.serializers: Dict[Any, Any] = {}
        self.environment: Any = None
        self.json: Any = None
