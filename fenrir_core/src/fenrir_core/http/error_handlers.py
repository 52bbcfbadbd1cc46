"""Error handlers: which arguments one takes, by one rule for all paradigms.

Annotations that name a request or an exception class decide first. Of the other parameters those that are positional
and required count, whatever their names: none, ``(error)``, ``(request, error)``, or Falcon's
``(req, resp, ex, params)``. ``*args`` takes the request and the error. Further parameters that are annotated or have
defaults are filled as an endpoint's are.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import (
    Any,
    Awaitable,
    Callable,
    Container,
    Dict,
    List,
    Optional,
    Sequence,
    Tuple,
    Union,
    get_args,
    get_origin,
)

from .._callsite import check_callable, local_names, name_of, outer_parameters, unwrap_callable, where_is
from .._types import AnyCallable, InjectedCall, Namespace, T
from ..exceptions import BuildError
from .connection import Connection

#: What a compiled handler is called with, and what it gives.
Answer = Callable[[Connection, BaseException], Awaitable[Any]]

REQUEST, ERROR = "request", "error"
_EMPTY = inspect.Parameter.empty
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_FILLED = (*_POSITIONAL, inspect.Parameter.KEYWORD_ONLY)
_REQUESTS = frozenset({"Request", "HTTPConnection", "Connection", "WebSocket", "Websocket"})
_FORMS = (
    "Write handler(), handler(error), handler(request, error), or Falcon's handler(req, resp, ex, params). Further "
    "parameters need an annotation or a default, such as Depends(), and are filled as an endpoint's are."
)


class ErrorForms:
    """The callers of error handlers whose parameters only one paradigm can fill; one object an app, in `app.store`.

    Attributes:
        responder: Calls a handler ``(req, resp, ex, params)`` and returns its value:
            ``async responder(handler, connection, error)``. None if no active paradigm has such handlers.
    """

    def __init__(self) -> None:
        self.responder: Optional[Callable[[AnyCallable, Connection, BaseException], Awaitable[Any]]] = None


class ErrorFunction:
    """An error handler as it was registered.

    Args:
        function: The handler, any callable.
        variadic: What ``*args`` takes.

    Raises:
        BuildError: It takes parameters that nothing can fill.
    """

    def __init__(self, function: AnyCallable, variadic: Sequence[str] = (REQUEST, ERROR)) -> None:
        check_callable(function, "error handler")
        self.function, self.variadic = function, tuple(variadic)
        self.namespace: Optional[Namespace] = local_names(unwrap_callable(function))
        if not any(isinstance(item.annotation, str) for item in self._parameters()):
            self._read()  # what is wrong is told here; names that are not known yet are looked up at the build

    def _parameters(self) -> List[inspect.Parameter]:
        try:
            return outer_parameters(self.function, self.namespace)
        except ValueError:
            return [inspect.Parameter("error", inspect.Parameter.POSITIONAL_ONLY)]  # a builtin, a class in C

    # ------------------------------------------------------------ reading the signature

    def _read(self) -> Tuple[List[Tuple[inspect.Parameter, str]], List[inspect.Parameter], bool]:
        """Return the parameters for the request and the error, those to inject, and whether it is Falcon's form."""
        parameters = self._parameters()
        required = [item for item in parameters if item.kind in _POSITIONAL and item.default is _EMPTY]
        if _is_responder_form(required):
            return [], [], True
        taken: Dict[str, str] = {}
        for item in parameters:
            kind = _named_kind(item) if item.kind in _FILLED else None
            if kind is not None and kind not in taken.values():
                taken[item.name] = kind
        plain = [item.name for item in required if item.name not in taken and _is_plain(item)]
        if not plain and len(required) == 1 and not taken and _is_builtin(required[0]):
            plain = [required[0].name]  # a wrong annotation, such as (error: str)
        free = [kind for kind in (REQUEST, ERROR) if kind not in taken.values()]
        if len(plain) > len(free):
            raise self._unfillable(plain[len(free)])
        taken.update(zip(plain, free if len(plain) == len(free) else [free[-1]] if plain else []))
        given = [(item, taken[item.name]) for item in parameters if item.name in taken]
        if not given and not required and any(item.kind is item.VAR_POSITIONAL for item in parameters):
            given = [(inspect.Parameter(kind, inspect.Parameter.POSITIONAL_ONLY), kind) for kind in self.variadic]
        others = [item for item in parameters if item.kind in _FILLED and item.name not in taken]
        for item in others:
            if item.kind is item.POSITIONAL_ONLY and item.default is _EMPTY:
                raise self._unfillable(item.name)
        return given, [item for item in others if item.kind is not item.POSITIONAL_ONLY], False

    def _unfillable(self, name: str) -> BuildError:
        return BuildError(
            f"{where_is(self.function)}: the error handler {name_of(self.function)}() has a parameter {name!r} that "
            f"nothing can fill. {_FORMS}"
        )

    # ------------------------------------------------------------ calling it

    def compile(self, inject: Callable[..., InjectedCall], forms: Optional[ErrorForms] = None) -> Answer:
        """Return `async call(connection, error)`, which fills all parameters.

        Args:
            inject: `Build.inject`.
            forms: The forms of paradigms that the app has.

        Raises:
            BuildError: A parameter can't be filled.
        """
        given, others, is_responder = self._read()
        if is_responder:
            return self._as_responder(forms)
        names = [f"argument_{index}" for index in range(len(given))]
        try:
            call = inject(_given_first(self.function, given, others, self._leading(given)), None, names)
            readers = [self._reader(item, kind, inject) for item, kind in given]
        except BuildError as error:
            raise BuildError(f"{error} {_FORMS}") from error
        if [kind for _, kind in given] == [ERROR]:
            return call
        if not given:
            return lambda connection, error: call(connection)

        async def answer(connection: Connection, error: BaseException) -> Any:
            values = [error if read is None else await read(connection) for read in readers]
            return await call(connection, *values)

        answer.__fenrir_stands_for__ = self.function  # type: ignore[attr-defined]  # reports name the user's own
        return answer

    def _leading(self, given: Sequence[Tuple[inspect.Parameter, str]]) -> int:
        """Return how many of the given parameters are passed by position: those in front, and what ``*args`` takes."""
        own = [item.name for item in self._parameters() if item.kind in _POSITIONAL]
        names = [item.name for item, _ in given]
        if names and names[0] not in own and given[0][0].kind is inspect.Parameter.POSITIONAL_ONLY:
            return len(names)
        return next((index for index, name in enumerate(names) if own[index : index + 1] != [name]), len(names))

    def _reader(
        self, item: inspect.Parameter, kind: str, inject: Callable[..., InjectedCall]
    ) -> Optional[InjectedCall]:
        """Return what reads the request of the annotated class; None for the error."""
        if kind == ERROR:
            return None
        if not _is_named(item.annotation, _REQUESTS) or issubclass(item.annotation, Connection):
            return _read_connection

        def pick(request: Connection) -> Connection:
            return request

        parameter = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=item.annotation)
        pick.__signature__ = inspect.Signature([parameter])  # type: ignore[attr-defined]
        pick.__annotations__ = {"request": item.annotation}
        pick.__fenrir_nonblocking__ = True  # type: ignore[attr-defined]
        return inject(pick)

    def _as_responder(self, forms: Optional[ErrorForms]) -> Answer:
        responder = forms.responder if forms is not None else None
        if responder is None:
            raise BuildError(
                f"{where_is(self.function)}: the error handler {name_of(self.function)}() has Falcon's four "
                f"parameters, and no plugin that calls such handlers is active. {_FORMS}"
            )
        return lambda connection, error: responder(self.function, connection, error)

    def positional(self) -> AnyCallable:
        """Return a callable of the request and the error that calls the handler; other parameters keep their defaults.

        For paradigms whose own handlers are ``(request, error)``. It is as synchronous or asynchronous as the handler.

        Raises:
            BuildError: The handler takes other parameters.
        """
        given, others, is_responder = self._read()
        required = [item.name for item in others if item.default is _EMPTY]
        if is_responder or required:
            raise self._unfillable(required[0] if required else "params")
        if [kind for _, kind in given] == [REQUEST, ERROR]:
            return self.function
        function = _given_first(self.function, given, [], self._leading(given))
        order = [kind for _, kind in given]

        def values(request: T, error: T) -> List[T]:
            return [error if kind == ERROR else request for kind in order]

        if inspect.iscoroutinefunction(unwrap_callable(self.function)):

            async def call_async(request: T, error: T) -> Any:
                return await function(*values(request, error))

            return call_async
        return lambda request, error: function(*values(request, error))


async def _read_connection(connection: Connection) -> Connection:
    return connection


def _given_first(
    function: AnyCallable,
    given: Sequence[Tuple[inspect.Parameter, str]],
    others: Sequence[inspect.Parameter],
    leading: int,
) -> AnyCallable:
    """Return the handler with the parameters that it is given in front; the others follow as keywords.

    Args:
        function: The handler.
        given: What its caller passes.
        others: What is injected.
        leading: How many of `given` are passed by position.
    """
    names = [item.name for item, _ in given][leading:]

    def call(*args: T, **kwargs: T) -> Any:
        return function(*args[:leading], **dict(zip(names, args[leading:])), **kwargs)

    async def call_async(*args: T, **kwargs: T) -> Any:
        return await function(*args[:leading], **dict(zip(names, args[leading:])), **kwargs)

    target = unwrap_callable(function)
    made: Any = call_async if inspect.iscoroutinefunction(target) else call
    made.__name__ = made.__qualname__ = name_of(function)
    made.__fenrir_stands_for__ = function
    made.__fenrir_nonblocking__ = getattr(target, "__fenrir_nonblocking__", False)
    first = [inspect.Parameter(f"argument_{index}", inspect.Parameter.POSITIONAL_ONLY) for index in range(len(given))]
    rest = [item.replace(kind=inspect.Parameter.KEYWORD_ONLY) for item in others]
    made.__signature__ = inspect.Signature([*first, *rest])
    made.__annotations__ = {item.name: item.annotation for item in rest if item.annotation is not _EMPTY}
    return made  # type: ignore[no-any-return]


# ---------------------------------------------------------------- what an annotation says


def _classes(annotation: Any) -> List[type]:
    """Return the class that an annotation is, or the members of a union but for None."""
    if get_origin(annotation) is Union or type(annotation).__name__ == "UnionType":
        return [item for item in get_args(annotation) if item is not type(None)]
    return [annotation]


def _named_kind(item: inspect.Parameter) -> Optional[str]:
    """Return whether an annotation names a request or an exception class, or None."""
    annotation = item.annotation
    if isinstance(annotation, str):  # imported for type checkers only
        last = annotation.strip("'\"").rpartition(".")[2]
        if last in _REQUESTS:
            return REQUEST
        return ERROR if last.endswith(("Error", "Exception")) else None
    classes = _classes(annotation)
    if all(inspect.isclass(kind) and issubclass(kind, BaseException) for kind in classes):
        return ERROR
    return REQUEST if all(_is_named(kind, _REQUESTS) for kind in classes) else None


def _is_named(annotation: type, names: Container[str]) -> bool:
    """Return whether an annotation is a class of one of some names, or a subclass of one."""
    return inspect.isclass(annotation) and any(item.__name__ in names for item in annotation.__mro__)


def _is_plain(item: inspect.Parameter) -> bool:
    """Return whether a parameter's annotation says nothing about what it takes."""
    return item.annotation in (_EMPTY, Any, object) or isinstance(item.annotation, str)


def _is_builtin(item: inspect.Parameter) -> bool:
    return getattr(item.annotation, "__module__", "") == "builtins"


def _is_responder_form(required: Sequence[inspect.Parameter]) -> bool:
    """Return whether parameters are Falcon's: the request, the response, the error, the path's values."""
    if len(required) != 4:
        return False
    request, response, error, params = required
    return (
        (_is_plain(request) or _named_kind(request) == REQUEST)
        and (_is_plain(response) or _is_named(response.annotation, ("Response",)))
        and (_is_plain(error) or _named_kind(error) == ERROR)
        and (_is_plain(params) or (get_origin(params.annotation) or params.annotation) in (dict, Mapping))
    )
