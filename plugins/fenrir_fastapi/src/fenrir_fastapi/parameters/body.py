"""The JSON body: its value, and the reader of a body that is one parameter."""

from __future__ import annotations

from typing import Any, Callable

from pydantic import ValidationError

from fenrir_core import InvalidBody, InvalidJSON
from fenrir_core.authoring import is_json_type, loads

from ..exceptions import RequestValidationError
from .fields import Field

#: What stands for a body that is empty; JSON's `null` is a value.
ABSENT: Any = object()

_JSON_HEADER = (b"content-type", b"application/json")


def is_json_body(content_type: str, strict: bool) -> bool:
    """Return whether a body is read as JSON.

    Args:
        content_type: The media type in lower case, without parameters; empty if there is none.
        strict: Whether a body without content type is not read as JSON.
    """
    return is_json_type(content_type) if content_type else not strict


def body_value(connection: Any, strict_type: bool) -> Any:
    """Return the body: parsed if it is JSON or of a plugin's media type, else as bytes; `ABSENT` if it is empty.

    Raises:
        RequestValidationError: Its content type is JSON and it can't be parsed.
    """
    body = connection.loaded_body
    if not body:
        return ABSENT
    if not is_json_body(connection.content_type, strict_type) and connection.media_type is None:
        return body
    try:
        return connection.loaded_json
    except InvalidBody as error:
        if not isinstance(error, InvalidJSON):
            ctx = {"error": error.msg}
            wrong = {"type": "body_invalid", "loc": ("body",), "msg": f"Invalid {error.kind}", "input": {}, "ctx": ctx}
            raise RequestValidationError([wrong], body=body) from None
        entry = {
            "type": "json_invalid",
            "loc": ("body", error.pos),
            "msg": "JSON decode error",
            "input": {},
            "ctx": {"error": error.msg},
        }
        raise RequestValidationError([entry], body=body.decode("utf-8", "replace")) from None


def body_reader(item: Field, strict_type: bool) -> Callable[[Any], Any]:
    """Return the function from connection to validated body, for a body that is one parameter.

    Args:
        item: The parameter's field.
        strict_type: Whether a body without content type is not read as JSON.
    """
    adapter = item.adapter
    validate, validate_json = adapter.validator.validate_python, adapter.validator.validate_json

    def read_value(connection: Any) -> Any:
        value = body_value(connection, strict_type)
        if value is ABSENT:
            if item.required:
                entry = {"type": "missing", "loc": ("body",), "msg": "Field required", "input": None}
                raise RequestValidationError([entry])
            return item.factory() if item.factory is not None else _copy(item.default)
        try:
            return validate(value, from_attributes=True)
        except ValidationError as error:
            entries = [{**entry, "loc": ("body", *entry["loc"])} for entry in error.errors(include_url=False)]
            raise RequestValidationError(entries, body=value) from None

    def read_body(connection: Any) -> Any:
        body = connection.loaded_body
        # PERF: from bytes to the model in one step. A body that is invalid is validated again as a value, since some
        # errors read differently. Comparing the whole header is done in C.
        is_json = _JSON_HEADER in connection.scope["headers"] or is_json_body(connection.content_type, strict_type)
        if body and is_json and connection.compiled_route.limits.loads is loads:
            try:
                return validate_json(body)
            except ValidationError:
                pass
        return read_value(connection)

    return read_body


def _copy(value: Any) -> Any:
    return value.copy() if isinstance(value, (dict, list, set)) else value
