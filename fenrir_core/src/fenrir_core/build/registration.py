"""Registration: routes, mounts, middleware and handlers, before the build and while the app serves."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import nullcontext
from typing import Any, Callable, ClassVar, ContextManager, Dict, Iterable, List, Optional, Tuple, Type, TypeVar, Union

from .._callsite import caller, check_callable, local_names, refuse_bare, unwrap_callable, where_is
from .._late import ERRORS, NOTHING, ROUTES, STEPS, LateRegistration
from .._types import AnyCallable, ASGIApp, F
from .._validation import is_error_match
from ..exceptions import BuildError
from ..http.connection import current
from ..http.error_handlers import ErrorFunction
from ..http.methods import method_names
from ..plugins.manager import Plugins
from ..plugins.types import Lifespan, Middleware, Mount, Route

S = TypeVar("S")


class Registrar:
    """The registering half of an app: it keeps routes, mounts, middleware and handlers for the build."""

    #: The paradigm whose rules hold; None for the hybrid rules.
    paradigm: ClassVar[Optional[str]] = None
    #: Whether the app is built.
    is_built: bool
    #: What was registered, in order.
    registered: List[Union[Route, Mount]]
    own_handlers: List[Tuple[Union[Type[BaseException], int], ErrorFunction]]
    own_middleware: List[Middleware]
    own_lifespans: List[Lifespan]
    plugins: Plugins
    #: Tells an app that mounts this one to leave the limit of bodies to it.
    limits_bodies = True
    #: Whether the app has started and not stopped.
    is_started = False
    #: Whether a request has been served.
    has_served = False

    def __init__(self) -> None:
        self.is_built = False
        self.registered = []
        self.own_handlers = []
        self.own_middleware, self.own_lifespans = [], []
        self._stores: Dict[type, Any] = {}
        self._late = LateRegistration(self, current)

    def register(self, item: Union[Route, Mount]) -> None:
        """Add a route or mount, as paradigms make them.

        Raises:
            BuildError: The app serves, and this does not fit in.
        """
        with self.registering(item, item.where, keeps_routes=True):
            self.registered.append(item)

    def registering(
        self,
        what: Union[Route, Mount, str],
        where: str = "",
        *,
        keeps_routes: bool = False,
        keeps_error_handlers: bool = True,
        keeps_arguments: bool = False,
    ) -> ContextManager[None]:
        """Return the block in which something is kept that an author registers: ``with app.registering(…):``.

        Before the app serves, that is all. While it serves, the end of the outermost block makes a new table, which
        serves the requests that begin from then on; if that fails, or the block does, what the block has added to the
        lists, dicts and sets of `registrations` is taken back, and the old table stays.

        Args:
            what: What it is, for messages.
            where: ``file:line`` of the registration; the caller's by default.
            keeps_routes: Whether it changes nothing about how the present routes are served.
            keeps_error_handlers: With `keeps_routes`, whether it changes nothing about how their errors are handled.
            keeps_arguments: Whether endpoints are called with the same arguments as before: it only changes the steps
                around them (`RouteHook`), which takes half the time.

        Raises:
            BuildError: The app serves and takes no such registration, or this does not fit in.
        """
        if self.is_late or self._late.sealed:
            served = STEPS if keeps_arguments else ROUTES
            changes = served if not keeps_routes else NOTHING if keeps_error_handlers else ERRORS
            return self._late.block(str(what), where or caller()[0], changes)
        if self.is_built:
            self.reopen()
        return nullcontext()

    def amend(self) -> ContextManager[None]:
        """Return a block whose late registrations are built together, or all taken back: ``with app.amend():``."""
        return self.registering("what a block registers", keeps_routes=True)

    def check_open(self, what: Union[Route, Mount, str], where: str = "") -> None:
        """Check that something can still be registered that can't be added while the app serves.

        Args:
            what: What it is, for the message.
            where: ``file:line`` of the registration; the caller's by default.

        Raises:
            BuildError: The app has started.
        """
        if self.is_late or self._late.sealed:
            raise BuildError(
                f"{where or caller()[0]}: {what} can't be added: the app has already been built and started. Register "
                "it before the app starts."
            )
        if self.is_built:
            self.reopen()

    def registrations(self) -> List[object]:
        """Return what holds the registrations: lists, dicts, sets, and objects that have such as attributes."""
        own = [self.registered, self.own_handlers, self.own_middleware, self.own_lifespans, self._stores]
        return [*own, *self._stores.values()]

    @property
    def is_late(self) -> bool:
        """Whether the app serves: what is registered now is late."""
        return self.is_built and (self.is_started or self.has_served)

    def check_late(self, what: str, where: str) -> None:
        """Refuse a late registration; application classes may have rules of their own.

        Raises:
            BuildError: The app is strict.
        """
        if self.plugins.strict:
            raise BuildError(
                f"{where}: {what} can't be added: the app has started, and it is strict. Register it before the app "
                "starts, or make the app without `strict`."
            )

    @abstractmethod
    def reopen(self) -> None:
        """Discard the build; `App` has it."""

    def route(
        self, path: str, methods: Optional[Iterable[str]] = None, *, name: Optional[str] = None, **options: Any
    ) -> Callable[[F], F]:
        """Register the decorated function for a path.

        Args:
            path: A template in any of the five syntaxes.
            methods: HTTP methods; GET by default.
            name: For `url_for`; the function's own by default.
            **options: Route options of the kernel and of plugins.
        """
        refuse_bare(path, 'route("/path"), @app.get("/path") and so on')

        def decorate(endpoint: F) -> F:
            self.register(self.make_route(path, endpoint, methods, name=name, **options))
            return endpoint

        return decorate

    @classmethod
    def make_route(
        cls,
        path: str,
        endpoint: AnyCallable,
        methods: Optional[Iterable[str]] = None,
        *,
        name: Optional[str] = None,
        paradigm: Optional[str] = None,
        **options: Any,
    ) -> Route:
        """Return a `Route` with the place and the name of its endpoint filled in."""
        check_callable(endpoint, f"route {path!r}")
        verbs = ("GET",) if methods is None else method_names(methods)
        return Route(
            path,
            endpoint,
            verbs,
            name or str(getattr(endpoint, "__name__", type(endpoint).__name__)),
            paradigm or cls.paradigm,
            options,
            where_is(endpoint) or caller()[0],
            namespace=local_names(unwrap_callable(endpoint)),
        )

    def get(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for GET (and HEAD); see `route`."""
        return self.route(path, ("GET",), **options)

    def post(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for POST; see `route`."""
        return self.route(path, ("POST",), **options)

    def put(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for PUT; see `route`."""
        return self.route(path, ("PUT",), **options)

    def patch(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for PATCH; see `route`."""
        return self.route(path, ("PATCH",), **options)

    def delete(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for DELETE; see `route`."""
        return self.route(path, ("DELETE",), **options)

    def head(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for HEAD, instead of the derived answer; see `route`."""
        return self.route(path, methods=("HEAD",), **options)

    def options(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for OPTIONS, instead of the derived answer; see `route`."""
        return self.route(path, methods=("OPTIONS",), **options)

    def websocket(self, path: str, *, name: Optional[str] = None, **options: Any) -> Callable[[F], F]:
        """Register the decorated coroutine function for WebSockets at a path."""
        refuse_bare(path, 'websocket("/path")')
        return Registrar.route(self, path, ("WEBSOCKET",), name=name, **options)  # a subclass has its own for HTTP

    def mount(self, prefix: str, app: Any, name: str = "", *, guards: bool = True) -> None:
        """Mount an ASGI app, or an object that a plugin makes routes of, under a prefix.

        Routes precede mounts. The lifespan of an ASGI app is run with this app's.

        Args:
            prefix: A path; ``""`` and ``"/"`` are everything that no route answers.
            app: The ASGI app or object.
            name: For `url_for` and reports.
            guards: Whether the app's before, around, after and teardown steps run for what is mounted, too. False is
                for an ASGI app that checks its clients itself: only ASGI middleware is around it then.
        """
        if prefix and not prefix.startswith("/"):
            raise BuildError(f"{caller()[0]}: the mount prefix {prefix!r} must start with '/'.")
        self.register(Mount(prefix.rstrip("/"), app, name, caller()[0], guards=guards))

    def add_middleware(self, factory: Callable[..., ASGIApp], *, name: Optional[str] = None, **options: Any) -> None:
        """Wrap the app in ASGI middleware; the one that is added last is outermost.

        Args:
            factory: Called as `factory(app, **options)`; gives an ASGI app.
            name: For reports; the factory's own by default.
        """
        taken = {item.name for item in self.own_middleware}
        stem = label = name or str(getattr(factory, "__name__", type(factory).__name__))
        count = 1
        while label in taken:
            count += 1
            label = f"{stem} {count}"
        with self.registering(f"the middleware {label!r}", keeps_routes=True):
            self.own_middleware.insert(0, Middleware(label, lambda app: factory(app, **options)))

    def add_exception_handler(self, matches: Union[Type[BaseException], int], handler: AnyCallable) -> None:
        """Register a handler of an exception class or an HTTP status.

        Args:
            matches: The class or status.
            handler: Takes nothing, the error, or the request and the error; `ErrorFunction` has the whole rule.

        Raises:
            BuildError: `matches` is neither, or the handler takes what nothing can fill.
        """
        if not is_error_match(matches):
            raise BuildError(f"{where_is(handler)}: can't handle {matches!r}: give an exception class or a status.")
        what = f"the error handler of {matches!r}"
        with self.registering(what, where_is(handler), keeps_routes=True, keeps_error_handlers=False):
            self.own_handlers.append((matches, ErrorFunction(handler)))

    def exception_handler(self, matches: Union[Type[BaseException], int]) -> Callable[[F], F]:
        """Register the decorated error handler; see `add_exception_handler`."""
        refuse_bare(matches, "exception_handler(ValueError)")

        def decorate(handler: F) -> F:
            self.add_exception_handler(matches, handler)
            return handler

        return decorate

    def store(self, kind: Type[S]) -> S:
        """Return the one `kind()` of this app: where a plugin keeps what users register."""
        found = self._stores.get(kind)
        if found is None:
            found = self._stores[kind] = kind()
        return found
