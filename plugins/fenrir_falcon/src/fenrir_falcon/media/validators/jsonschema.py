"""Validation of requests and responses by JSON Schema, which needs the package jsonschema."""

from __future__ import annotations

import functools
import inspect
from importlib import import_module
from typing import Any, Callable, Optional

from ...exceptions import HTTPInternalServerError, MediaValidationError

__all__ = ["validate"]

Schema = Any


def validate(req_schema: Schema = None, resp_schema: Schema = None) -> Callable[[Any], Any]:
    """Return a decorator of responders that validates `req.media` before and `resp.media` after.

    Args:
        req_schema: The schema of requests; a request that does not match it is answered with 400.
        resp_schema: The schema of responses; one that does not match it is answered with 500.
    """

    def decorate(responder: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.iscoroutinefunction(responder):

            @functools.wraps(responder)
            async def checked_async(self: Any, req: Any, resp: Any, *args: Any, **kwargs: Any) -> Any:
                if req_schema is not None:
                    _check_request(await req.get_media(), req_schema)
                result = await responder(self, req, resp, *args, **kwargs)
                _check_response(resp, resp_schema)
                return result

            return checked_async

        @functools.wraps(responder)
        def checked(self: Any, req: Any, resp: Any, *args: Any, **kwargs: Any) -> Any:
            if req_schema is not None:
                _check_request(req.get_media(), req_schema)
            result = responder(self, req, resp, *args, **kwargs)
            _check_response(resp, resp_schema)
            return result

        return checked

    return decorate


def _error_of(media: Any, schema: Schema) -> Optional[Exception]:
    package = import_module("jsonschema")
    try:
        package.validate(media, schema, format_checker=package.FormatChecker())
    except package.ValidationError as error:
        return error  # type: ignore[no-any-return]
    return None


def _check_request(media: Any, schema: Schema) -> None:
    error = _error_of(media, schema)
    if error is not None:
        raise MediaValidationError(
            title="Request data failed validation", description=getattr(error, "message", str(error))
        ) from error


def _check_response(resp: Any, schema: Schema) -> None:
    error = None if schema is None else _error_of(resp.media, schema)
    if error is not None:
        raise HTTPInternalServerError(title="Response data failed validation") from error
