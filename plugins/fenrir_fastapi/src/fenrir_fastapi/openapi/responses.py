"""The responses of operations."""

from __future__ import annotations

import copy
import inspect
from http import HTTPStatus
from typing import Any, List, Optional, Union

from pydantic import PydanticSchemaGenerationError, PydanticUserError, TypeAdapter
from typing_extensions import get_origin

import fenrir_core
from fenrir_core import EMPTY, Route
from fenrir_core.authoring import BODILESS, EncodersLike, is_response_class, return_annotation

from .. import return_values, type_inspection
from ..encoded_types import with_encoders
from ..return_kinds import is_generator
from ..starlette import responses
from ..starlette.types import NamedValues, Values
from .constants import STATUS_RANGES, merge_deep, ref, title
from .schemas import Schemas

_JSON = (fenrir_core.JSONResponse, responses.JSONResponse)
_JSON_LINES = "application/jsonl"


class Responses:
    """The responses of one route; it adds their types to the schemas first.

    Args:
        route: The route.
        schemas: The document's schemas.
        has_input: Whether the route reads any input, so that the response may be a 422.
    """

    def __init__(self, route: Route, schemas: Schemas, has_input: bool) -> None:
        self.route, self.schemas, self.has_input = route, schemas, has_input
        self.kind = _kind_of(route)
        self.is_json = type_inspection.is_class(self.kind, _JSON)
        self.model = return_values.response_model(route) if self.is_json else None
        self.items = return_values.item_model(route)
        if self.kind is fenrir_core.Response:
            self.model = _encoded(route, schemas.encoders) or _table_type(route)
        if self.model is not None:
            schemas.add(self, self._adapter(self.model), in_response=True)
        if self.items is not None:
            schemas.add((self, "items"), self._adapter(self.items), in_response=True)
        for status, described in (route.option("responses") or {}).items():
            if described.get("model") is not None:
                schemas.add((self, status), self._adapter(described["model"]), in_response=True)

    def _adapter(self, model: Any) -> TypeAdapter[Any]:
        return return_values.model_adapter(self.route, model, self.schemas.encoders)

    @property
    def has_validation_error(self) -> bool:
        """Whether the document has the default 422 response."""
        named = {str(key).upper() for key in self.route.option("responses") or {}}
        return self.has_input and not {"422", "4XX", "DEFAULT"} & named

    def describe(self, operation_id: str) -> Values:
        """Return the responses by status."""
        status = return_values.status_of(self.route) or _default_status(self.kind)
        main: Values = {"description": self.route.option("response_description") or "Successful Response"}
        content = self._content(operation_id)
        if content and status not in BODILESS:
            main["content"] = content
        found = {str(status): main}
        for key, extra in (self.route.option("responses") or {}).items():
            self._add_response(found, key, extra, operation_id)
        if self.has_validation_error:
            content = {"application/json": {"schema": ref("HTTPValidationError")}}
            found["422"] = {"description": "Validation Error", "content": content}
        return found

    def _content(self, operation_id: str) -> Values:
        if is_generator(self.route.endpoint) and return_values.follows_rule(self.route):
            if type_inspection.is_class(self.kind, fenrir_core.EventSourceResponse):
                return {"text/event-stream": {"itemSchema": self._event(operation_id)}}
            if self.is_json:
                return {_JSON_LINES: {"itemSchema": self._item(operation_id)}}
        media_type = getattr(self.kind, "media_type", None)
        if not self.is_json and self.model is None:
            if self.kind is fenrir_core.Response:
                return self._hybrid_content()
            return {media_type: {"schema": {"type": "string"}}} if media_type else {}
        if self.model is None:
            named = {"title": f"Response {title(operation_id)}"} if return_values.returns_any(self.route) else {}
            return {media_type or "application/json": {"schema": named}}
        found = {media_type or "application/json": {"schema": self._schema(self, f"Response {title(operation_id)}")}}
        if self.kind is fenrir_core.Response and str in _arms(self.route):
            found["text/html"] = {"schema": {"type": "string"}}
        return found

    def _item(self, operation_id: str) -> Values:
        return {} if self.items is None else self._schema((self, "items"), f"Streamitem {title(operation_id)}")

    def _schema(self, key: Any, name: str) -> Values:
        """Return the schema of a type of this route, with a title unless it is a reference."""
        schema = self.schemas.of(key, in_response=True)
        if "$ref" not in schema:
            schema["title"] = name
        return schema

    def _event(self, operation_id: str) -> Values:
        data: Values = {"type": "string"}
        item = self._item(operation_id)
        if item:
            data.update(contentMediaType="application/json", contentSchema=item)
        found: Values = {
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

    def _hybrid_content(self) -> Values:
        annotation = return_annotation(self.route.endpoint, self.route.namespace)
        if annotation is str:
            return {"text/html": {"schema": {"type": "string"}}}
        if annotation is bytes:
            return {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        return {"application/json": {"schema": {}}} if self.route.paradigm is None or annotation is not EMPTY else {}

    def _add_response(self, found: Values, key: Any, extra: NamedValues, operation_id: str) -> None:
        status = str(key).upper()
        status = "default" if status == "DEFAULT" else status
        response = found.setdefault(status, {})
        new = {name: copy.deepcopy(value) for name, value in extra.items() if name != "model"}
        if extra.get("model") is not None:
            media_type = getattr(self.kind, "media_type", None) or "application/json"
            place = new.setdefault("content", {}).setdefault(media_type, {}).setdefault("schema", {})
            merge_deep(place, self._schema((self, key), f"Response {key} {title(operation_id)}"))
        text = new.get("description") or response.get("description") or _status_text(status) or "Additional Response"
        merge_deep(response, new)
        response["description"] = text


def _kind_of(route: Route) -> Any:
    """Return the response class of a route; the base class where the hybrid app's table applies."""
    kind = route.option("response_class")
    if kind is not None or route.paradigm == "fastapi":
        return kind or responses.JSONResponse
    annotation = return_annotation(route.endpoint, route.namespace)
    if type_inspection.is_class(annotation, fenrir_core.Response):
        return annotation
    if return_values.follows_rule(route) or return_values.response_model(route) is not None:
        return responses.JSONResponse
    return fenrir_core.Response


def _encoded(route: Route, encoders: EncodersLike) -> Any:
    """Return the return annotation if it has types of encoders, or None."""
    annotation = return_annotation(route.endpoint, route.namespace)
    return None if with_encoders(annotation, encoders) is annotation else annotation


def _arms(route: Route) -> List[Any]:
    annotation = return_annotation(route.endpoint, route.namespace)
    return [] if annotation is EMPTY or isinstance(annotation, str) else list(type_inspection.arms(annotation))


def _table_type(route: Route) -> Any:
    """Return the part of the return annotation that the hybrid app's table sends as JSON; None if it has no schema.

    It describes and checks nothing: dataclasses, typed dicts, collections, numbers and unions of them.
    """
    arms = [arm for arm in _arms(route) if arm not in (str, bytes) and not _is_response(arm)]
    if not arms or arms in ([None], [type(None)]) or any(arm is Any or return_values.is_stream(arm) for arm in arms):
        return None
    if any((get_origin(arm) or arm) is tuple for arm in arms):  # a body with status or headers
        return None
    found: Any = Union[tuple(arms)]
    try:
        return found if TypeAdapter(found).json_schema(mode="serialization") else None
    except (PydanticUserError, PydanticSchemaGenerationError, TypeError, NameError):
        return None


def _is_response(arm: Any) -> bool:
    is_own = type_inspection.is_class(arm, fenrir_core.Response)
    return is_own or (type_inspection.is_class(arm, object) and is_response_class(arm))


def _default_status(kind: Any) -> int:
    """Return the default status of a response class."""
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
