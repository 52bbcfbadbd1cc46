"""JSON schemas: those of all types of a document are made together, so that a model is one component."""

from __future__ import annotations

import copy
import json
from types import MappingProxyType
from typing import Any, Dict, List, Mapping, Tuple

from pydantic import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from fenrir_core import BuildError
from fenrir_core.authoring import EncodersLike, JSONObject

from ..encoded_types import KEPT
from ..starlette.types import Values
from ..type_inspection import schema_parts
from .constants import REF_TEMPLATE, ref


class _Generator(GenerateJsonSchema):
    """A schema generator that describes bytes as FastAPI does: by content, not by format."""

    def bytes_schema(self, schema: Any) -> Any:
        """Return the schema of bytes."""
        found: Values = {"type": "string", "contentMediaType": "application/octet-stream"}
        mode = getattr(self._config, "ser_json_bytes" if self.mode == "serialization" else "val_json_bytes", None)
        if mode == "base64":
            found["contentEncoding"] = "base64"
        self.update_with_validations(found, schema, self.ValidationsMapping.bytes)
        return found


class Schemas:
    """The schemas of a document: types are added first, then all schemas are generated.

    Args:
        encoders: The app's encoders, which describe types that pydantic does not know.
        separate: Whether a model may have another schema in responses than in requests.

    Attributes:
        components: The schemas that others refer to, by name.
    """

    def __init__(self, encoders: EncodersLike, separate: bool = True) -> None:
        self.encoders = encoders
        self._hoisted: JSONObject = {}
        self._separate = separate
        self._modes: Dict[Tuple[Any, bool], str] = {}
        self._inputs: List[Tuple[Any, Any, TypeAdapter[Any]]] = []
        self._found: Dict[Any, Any] = {}
        self.components: JSONObject = {}

    def add(self, key: Any, adapter: TypeAdapter[Any], in_response: bool = False) -> None:
        """Add a type; one that is there stays, since routes share the fields of parameters that are declared alike.

        Args:
            key: The key to get its schema by.
            adapter: Pydantic's adapter of the type.
            in_response: Whether it is sent, not received.
        """
        if (key, in_response) in self._modes:
            return
        mode: Any = "validation"
        if in_response and (self._separate or _has_computed(adapter.core_schema)):
            mode = "serialization"
        self._modes[key, in_response] = mode
        self._inputs.append((key, mode, adapter))

    def generate(self) -> None:
        """Generate the schemas.

        Raises:
            BuildError: A type has no JSON schema.
        """
        try:
            self._found, rest = TypeAdapter.json_schemas(
                self._inputs, ref_template=REF_TEMPLATE, schema_generator=_Generator
            )
        except (PydanticInvalidForJsonSchema, PydanticSchemaGenerationError) as error:
            raise BuildError(f"The OpenAPI document can't be made: {error}") from error
        definitions = rest.get("$defs", {})
        self.components.update(dict.fromkeys(definitions))  # the names are taken
        for name, schema in definitions.items():
            if "description" in schema:
                schema["description"] = schema["description"].split("\f")[0]
            self.components[name] = self._unpacked(schema)
        self._found = {key: self._unpacked(schema) for key, schema in self._found.items()}

    def _unpacked(self, value: Any) -> Any:
        """Return a schema of pydantic's with those of encoders in their places."""
        if isinstance(value, list):
            return [self._unpacked(item) for item in value]
        if not isinstance(value, dict):
            return value
        rest = {key: self._unpacked(item) for key, item in value.items() if key != KEPT}
        return {**self.hoisted(json.loads(value[KEPT])), **rest} if KEPT in value else rest

    def hoisted(self, value: Any, names: Mapping[str, str] = MappingProxyType({})) -> Any:
        """Return a JSON value in which the ``$defs`` of schemas are components of the document.

        Args:
            value: A schema, or anything that contains some.
            names: The components of the definitions that it may refer to.
        """
        if isinstance(value, list):
            return [self.hoisted(item, names) for item in value]
        if not isinstance(value, dict):
            return value
        definitions = value.get("$defs")
        if isinstance(definitions, dict):
            names = {**names, **{name: self._component(name, schema) for name, schema in definitions.items()}}
            for name, schema in definitions.items():
                self.components[names[name]] = self.hoisted(schema, names)
        found = {key: self.hoisted(item, names) for key, item in value.items() if key != "$defs"}
        if isinstance(found.get("$ref"), str) and found["$ref"].startswith("#/$defs/"):
            found["$ref"] = ref(names.get(found["$ref"][8:], found["$ref"][8:]))["$ref"]
        return found

    def _component(self, name: str, schema: JSONObject) -> str:
        """Return the name of the component for a definition: its own, or one with a number where that is taken."""
        found, count = name, 1
        while self._hoisted.get(found, schema) != schema or (found in self.components and found not in self._hoisted):
            count += 1
            found = f"{name}_{count}"
        self._hoisted[found] = schema
        return found

    def of(self, key: Any, in_response: bool = False) -> Values:
        """Return the schema of a type that was added."""
        schema: Values = copy.deepcopy(self._found[key, self._modes[key, in_response]])
        return schema


def _has_computed(schema: object) -> bool:
    """Return whether a core schema has computed fields at any depth: those are sent, not received."""
    return any(isinstance(part, dict) and part.get("computed_fields") for part in schema_parts(schema))
