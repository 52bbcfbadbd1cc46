"""How values and bodies are written and read, and what all templates see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Optional, Type

from ..._types import Dumps, Loads, Namespace, SchemaOf, ToJSON
from ..._validation import must, takes
from ...http.connection import Connection
from ...http.encoders import can_encode
from ...http.media_types import is_free
from .routes import Route


@dataclass(frozen=True)
class Encoder:
    """How values of a type are written as JSON, by every paradigm and at any depth.

    Args:
        type: A class; it covers its subclasses, and the nearest class of a value's MRO counts.
        to_json: Called with a value; returns a simpler one, such as a dict, whose items are converted in turn.
        schema: Called with the class of a parameter or return annotation; returns its JSON schema for the OpenAPI
            document, whose ``$defs`` become components. None describes any value.
    """

    type: Type[object] = field(
        metadata=must(
            can_encode,
            "be a class whose values JSON can't write by itself: no str, int, float, dict, list, tuple, Enum or UUID, "
            "and not `object`",
        )
    )
    to_json: ToJSON = field(metadata=takes("value", is_sync=True))
    schema: Optional[SchemaOf] = field(default=None, metadata=takes("type", optional=True, is_sync=True))


@dataclass(frozen=True)
class MediaType:
    """A media type besides JSON that bodies are read and written in.

    Args:
        name: The media type in lower case, without parameters.
        loads: Called with the bytes of a body; returns its value, or raises ValueError if it is malformed (status
            400).
        dumps: Called with a value of JSON's types; returns the bytes. It must not block.
    """

    name: str = field(
        metadata=must(
            is_free,
            "be a media type without parameters, as in 'application/msgpack', and neither JSON, HTML nor a form",
        )
    )
    loads: Loads = field(metadata=takes("body", is_sync=True))
    dumps: Dumps = field(metadata=takes("value", is_sync=True))


@dataclass(frozen=True)
class TemplateContext:
    """Names that the templates of all engines see.

    Args:
        name: For reports.
        names: Called with the `Connection` when a template is rendered; returns a mapping. It must not block.
        applies: Whether it is for the requests of a route; None for all.
    """

    name: str
    names: Callable[[Connection], Namespace] = field(metadata=takes("connection", is_sync=True))
    applies: Optional[Callable[[Route], bool]] = field(default=None, metadata=takes("route", optional=True))
