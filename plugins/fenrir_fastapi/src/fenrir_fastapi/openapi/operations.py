"""Write single operations of the document."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Optional

from fenrir_core import Route

from .. import params
from ..encoders import jsonable_encoder
from ..operation_names import description_of, summary_of, unique_id
from ..parameters.fields import Field
from ..route_contexts import RouteContext
from .constants import METHODS_WITH_BODY, merge_deep, ref, title
from .inputs import Taken, flat, taken_by
from .responses import Answers
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
    """One route as the document sees it: announce its types, then write its operations.

    Args:
        target: The compiled route.
        schemas: The document's types.
        make_id: The app's own maker of operation ids, or None.
    """

    def __init__(self, target: Any, schemas: Schemas, make_id: Optional[Callable[[Any], str]] = None) -> None:
        self.target, self.schemas = target, schemas
        self.route: Route = target.route
        self.path: str = target.template.openapi if target.template is not None else self.route.path
        self.taken: Taken = taken_by(target)
        self.fields: List[Field] = [one for item in self.taken.fields for one in flat(item)]
        self.make_id = self.route.option("generate_unique_id_function") or make_id
        self.answers = Answers(self.route, schemas, bool(self.taken.fields or self.taken.body))
        #: The operations that the description of this one mentions.
        self.callbacks: List[RouteView] = []
        for item in (*self.fields, *self.taken.body):
            schemas.add(item, item.adapter)

    @property
    def explains_errors(self) -> bool:
        """Whether the document has to explain the 422 answer."""
        return self.answers.explains_errors

    # ------------------------------------------------------------ the operation

    def operation_id(self, method: str) -> str:
        """Return the id of the operation of one method."""
        found = self.route.option("operation_id")
        if found:
            return str(found)
        if self.make_id is not None:
            origin = self.route.option("api_route")
            return self.make_id(self.route if origin is None else RouteContext(origin, self.route))
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
        if self.callbacks:
            found["callbacks"] = {
                view.route.name: {view.path: {verb.lower(): view.operation(verb) for verb in view.route.methods}}
                for view in self.callbacks
            }
        found["responses"] = self.answers.describe(self.operation_id(method))
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
        """Return the schemas of path parameters that the handler does not type itself."""
        typed = {item.alias for item in self.taken.fields if item.source == "path"}
        found = {}
        for param in self.target.template.params if self.target.template is not None else ():
            if param.name not in typed:
                schema = dict(_CONVERTERS.get(param.converter.name.partition("(")[0], {"type": "string"}))
                if param.converter.name.startswith("re:"):
                    schema["pattern"] = f"^{param.converter.regex}$"
                found[param.name] = {**schema, "title": title(param.name)}
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
            schema["title"] = item.marker.title or title(item.alias)
            if item.marker.description:
                schema.setdefault("description", item.marker.description)
        if item.default is not params.Undefined and item.default is not None:
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
