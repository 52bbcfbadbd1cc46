"""JSON schemas: those of all types of a document are made together, so that a model is one component."""

from __future__ import annotations

import copy
from typing import Any, Dict, List, Tuple

from pydantic import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from fenrir_core import BuildError

from .constants import REF_TEMPLATE


class _Generator(GenerateJsonSchema):
    """A schema generator that describes bytes as FastAPI does: by content, not by format."""

    def bytes_schema(self, schema: Any) -> Any:
        """Return the schema of bytes."""
        found: Dict[str, Any] = {"type": "string", "contentMediaType": "application/octet-stream"}
        mode = getattr(self._config, "ser_json_bytes" if self.mode == "serialization" else "val_json_bytes", None)
        if mode == "base64":
            found["contentEncoding"] = "base64"
        self.update_with_validations(found, schema, self.ValidationsMapping.bytes)
        return found


class Schemas:
    """The schemas of a document: types are added first, then all schemas are generated.

    Args:
        separate: Whether a model may have another schema in responses than in requests.
    """

    def __init__(self, separate: bool = True) -> None:
        self._response_mode = "serialization" if separate else "validation"
        self._inputs: List[Tuple[Any, Any, TypeAdapter[Any]]] = []
        self._found: Dict[Any, Any] = {}
        self.components: Dict[str, Any] = {}

    def add(self, key: Any, adapter: TypeAdapter[Any], in_response: bool = False) -> None:
        """Add a type.

        Args:
            key: The key to get its schema by.
            adapter: Pydantic's adapter of the type.
            in_response: Whether it is sent, not received.
        """
        self._inputs.append((key, self._response_mode if in_response else "validation", adapter))

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
        for name, schema in rest.get("$defs", {}).items():
            if "description" in schema:
                schema["description"] = schema["description"].split("\f")[0]
            self.components[name] = schema

    def of(self, key: Any, in_response: bool = False) -> Dict[str, Any]:
        """Return the schema of a type that was added."""
        schema: Dict[str, Any] = copy.deepcopy(self._found[key, self._response_mode if in_response else "validation"])
        return schema
