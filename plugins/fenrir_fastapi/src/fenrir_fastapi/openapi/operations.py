"""The operations of the document."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Optional

from fenrir_core import Route
from fenrir_core.authoring import CompiledRoute, JSONObject

from .. import params
from ..encoders import jsonable_encoder
from ..inclusion import RouteContext
from ..operation_names import description_of, summary_of, unique_id
from ..parameters.fields import Field
from ..starlette.routing import ORIGIN
from ..starlette.types import Values
from .constants import METHODS_WITH_BODY, merge_deep, ref, title
from .inputs import Inputs, flatten, inputs_of
from .responses import Responses
from .schemas import Schemas

#: The JSON schemas of path converters, of all paradigms.
_CONVERTERS: Mapping[str, Dict[str, str]] = {
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "uuid": {"type": "string", "format": "uuid"},
    "date": {"type": "string", "format": "date"},
    "ymd": {"type": "string", "format": "date"},
}


class DocumentedRoute:
    """A route in the document; it adds its types to the schemas first.

    Args:
        compiled: The compiled route.
        schemas: The document's schemas.
        make_id: The app's function from route to operation id, or None.
    """

    def __init__(
        self, compiled: CompiledRoute, schemas: Schemas, make_id: Optional[Callable[[Any], str]] = None
    ) -> None:
        self.compiled, self.template, self.schemas = compiled, compiled.template, schemas
        self.route: Route = compiled.route
        self.path: str = compiled.template.openapi if compiled.template is not None else self.route.path
        self.inputs: Inputs = inputs_of(compiled)
        self.fields: List[Field] = [one for item in self.inputs.fields for one in flatten(item)]
        self.make_id = self.route.option("generate_unique_id_function") or make_id
        self.responses = Responses(self.route, schemas, bool(self.inputs.fields or self.inputs.body))
        #: The routes of the operation's callbacks.
        self.callbacks: List[DocumentedRoute] = []
        for item in (*self.fields, *self.inputs.body):
            schemas.add(item, item.documented)

    @property
    def parts(self) -> List[JSONObject]:
        """What plugins say of the route's inputs; their schemas are components of the document."""
        return [self.schemas.hoisted(part) for part in self.inputs.parts]

    @property
    def has_validation_error(self) -> bool:
        """Whether an operation has the default 422 response."""
        return self.responses.has_validation_error

    # ------------------------------------------------------------ the operation

    def operation_id(self, method: str) -> str:
        """Return the id of the operation of one method."""
        found = self.route.option("operation_id")
        if found:
            return str(found)
        if self.make_id is not None:
            origin = self.route.option(ORIGIN)
            return self.make_id(self.route if origin is None else RouteContext(origin, self.route))
        return unique_id(self.route, self.path, method if len(self.route.methods) > 1 else None)

    def operation(self, method: str) -> Values:
        """Return the operation of one method."""
        route = self.route
        found: Values = {}
        if route.option("tags"):
            found["tags"] = [jsonable_encoder(tag) for tag in route.option("tags")]
        found["summary"] = summary_of(route)
        description = description_of(route)
        if description:
            found["description"] = description
        found["operationId"] = self.operation_id(method)
        if route.option("deprecated"):
            found["deprecated"] = True
        if self.inputs.security:
            found["security"] = self._security()
        parameters = self._parameters()
        if parameters:
            found["parameters"] = parameters
        body = self._body(method) if method in METHODS_WITH_BODY else None
        if body is not None:
            found["requestBody"] = body
        if self.callbacks:
            found["callbacks"] = {
                item.route.name: {item.path: {verb.lower(): item.operation(verb) for verb in item.route.methods}}
                for item in self.callbacks
            }
        found["responses"] = self.responses.describe(self.operation_id(method))
        for part in self.parts:
            add_part(found, part)
        extra = route.option("openapi_extra")
        if extra:
            merge_deep(found, extra)
        return found

    def _security(self) -> List[Dict[str, List[str]]]:
        found: Dict[str, List[str]] = {}
        for scheme, scopes in self.inputs.security:
            asked = found.setdefault(scheme.scheme_name, [])
            asked.extend(scope for scope in scopes if scope not in asked)
        return [{name: scopes} for name, scopes in found.items()]

    # ------------------------------------------------------------ parameters

    def _parameters(self) -> List[Values]:
        found: Dict[Any, Values] = {}
        for name, schema in self._undeclared().items():
            found["path", name] = {"name": name, "in": "path", "required": True, "schema": schema}
        for item in self.fields:
            if not item.marker.include_in_schema:
                continue
            key = (item.source, item.alias)
            if key not in found or item.required:
                found[key] = self._parameter(item)
        return list(found.values())

    def _undeclared(self) -> Dict[str, Values]:
        """Return the schemas of path parameters that the handler does not declare."""
        declared = {item.alias for item in self.inputs.fields if item.source == "path"}
        found = {}
        for param in self.template.params if self.template is not None else ():
            if param.name not in declared:
                schema = dict(_CONVERTERS.get(param.converter.name.partition("(")[0], {"type": "string"}))
                if param.converter.name.startswith("re:"):
                    schema["pattern"] = f"^{param.converter.regex}$"
                found[param.name] = {**schema, "title": title(param.name)}
        return found

    def _parameter(self, item: Field) -> Values:
        marker = item.marker
        found: Values = {
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

    def _schema(self, item: Field) -> Values:
        schema = self.schemas.of(item)
        if "$ref" not in schema:
            schema["title"] = item.marker.title or title(item.alias)
            if item.marker.description:
                schema.setdefault("description", item.marker.description)
        if item.default is not params.Undefined and item.default is not None:
            schema["default"] = jsonable_encoder(item.default)
        return schema

    # ------------------------------------------------------------ body

    def _body(self, method: str) -> Optional[Values]:
        fields = self.inputs.body
        if not fields:
            return None
        content: Values
        if self.inputs.embeds:
            name = f"Body_{self.operation_id(method)}"
            self.schemas.components[name] = self._body_component(name)
            media_type, content = _media_type(fields), {"schema": ref(name)}
        else:
            marker = fields[0].marker
            media_type, content = marker.media_type, {"schema": self._schema(fields[0]), **_examples(marker)}
        found: Values = {"content": {media_type: content}}
        if any(item.required for item in fields):
            found["required"] = True
        return found

    def _body_component(self, name: str) -> Values:
        fields = self.inputs.body
        found: Values = {
            "properties": {item.alias: self._schema(item) for item in fields},
            "type": "object",
            "title": name,
        }
        needed = [item.alias for item in fields if item.required]
        if needed:
            found["required"] = needed
        return found


def add_part(operation: JSONObject, part: JSONObject) -> None:
    """Add what a plugin says of a parameter to an operation; what the route says itself comes first."""
    known = {(item.get("in"), item.get("name")) for item in operation.get("parameters", ())}
    parameters = [item for item in part.get("parameters", ()) if (item["in"], item["name"]) not in known]
    security = [item for item in part.get("security", ()) if item not in operation.get("security", ())]
    for name, items in (("parameters", parameters), ("security", security)):
        if items:
            operation[name] = [*operation.get(name, ()), *items]
    if "requestBody" in part:
        operation.setdefault("requestBody", part["requestBody"])
    for status, response in part.get("responses", {}).items():
        operation["responses"].setdefault(str(status), response)


def _examples(marker: Any) -> Values:
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
