"""What an app stores for this paradigm: everything that was registered."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, DefaultDict, Dict, Generic, Iterator, List, Optional, Tuple, Type, TypeVar, Union

from fenrir_core import Route
from fenrir_core.authoring import ErrorFunction

from ._types import Function, Values

T = TypeVar("T")
#: The full name of the blueprint that functions apply to, or None for the whole app.
ScopeName = Optional[str]
Scoped = DefaultDict[ScopeName, List[Function]]
ErrorSpec = DefaultDict[ScopeName, DefaultDict[Optional[int], Dict[Type[BaseException], Function]]]


def scoped_functions() -> Scoped:
    """Return an empty mapping of functions by the blueprint they apply to."""
    return defaultdict(list)


def error_spec() -> ErrorSpec:
    """Return an empty mapping of error handlers by blueprint, status and exception class."""
    return defaultdict(lambda: defaultdict(dict))


class State:
    """The registrations of one app; `app.store(State)` returns it.

    Flask's own names have what they have there; an application of the class `Flask` has them as its attributes.
    """

    def __init__(self) -> None:
        #: Views by endpoint.
        self.view_functions: Dict[str, Function] = {}
        self.before_request_funcs: Scoped = scoped_functions()
        self.after_request_funcs: Scoped = scoped_functions()
        self.teardown_request_funcs: Scoped = scoped_functions()
        self.template_context_processors: Scoped = scoped_functions()
        self.url_value_preprocessors: Scoped = scoped_functions()
        self.url_default_functions: Scoped = scoped_functions()
        self.error_handler_spec: ErrorSpec = error_spec()
        #: The error handlers of the hybrid app: exception class or status, handler, blueprint.
        self.kernel_handlers: List[Tuple[Union[int, Type[BaseException]], ErrorFunction, ScopeName]] = []
        self.url_build_error_handlers: List[Function] = []
        self.teardown_appcontext_funcs: List[Function] = []
        self.shell_context_processors: List[Function] = []
        self.filters: Dict[str, Function] = {}
        self.tests: Dict[str, Function] = {}
        self.globals: Dict[str, object] = {}
        #: Blueprints by the full name they are registered under.
        self.blueprints: Values = {}
        #: The routes of mounted blueprints, by blueprint and prefix.
        self.collected: Dict[Tuple[object, str], List[Route]] = {}
        #: URL prefixes of the blueprints, by the same names.
        self.prefixes: Dict[str, str] = {}
        self.extensions: Values = {}
        #: Configuration keys that are not settings.
        self.config: Values = {}
        self.config_view: Any = None
        self.session_interface: Any = None
        self.serializers: Dict[object, Any] = {}
        self.environment: Any = None
        self.json: Any = None


class StateAttribute(Generic[T]):
    """An attribute of an app that is kept in its `State` under the same name."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: Optional[type] = None) -> T:
        found: Any = self if instance is None else getattr(instance.store(State), self.name)
        return found  # type: ignore[no-any-return]  # of the class the descriptor itself

    def __set__(self, instance: Any, value: T) -> None:
        setattr(instance.store(State), self.name, value)


def scopes_of(group: Tuple[str, ...]) -> Iterator[ScopeName]:
    """Return the scopes of the functions of a route: the app's, then those of its blueprints, outermost first."""
    yield None
    yield from group


def group_of(endpoint: Optional[str]) -> Tuple[str, ...]:
    """Return the full names of the blueprints of an endpoint, outermost first: ``("a", "a.b")`` for ``"a.b.view"``."""
    names = (endpoint or "").split(".")[:-1]
    return tuple(".".join(names[: count + 1]) for count in range(len(names)))
