"""Descriptions of error responses in the OpenAPI document."""

from __future__ import annotations

import json
from typing import Any, Dict, Mapping

from fenrir_core import Route

from .problem import BLANK, MEDIA_TYPE

_SCHEMAS = "#/components/schemas/"
_RESPONSES = "#/components/responses/"
#: The schemas of the responses that this format replaces.
_REPLACED = ("HTTPValidationError", "ValidationError")
_REPLACED_CONTENT = {"application/json": {"schema": {"$ref": _SCHEMAS + "HTTPValidationError"}}}

_URI = {"type": "string", "format": "uri-reference"}
_MISTAKE: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "detail": {"type": "string"},
        "location": {"type": "string", "enum": ["path", "query", "header", "cookie", "body"]},
        "pointer": {**_URI, "description": "A JSON pointer into the location, as a URI fragment."},
        "code": {"type": "string"},
    },
    "required": ["detail"],
}
SCHEMAS: Mapping[str, Any] = {
    "Problem": {
        "title": "Problem",
        "description": "Problem details (RFC 9457).",
        "type": "object",
        "properties": {
            "type": {**_URI, "default": BLANK},
            "title": {"type": "string"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string"},
            "instance": _URI,
        },
        "required": ["type", "title", "status"],
        "additionalProperties": True,
    },
    "ValidationProblem": {
        "title": "ValidationProblem",
        "description": "The mistakes in a request, as problem details.",
        "allOf": [
            {"$ref": _SCHEMAS + "Problem"},
            {"type": "object", "properties": {"errors": {"type": "array", "items": _MISTAKE}}},
        ],
    },
}


def content(schema: str) -> Dict[str, Any]:
    """Return the content of a response, with a reference to its schema."""
    return {MEDIA_TYPE: {"schema": {"$ref": _SCHEMAS + schema}}}


#: The error responses of any operation, by status range.
RANGES: Mapping[str, Any] = {
    "4XX": ("ClientProblem", {"description": "Client Error", "content": content("Problem")}),
    "5XX": ("ServerProblem", {"description": "Server Error", "content": content("Problem")}),
}


def describe_operation(operation: Dict[str, Any], route: Route) -> None:
    """Add the error responses to an operation; what the route describes itself is kept."""
    answers = operation.setdefault("responses", {})
    for status, answer in answers.items():
        if status[0] in "45" or status == "default":
            if answer.get("content") == _REPLACED_CONTENT:
                answer["content"] = content("ValidationProblem")
            elif "$ref" not in answer:
                answer.setdefault("content", content("ValidationProblem" if status == "422" else "Problem"))
    if "default" not in answers:
        for status, (name, _) in RANGES.items():
            answers.setdefault(status, {"$ref": _RESPONSES + name})


def describe_document(document: Dict[str, Any]) -> None:
    """Add the schemas, and remove those without references."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name, schema in SCHEMAS.items():
        schemas.setdefault(name, json.loads(json.dumps(schema)))
    answers = components.setdefault("responses", {})
    for name, answer in RANGES.values():
        answers.setdefault(name, json.loads(json.dumps(answer)))
    for name in _REPLACED:
        if json.dumps(_SCHEMAS + name) not in json.dumps(document):
            schemas.pop(name, None)
