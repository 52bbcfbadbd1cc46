"""What makes responses of exceptions: the app's own handlers, then an error page."""

from __future__ import annotations

from sys import exc_info
from typing import Any, Dict, List, Optional, Tuple, Type

from ..errorpages import BaseRenderer, TextRenderer, exception_response
from ..exceptions import ServerError
from ..log import error_logger
from ..response import HTTPResponse, text
from ..values import AnyCallable

Key = Tuple[Type[BaseException], Optional[str]]
ErrorCallable = AnyCallable


class ErrorHandler:
    """The exception handlers of an app, and what answers where there is none.

    Subclass it, override `default` or `response`, and pass an instance as `error_handler=` to the app.

    Args:
        base: What renders the error page if no other renderer fits.
    """

    def __init__(self, base: Type[BaseRenderer] = TextRenderer) -> None:
        self.cached_handlers: Dict[Key, Optional[ErrorCallable]] = {}
        self.debug = False
        self.base = base

    def add(
        self, exception: Type[BaseException], handler: ErrorCallable, route_names: Optional[List[str]] = None
    ) -> None:
        """Register a handler of an exception class.

        Args:
            exception: The class.
            handler: ``(request, exception) -> response``.
            route_names: The routes that it covers; all by default.

        Raises:
            ServerError: There is another handler of this class already.
        """
        for name in route_names or (None,):
            if self.cached_handlers.get((exception, name)) is not None:
                route = "__ALL_ROUTES__" if name is None else name
                raise ServerError(f"Duplicate exception handler definition on: route={route} and exception={exception}")
            self.cached_handlers[exception, name] = handler

    def lookup(self, exception: BaseException, route_name: Optional[str] = None) -> Optional[ErrorCallable]:
        """Return the handler of an exception: the route's own first, then that of the nearest base class."""
        kind, known = type(exception), self.cached_handlers
        for name in (route_name, None):
            found = known.get((kind, name))
            if found is not None:
                return found
        for name in (route_name, None):
            for ancestor in kind.__mro__:
                found = known.get((ancestor, name))
                if found is not None:
                    return found
                if ancestor is BaseException:
                    break
        return None

    def response(self, request: Any, exception: BaseException) -> Any:
        """Return the response to an exception, or an awaitable of it."""
        handler = self.lookup(exception, request.name if request else None) if self.cached_handlers else None
        try:
            found = None if handler is None else handler(request, exception)
            return self.default(request, exception) if found is None else found
        except Exception:
            return self.failed(request, handler)

    def failed(self, request: Any, handler: Optional[ErrorCallable]) -> HTTPResponse:
        """Return the response where the handler itself has raised."""
        name = getattr(handler, "__name__", type(handler).__name__)
        message, url = 'Exception raised in exception handler "%s" for uri: %s', _url_of(request)
        error_logger.exception(message, name, url)
        if self.debug:
            return text(message % (name, url), 500)
        return text("An error occurred while handling an error", 500)

    def default(self, request: Any, exception: Any) -> HTTPResponse:
        """Return the error page."""
        self.log(request, exception)
        fallback = getattr(getattr(request.app, "config", None), "FALLBACK_ERROR_FORMAT", "auto")
        return exception_response(request, exception, self.debug, fallback, self.base)

    @staticmethod
    def log(request: Any, exception: BaseException) -> None:
        """Log an exception, unless it is quiet."""
        quiet = getattr(exception, "quiet", False)
        noisy = getattr(getattr(request.app, "config", None), "NOISY_EXCEPTIONS", False)
        if quiet is False or noisy is True:
            message, url = "Exception occurred while handling uri: %s", _url_of(request)
            if exc_info()[1] is exception:  # COMPAT: what replaces Sanic's logger looks for this call
                error_logger.exception(message, url)
            else:  # it was made of another one, or is handled later
                error_logger.error(message, url, exc_info=exception)


def _url_of(request: Any) -> str:
    try:
        return repr(request.url)
    except AttributeError:
        return "unknown"
