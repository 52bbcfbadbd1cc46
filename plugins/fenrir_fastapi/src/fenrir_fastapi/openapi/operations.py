"""Write single operations of the document."""

from __future__ import annotations

import copy
from http import HTTPStatus
from typing import Any, Callable, Dict, List, Mapping, Optional

from pydantic import TypeAdapter

import fenrir_core
from fenrir_core import EMPTY, Route
from fenrir_core.plan import return_annotation

from .. import params, respond, typehints
from ..encoders import jsonable_encoder
from ..fields import Field
from .collect import Taken, flat, taken_by
from .constants import BODILESS, METHODS_WITH_BODY, STATUS_RANGES, ref
from .names import description_of, summary_of, unique_id
from .schemas import Schemas

#: What the path converters of all paradigms are in JSON schema.
_CONVERTERS: Mapping[str, Dict[str, str]] = {
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "uuid": {"type": "string", "format": "uuid"},
    "date": {"type": "string", "format": "date"},
    "ymd": {"type": "string", "format": "date"},
}


class RouteView:
    """Be one route as the document sees it: announce its types, then write its operations.

    Args:
        target: The compiled route.
        schemas: The document's types.
        make_id: The app's own maker of operation ids, or None.
    """

    def __init__(self, target: Any, schemas: Schemas, make_id: Optional[Callable[[Any], str]] = None) -> None:
        self.target, self.schemas = target, schemas
        self.route: Route = target.route
        self.path: str = target.template.openapi
        self.taken: Taken = taken_by(target)
        self.fields: List[Field] = [one for item in self.taken.fields for one in flat(item)]
        self.model = None if self._kind() is not None else respond.response_model(self.route)
        self.make_id = self.route.option("generate_unique_id_function") or make_id
        self._announce()

    def _kind(self) -> Any:
        """Give the response class of a route whose answers are no JSON, else None."""
        kind = self.route.option("response_class")
        if kind is None:
            annotation = return_annotation(self.route.endpoint, self.route.namespace)
            kind = annotation if typehints.is_class(annotation, fenrir_core.Response) else None
        return None if typehints.is_class(kind, fenrir_core.JSONResponse) or _is_json(kind) else kind

    def _announce(self) -> None:
        for item in (*self.fields, *self.taken.body):
            self.schemas.add(item, item.adapter)
        if self.model is not None:
            self.schemas.add(self, respond.model_adapter(self.route, self.model), answer=True)
        for status, answer in (self.route.option("responses") or {}).items():
            if answer.get("model") is not None:
                self.schemas.add((self, status), TypeAdapter(answer["model"]), answer=True)

    # ------------------------------------------------------------ the operation

    def operation_id(self, method: str) -> str:
        """Give the id of the operation of one method."""
        found = self.route.option("operation_id")
        if found:
            return str(found)
        if self.make_id is not None:
            return self.make_id(self.route)
        return unique_id(self.route, self.path, method if len(self.route.methods) > 1 else None)

    def operation(self, method: str) -> Dict[str, Any]:
        """Write the operation of one method."""
        route = self.route
        found: Dict[str, Any] = {}
        if route.option("tags"):
            found["tags"] = [jsonable_encoder(tag) for tag in route.option("tags")]
        found["summary"] = summary_of(route)
        description = description_of(route)
        if description:
            found["description"] = description
        found["operationId"] = self.operation_id(method)
        if route.option("deprecated"):
            found["deprecated"] = True
        if self.taken.security:
            found["security"] = self._security()
        parameters = self._parameters()
        if parameters:
            found["parameters"] = parameters
        body = self._body(method) if method in METHODS_WITH_BODY else None
        if body is not None:
            found["requestBody"] = body
        found["responses"] = self._responses(method)
        extra = route.option("openapi_extra")
        if extra:
            merge_deep(found, extra)
        return found

    def _security(self) -> List[Dict[str, List[str]]]:
        found: Dict[str, List[str]] = {}
        for scheme, scopes in self.taken.security:
            asked = found.setdefault(scheme.scheme_name, [])
            asked.extend(scope for scope in scopes if scope not in asked)
        return [{name: scopes} for name, scopes in found.items()]

    # ------------------------------------------------------------ parameters

    def _parameters(self) -> List[Dict[str, Any]]:
        found: Dict[Any, Dict[str, Any]] = {}
        for name, schema in self._untyped().items():
            found["path", name] = {"name": name, "in": "path", "required": True, "schema": schema}
        for item in self.fields:
            if not item.marker.include_in_schema:
                continue
            key = (item.source, item.alias)
            if key not in found or item.required:
                found[key] = self._parameter(item)
        return list(found.values())

    def _untyped(self) -> Dict[str, Dict[str, Any]]:
        """Give the schemas of path parameters that the handler does not type itself."""
        typed = {item.alias for item in self.taken.fields if item.source == "path"}
        found = {}
        for param in self.target.template.params:
            if param.name not in typed:
                schema = dict(_CONVERTERS.get(param.converter.name.partition("(")[0], {"type": "string"}))
                if param.converter.name.startswith("re:"):
                    schema["pattern"] = f"^{param.converter.regex}$"
                found[param.name] = {**schema, "title": _title(param.name)}
        return found

    def _parameter(self, item: Field) -> Dict[str, Any]:
        marker = item.marker
        found: Dict[str, Any] = {
            "name": item.alias,
            "in": item.source,
            "required": item.required,
            "schema": self._schema(item),
        }
        if marker.description:
            found["description"] = marker.description
        found.update(_examples(marker))
        if marker.deprecated:
            found["deprecated"] = True
        return found

    def _schema(self, item: Field) -> Dict[str, Any]:
        schema = self.schemas.of(item)
        if "$ref" not in schema:
            schema["title"] = item.marker.title or _title(item.marker.alias or item.name)
        if item.default is not params.Undefined and item.default is not None and "$ref" not in schema:
            schema["default"] = jsonable_encoder(item.default)
        return schema

    # ------------------------------------------------------------ body

    def _body(self, method: str) -> Optional[Dict[str, Any]]:
        fields = self.taken.body
        if not fields:
            return None
        required = any(item.required for item in fields)
        marker: Any = fields[0].marker
        if not self.taken.embeds:
            schema, media_type = self._schema(fields[0]), marker.media_type
        else:
            name = f"Body_{self.operation_id(method)}"
            schema, media_type = ref(name), _media_type(fields)
            self.schemas.components[name] = self._body_component(name)
        content: Dict[str, Any] = {"schema": schema}
        if not self.taken.embeds:
            content.update(_examples(marker))
        found: Dict[str, Any] = {"content": {media_type: content}}
        if required:
            found["required"] = True
        return found

    def _body_component(self, name: str) -> Dict[str, Any]:
        fields = self.taken.body
        found: Dict[str, Any] = {
            "properties": {item.alias: self._schema(item) for item in fields},
            "type": "object",
            "title": name,
        }
        needed = [item.alias for item in fields if item.required]
        if needed:
            found["required"] = needed
        return found

    # ------------------------------------------------------------ answers

    def _responses(self, method: str) -> Dict[str, Any]:
        status = respond.status_of(self.route) or _default_status(self._kind())
        answer: Dict[str, Any] = {"description": self.route.option("response_description") or "Successful Response"}
        content = self._content(method)
        if content and status not in BODILESS:
            answer["content"] = content
        found = {str(status): answer}
        for key, extra in (self.route.option("responses") or {}).items():
            self._further(found, key, extra)
        takes = bool(self.taken.fields or self.taken.body)
        if takes and not {"422", "4XX", "default"} & set(found):
            content = {"application/json": {"schema": ref("HTTPValidationError")}}
            found["422"] = {"description": "Validation Error", "content": content}
        return found

    @property
    def may_be_invalid(self) -> bool:
        """Tell whether the document has to explain the 422 answer."""
        return bool(self.taken.fields or self.taken.body)

    def _content(self, method: str) -> Dict[str, Any]:
        kind = self._kind()
        if kind is not None:
            media_type = getattr(kind, "media_type", None)
            return {media_type: {"schema": {"type": "string"}}} if media_type else {}
        if self.model is not None:
            schema = self.schemas.of(self, answer=True)
            if "$ref" not in schema:
                schema["title"] = f"Response {_title(self.operation_id(method))}"
            return {"application/json": {"schema": schema}}
        if respond.follows_rule(self.route):
            return {"application/json": {"schema": {}}}
        return self._hybrid_content()

    def _hybrid_content(self) -> Dict[str, Any]:
        annotation = return_annotation(self.route.endpoint, self.route.namespace)
        if annotation is str:
            return {"text/html": {"schema": {"type": "string"}}}
        if annotation is bytes:
            return {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        return {"application/json": {"schema": {}}} if self.route.paradigm is None or annotation is not EMPTY else {}

    def _further(self, found: Dict[str, Any], key: Any, extra: Mapping[str, Any]) -> None:
        status = str(key).upper()
        status = "default" if status == "DEFAULT" else status
        answer = found.setdefault(status, {})
        new = {name: copy.deepcopy(value) for name, value in extra.items() if name != "model"}
        if extra.get("model") is not None:
            media_type = getattr(self._kind(), "media_type", None) or "application/json"
            place = new.setdefault("content", {}).setdefault(media_type, {}).setdefault("schema", {})
            schema = self.schemas.of((self, key), answer=True)
            if "$ref" not in schema:
                schema["title"] = f"Response {key} {_title(self.operation_id(self.route.methods[0]))}"
            merge_deep(place, schema)
        text = new.get("description") or answer.get("description") or _status_text(status) or "Additional Response"
        merge_deep(answer, new)
        answer["description"] = text


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


def _is_json(kind: Any) -> bool:
    media_type = getattr(kind, "media_type", None)
    return kind is not None and media_type == "application/json"


def _title(name: str) -> str:
    return name.title().replace("_", " ")


def _examples(marker: Any) -> Dict[str, Any]:
    if marker.openapi_examples:
        return {"examples": jsonable_encoder(marker.openapi_examples)}
    if marker.example is not params.Undefined:
        return {"example": jsonable_encoder(marker.example)}
    return {}


def _media_type(fields: List[Field]) -> str:
    if any(isinstance(item.marker, params.File) for item in fields):
        return "multipart/form-data"
    if any(item.is_form for item in fields):
        return "application/x-www-form-urlencoded"
    kinds = {item.marker.media_type for item in fields}
    return kinds.pop() if len(kinds) == 1 else "application/json"


def _default_status(kind: Any) -> int:
    return 307 if typehints.is_class(kind, fenrir_core.RedirectResponse) else 200


def _status_text(status: str) -> Optional[str]:
    if status in STATUS_RANGES or status == "default":
        return STATUS_RANGES.get(status, STATUS_RANGES["DEFAULT"])
    try:
        return HTTPStatus(int(status)).phrase
    except ValueError:
        return None
