"""Checked input: the body, the form or the query of a request as an object of a model."""

from __future__ import annotations

import inspect
from functools import wraps
from typing import Any, Callable, Mapping, Optional

from ..exceptions import SanicException
from ..request import Request
from ..values import AnyCallable, Values


class ValidationError(SanicException):
    """Raised when input does not fit its model: status 400."""

    status_code = 400


def validate(
    json: Optional[AnyCallable] = None,
    form: Optional[AnyCallable] = None,
    query: Optional[AnyCallable] = None,
    body_argument: str = "body",
    query_argument: str = "query",
) -> Callable[[AnyCallable], AnyCallable]:
    """Return a decorator that hands a handler its input as an object of a model.

    Args:
        json: The model of the body: a pydantic model, a dataclass, or anything called with the fields.
        form: The model of the form; the first value of each field.
        query: The model of the query; the first value of each parameter.
        body_argument, query_argument: The parameters of the handler.

    Raises:
        ValidationError: From the handler: the input does not fit.
        ValueError: Both `json` and `form` are given.
    """
    if json is not None and form is not None:
        raise ValueError("Cannot define both a form and json route validator")

    models = ((body_argument, json or form), (query_argument, query))
    filled = {name for name, model in models if model is not None}

    def decorate(handler: AnyCallable) -> AnyCallable:
        @wraps(handler)
        async def checked(request: Request, *args: Any, **kwargs: Any) -> Any:
            if json is not None:
                kwargs[body_argument] = _made(json, request.json)
            elif form is not None:
                kwargs[body_argument] = _made(form, _first(request.form))
            if query is not None:
                kwargs[query_argument] = _made(query, _first(request.args))
            value = handler(request, *args, **kwargs)
            return await value if inspect.isawaitable(value) else value

        checked.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # for `inspect`
            [item for item in inspect.signature(handler).parameters.values() if item.name not in filled]
        )
        return checked

    return decorate


def _first(values: Mapping[str, Any]) -> Values:
    return {name: values.get(name) for name in values}


def _made(model: AnyCallable, fields: Any) -> Any:
    try:
        check = getattr(model, "model_validate", None)
        if check is not None:
            return check(fields)
        if not isinstance(fields, Mapping):
            raise TypeError(f"expected an object, not {type(fields).__name__}")
        return model(**fields)
    except (TypeError, ValueError) as error:
        raise ValidationError(
            f"Invalid request body: {getattr(model, '__name__', model)}. Error: {error}",
            extra={"exception": str(error)},
        ) from error
