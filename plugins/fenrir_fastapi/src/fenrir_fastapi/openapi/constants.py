"""Constants and helpers that the modules of the OpenAPI document share."""

from __future__ import annotations

from typing import Dict, Mapping

from fenrir_core.authoring import BODY_METHODS

from ..starlette.types import NamedValues, Values

REF_PREFIX = "#/components/schemas/"
REF_TEMPLATE = REF_PREFIX + "{model}"
#: Methods whose operations have a request body in the document, where the handler reads one.
METHODS_WITH_BODY = BODY_METHODS | {"GET", "HEAD"}


def ref(name: str) -> Dict[str, str]:
    """Return a reference to a component."""
    return {"$ref": REF_PREFIX + name}


#: The schemas of the 422 response.
ERROR_SCHEMAS: NamedValues = {
    "HTTPValidationError": {
        "title": "HTTPValidationError",
        "type": "object",
        "properties": {"detail": {"title": "Detail", "type": "array", "items": ref("ValidationError")}},
    },
    "ValidationError": {
        "title": "ValidationError",
        "type": "object",
        "properties": {
            "loc": {
                "title": "Location",
                "type": "array",
                "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            },
            "msg": {"title": "Message", "type": "string"},
            "type": {"title": "Error Type", "type": "string"},
            "input": {"title": "Input"},
            "ctx": {"title": "Context", "type": "object"},
        },
        "required": ["loc", "msg", "type"],
    },
}
STATUS_RANGES: Mapping[str, str] = {
    "1XX": "Information",
    "2XX": "Success",
    "3XX": "Redirection",
    "4XX": "Client Error",
    "5XX": "Server Error",
    "DEFAULT": "Default Response",
}


def title(name: str) -> str:
    """Return a name as a title."""
    return name.title().replace("_", " ")


def merge_deep(into: Values, extra: NamedValues) -> None:
    """Merge a mapping into a dict: mappings key by key, lists appended, other values replaced."""
    for key, value in extra.items():
        there = into.get(key)
        if isinstance(there, dict) and isinstance(value, Mapping):
            merge_deep(there, value)
        elif isinstance(there, list) and isinstance(value, list):
            into[key] = there + value
        else:
            into[key] = value
