"""Describe the answers of one route."""

from __future__ import annotations

import copy
import inspect
from http import HTTPStatus
from typing import Any, Dict, Mapping, Optional

import fenrir_core
from fenrir_core import EMPTY, Route
from fenrir_core.authoring import return_annotation

from .. import return_values, type_inspection
from ..starlette import responses
from .constants import BODILESS, STATUS_RANGES, merge_deep, ref, title
from .schemas import Schemas

_JSON = (fenrir_core.JSONResponse, responses.JSONResponse)
_JSON_LINES = "application/jsonl"


class Answers:
    """Announce the types of a route's answers, then describe them.

    Args:
        route: The route.
        schemas: The document's types.
        takes: Whether the route takes anything from the client, so that 422 may be the answer.
    """

    def __init__(self, route: Route, schemas: Schemas, takes: bool) -> None:
        self.route, self.schemas, self.takes = route, schemas, takes
        self.kind = _kind_of(route)
        self.is_json = type_inspection.is_class(self.kind, _JSON)
        self.model = return_values.response_model(route) if self.is_json else None
        self.items = return_values.item_model(route)
        if self.model is not None:
            schemas.add(self, return_values.model_adapter(route, self.model), answer=True)
        if self.items is not None:
            schemas.add((self, "items"), return_values.model_adapter(route, self.items), answer=True)
        for status, answer in (route.option("responses") or {}).items():
            if answer.get("model") is not None:
                schemas.add((self, status), return_values.model_adapter(route, answer["model"]), answer=True)

    @property
    def explains_errors(self) -> bool:
        """Whether 422 is the answer to what does not fit."""
        named = {str(key).upper() for key in self.route.option("responses") or {}}
        return self.takes and not {"422", "4XX", "DEFAULT"} & named

    def describe(self, operation_id: str) -> Dict[str, Any]:
        """Return the answers by status."""
        status = return_values.status_of(self.route) or _default_status(self.kind)
        answer: Dict[str, Any] = {"description": self.route.option("response_description") or "Successful Response"}
        content = self._content(operation_id)
        if content and status not in BODILESS:
            answer["content"] = content
        found = {str(status): answer}
        for key, extra in (self.route.option("responses") or {}).items():
            self._further(found, key, extra, operation_id)
        if self.explains_errors:
            content = {"application/json": {"schema": ref("HTTPValidationError")}}
            found["422"] = {"description": "Validation Error", "content": content}
        return found

    def _content(self, operation_id: str) -> Dict[str, Any]:
        if return_values.is_generator(self.route.endpoint) and return_values.follows_rule(self.route):
            if type_inspection.is_class(self.kind, fenrir_core.EventSourceResponse):
                return {"text/event-stream": {"itemSchema": self._event(operation_id)}}
            if self.is_json:
                return {_JSON_LINES: {"itemSchema": self._item(operation_id)}}
        media_type = getattr(self.kind, "media_type", None)
        if not self.is_json:
            if self.kind is fenrir_core.Response:
                return self._hybrid_content()
            return {media_type: {"schema": {"type": "string"}}} if media_type else {}
        if self.model is None:
            return {media_type or "application/json": {"schema": {}}}
        schema = self.schemas.of(self, answer=True)
        if "$ref" not in schema:
            schema["title"] = f"Response {title(operation_id)}"
        return {media_type or "application/json": {"schema": schema}}

    def _item(self, operation_id: str) -> Dict[str, Any]:
        if self.items is None:
            return {}
        schema = self.schemas.of((self, "items"), answer=True)
        if "$ref" not in schema:
            schema["title"] = f"Streamitem {title(operation_id)}"
        return schema

    def _event(self, operation_id: str) -> Dict[str, Any]:
        data: Dict[str, Any] = {"type": "string"}
        item = self._item(operation_id)
        if item:
            data.update(contentMediaType="application/json", contentSchema=item)
        found: Dict[str, Any] = {
            "type": "object",
            "properties": {
                "data": data,
                "event": {"type": "string"},
                "id": {"type": "string"},
                "retry": {"type": "integer", "minimum": 0},
            },
        }
        if item:
            found["required"] = ["data"]
        return found

    def _hybrid_content(self) -> Dict[str, Any]:
        annotation = return_annotation(self.route.endpoint, self.route.namespace)
        if annotation is str:
            return {"text/html": {"schema": {"type": "string"}}}
        if annotation is bytes:
            return {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        return {"application/json": {"schema": {}}} if self.route.paradigm is None or annotation is not EMPTY else {}

    def _further(self, found: Dict[str, Any], key: Any, extra: Mapping[str, Any], operation_id: str) -> None:
        status = str(key).upper()
        status = "default" if status == "DEFAULT" else status
        answer = found.setdefault(status, {})
        new = {name: copy.deepcopy(value) for name, value in extra.items() if name != "model"}
        if extra.get("model") is not None:
            media_type = getattr(self.kind, "media_type", None) or "application/json"
            place = new.setdefault("content", {}).setdefault(media_type, {}).setdefault("schema", {})
            schema = self.schemas.of((self, key), answer=True)
            if "$ref" not in schema:
                schema["title"] = f"Response {key} {title(operation_id)}"
            merge_deep(place, schema)
        text = new.get("description") or answer.get("description") or _status_text(status) or "Additional Response"
        merge_deep(answer, new)
        answer["description"] = text


def _kind_of(route: Route) -> Any:
    """Return the response class of a route; the bare base class where the hybrid app's table decides."""
    kind = route.option("response_class")
    if kind is not None or route.paradigm == "fastapi":
        return kind or responses.JSONResponse
    annotation = return_annotation(route.endpoint, route.namespace)
    if type_inspection.is_class(annotation, fenrir_core.Response):
        return annotation
    if return_values.follows_rule(route) or return_values.response_model(route) is not None:
        return responses.JSONResponse
    return fenrir_core.Response


def _default_status(kind: Any) -> int:
    """Return the status that a response class has when nobody sets one."""
    if kind is None:
        return 200
    for name in ("status_code", "status"):
        found = inspect.signature(kind.__init__).parameters.get(name)
        if found is not None and isinstance(found.default, int):
            return int(found.default)
    return 200


def _status_text(status: str) -> Optional[str]:
    if status in STATUS_RANGES or status == "default":
        return STATUS_RANGES.get(status, STATUS_RANGES["DEFAULT"])
    try:
        return HTTPStatus(int(status)).phrase
    except ValueError:
        return None
