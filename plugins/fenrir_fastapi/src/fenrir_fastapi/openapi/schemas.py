"""JSON schemas of all types of a document at once, so that one model is one component."""

from __future__ import annotations

import copy
from typing import Any, Dict, List, Tuple

from pydantic import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from fenrir_core import BuildError

from .constants import REF_TEMPLATE


class _Generator(GenerateJsonSchema):
    """Write bytes as FastAPI does: as content, not as a format."""

    def bytes_schema(self, schema: Any) -> Any:
        """Describe bytes."""
        found: Dict[str, Any] = {"type": "string", "contentMediaType": "application/octet-stream"}
        mode = getattr(self._config, "ser_json_bytes" if self.mode == "serialization" else "val_json_bytes", None)
        if mode == "base64":
            found["contentEncoding"] = "base64"
        self.update_with_validations(found, schema, self.ValidationsMapping.bytes)
        return found


class Schemas:
    """Collect types first, then give the schema of each."""

    def __init__(self, separate: bool = True) -> None:
        """Start empty; `separate` says whether one model may look different when it is sent."""
        self._answer = "serialization" if separate else "validation"
        self._inputs: List[Tuple[Any, Any, TypeAdapter[Any]]] = []
        self._found: Dict[Any, Any] = {}
        self.components: Dict[str, Any] = {}

    def add(self, key: Any, adapter: TypeAdapter[Any], answer: bool = False) -> None:
        """Announce a type; `answer` says that it is sent and not received."""
        self._inputs.append((key, self._answer if answer else "validation", adapter))

    def generate(self) -> None:
        """Make the schemas.

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

    def of(self, key: Any, answer: bool = False) -> Dict[str, Any]:
        """Return the schema of an announced type."""
        schema: Dict[str, Any] = copy.deepcopy(self._found[key, self._answer if answer else "validation"])
        return schema
