"""What one app keeps for this paradigm: everything that users register."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple


class Hook(NamedTuple):
    """A function that runs around requests.

    Args:
        function: The user's.
        scope: The full name of the blueprint whose routes it is for; None for all.
    """

    function: Callable[..., Any]
    scope: Optional[str] = None


class State:
    """Hold what was registered in one app; get it with `app.store(State)`."""

    def __init__(self) -> None:
        self.before: List[Hook] = []
        self.after: List[Hook] = []
        self.teardown: List[Hook] = []
        #: Exception class or status, handler, blueprint.
        self.handlers: List[Tuple[Any, Callable[..., Any], Optional[str]]] = []
        self.context_processors: List[Hook] = []
        self.url_value_preprocessors: List[Hook] = []
        self.url_defaults: List[Hook] = []
        self.url_build_error_handlers: List[Callable[..., Any]] = []
        self.teardown_appcontext: List[Callable[..., Any]] = []
        self.filters: Dict[str, Callable[..., Any]] = {}
        self.tests: Dict[str, Callable[..., Any]] = {}
        self.globals: Dict[str, Any] = {}
        #: Blueprints by the full name that they are registered under.
        self.blueprints: Dict[str, Any] = {}
        #: Their prefixes, by the same names.
        self.prefixes: Dict[str, str] = {}
        self.extensions: Dict[str, Any] = {}
        #: Configuration that is no setting.
        self.config: Dict[str, Any] = {}
        self.config_view: Any = None
        self.session_interface: Any = None
        self.serializers: Dict[Any, Any] = {}
        self.environment: Any = None
        self.json: Any = None
