"""Error handlers, compiled."""

from __future__ import annotations

from typing import Any, Sequence

from .._callsite import where_is
from ..http.error_handlers import Answer, ErrorForms, ErrorFunction
from ..plugins.types import Build, Call, Route


def compile_error_handler(build: Build, handler: ErrorFunction) -> Call:
    """Return the call of an error handler, whose further parameters are filled as an endpoint's are.

    Raises:
        BuildError: A parameter can't be filled; the message shows the forms of error handlers.
    """
    where, paradigm = where_is(handler.function), build.app.paradigm

    def inject(function: Any, positional: Sequence[str]) -> Any:
        route = Route("", function, (), where=where, paradigm=paradigm, namespace=handler.namespace)
        return build.inject(function, route, positional)

    answer: Answer = handler.compile(inject, build.app.store(ErrorForms))
    return Call(answer, "async")
