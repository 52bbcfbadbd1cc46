"""What the rooms of the document share."""

from __future__ import annotations

from typing import Any, Dict, Mapping

REF_PREFIX = "#/components/schemas/"
REF_TEMPLATE = REF_PREFIX + "{model}"
METHODS_WITH_BODY = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"})
#: Statuses whose answer has no body.
BODILESS = frozenset((*range(100, 200), 204, 205, 304))


def ref(name: str) -> Dict[str, str]:
    """Refer to a component."""
    return {"$ref": REF_PREFIX + name}


#: What the 422 answer looks like.
ERROR_SCHEMAS: Mapping[str, Any] = {
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
    """Return the title of a name."""
    return name.title().replace("_", " ")


def merge_deep(into: Dict[str, Any], extra: Mapping[str, Any]) -> None:
    """Merge a mapping into a dict: mappings key by key, lists one after the other, else the newcomer wins."""
    for key, value in extra.items():
        there = into.get(key)
        if isinstance(there, dict) and isinstance(value, Mapping):
            merge_deep(there, value)
        elif isinstance(there, list) and isinstance(value, list):
            into[key] = there + value
        else:
            into[key] = value
