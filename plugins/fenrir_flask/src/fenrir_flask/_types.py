"""Types that several modules name; where nothing says more about a value, its name says what it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, AsyncIterator, Callable, Dict, Iterator, List, MutableMapping, Tuple, Union

from werkzeug.wrappers import Response as WerkzeugResponse

import fenrir_core

if TYPE_CHECKING:
    import jinja2

#: Any function that an app's author registers: a view, a hook, an error handler.
Function = Callable[..., Any]
#: Values of any types by name: those of a path, the variables of a template, keywords.
Values = Dict[str, Any]
#: What a view may return; `return_values` says what becomes of it.
ReturnValue = Union[
    None,
    str,
    bytes,
    bytearray,
    List[Any],
    Dict[str, Any],
    Tuple[Any, ...],
    Iterator[Any],
    AsyncIterator[Any],
    WerkzeugResponse,
    fenrir_core.Response,
    BaseException,
    Function,
]
#: A request of the class that an app has as `request_class`.
SomeRequest = Any
#: A response of the class that an app has as `response_class`.
SomeResponse = WerkzeugResponse
#: What JSON can express, and what an app's provider makes of it.
JSONValue = Any
#: A function, or a decorator that was called with the name of one.
Decorated = Union[None, str, Function]
#: An argument that is handed on as it is.
Passed = Any
#: The value of a key of the configuration, of an attribute of `g`, or of the session.
Stored = Any

if TYPE_CHECKING:

    class SomeApp(fenrir_core.App):
        """A `Flask`, or the hybrid app with what it has of one; the methods are the plugin's."""

        config: MutableMapping[str, Any]
        name: str
        jinja_env: jinja2.Environment
        secret_key: Union[str, bytes, None]
        import_name: str

        def __getattr__(self, name: str) -> Any: ...

else:
    SomeApp = fenrir_core.App
