"""Types that plugins' encoders write, inside of what pydantic validates and describes."""

from __future__ import annotations

import json
from typing import Any, Union

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema
from typing_extensions import Annotated, get_args, get_origin

from fenrir_core import BuildError
from fenrir_core.authoring import EncoderLike, EncodersLike, JSONObject

from .encoders import jsonable_encoder
from .type_inspection import is_class, is_union

#: The key under which a schema that pydantic must not read is kept as text, until the document is put together.
KEPT = "x-fenrir-schema"


class _Encoded:
    """Metadata of an annotation: instances are valid, and are written by an encoder."""

    def __init__(self, kind: type, encoder: EncoderLike) -> None:
        self.kind, self.encoder = kind, encoder

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        to_json = self.encoder.to_json
        written = core_schema.plain_serializer_function_ser_schema(lambda value: jsonable_encoder(to_json(value)))
        return core_schema.is_instance_schema(self.kind, serialization=written)

    def __get_pydantic_json_schema__(self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> JSONObject:
        if self.encoder.schema is None:
            return {}
        name = self.kind.__qualname__
        try:
            found = self.encoder.schema(self.kind)
        except Exception as error:
            raise BuildError(f"`schema` of the encoder of {name} failed: {type(error).__name__}: {error}") from error
        if not isinstance(found, dict):
            raise BuildError(f"`schema` of the encoder of {name} returned {found!r:.80}; it must return a JSON schema.")
        return {KEPT: json.dumps(found)}


def with_encoders(annotation: Any, encoders: EncodersLike) -> Any:
    """Return an annotation in which pydantic leaves the types of encoders to them; itself if there are none.

    Args:
        annotation: Any annotation, such as ``List[Struct]``.
        encoders: The app's encoders.
    """
    if is_class(annotation, object):
        encoder = encoders.find(annotation) if encoders.by_type else None
        return annotation if encoder is None else Annotated[annotation, _Encoded(annotation, encoder)]
    parts = get_args(annotation)
    if not encoders.by_type or not parts:
        return annotation
    changed = tuple(with_encoders(part, encoders) for part in parts)
    if all(new is old for new, old in zip(changed, parts)):
        return annotation
    origin = get_origin(annotation)
    if origin is Annotated:
        return Annotated[changed]
    if is_union(annotation):
        return Union[changed]
    return annotation.copy_with(changed) if hasattr(annotation, "copy_with") else origin[changed]
