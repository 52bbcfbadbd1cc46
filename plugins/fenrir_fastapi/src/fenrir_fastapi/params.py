"""The markers of parameters: their place, default and constraints."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Callable, ClassVar, List, Optional, Sequence, Union

from pydantic import Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from .exceptions import FastAPIDeprecationWarning, ParameterError
from .starlette.types import AnyCallable, Values

#: The default of a parameter that has none.
Undefined: Any = PydanticUndefined

#: The constraints and descriptions that are passed to pydantic and so into the schema.
_FOR_PYDANTIC = (
    "title",
    "description",
    "gt",
    "ge",
    "lt",
    "le",
    "min_length",
    "max_length",
    "pattern",
    "discriminator",
    "strict",
    "multiple_of",
    "allow_inf_nan",
    "max_digits",
    "decimal_places",
    "examples",
    "json_schema_extra",
    "validate_default",
    "union_mode",
    "fail_fast",
)


def _deprecated(old: str, new: str) -> None:
    text = f"`{old}` has been deprecated, please use `{new}` instead."
    warnings.warn(text, FastAPIDeprecationWarning, stacklevel=6)


@dataclass(eq=False, repr=False)
class Marker:
    """A parameter's place, default, constraints and documentation.

    Args:
        default: The value of a missing parameter; the parameter is required if neither this nor
            `default_factory` is given, or if it is `...`.
        default_factory: Called once a request for the default.
        alias: The name that clients use; `validation_alias` takes precedence.
        include_in_schema: Whether the OpenAPI document contains it.
        Others: As for `pydantic.Field`.
    """

    source: ClassVar[str] = ""

    default: Any = Undefined
    default_factory: Optional[Callable[[], Any]] = None
    annotation: Any = None
    alias: Optional[str] = None
    alias_priority: Optional[int] = None
    validation_alias: Any = None
    serialization_alias: Optional[str] = None
    title: Optional[str] = None
    description: Optional[str] = None
    gt: Optional[float] = None
    ge: Optional[float] = None
    lt: Optional[float] = None
    le: Optional[float] = None
    min_length: Optional[int] = None
    max_length: Optional[int] = None
    pattern: Optional[str] = None
    regex: Optional[str] = None
    discriminator: Optional[str] = None
    strict: Optional[bool] = None
    multiple_of: Optional[float] = None
    allow_inf_nan: Optional[bool] = None
    max_digits: Optional[int] = None
    decimal_places: Optional[int] = None
    examples: Optional[List[Any]] = None
    example: Any = Undefined
    openapi_examples: Optional[Values] = None
    deprecated: Union[bool, str, None] = None
    include_in_schema: bool = True
    json_schema_extra: Optional[Values] = None
    convert_underscores: bool = True
    embed: Optional[bool] = None
    media_type: str = "application/json"
    validate_default: Optional[bool] = None
    union_mode: Optional[str] = None
    fail_fast: Optional[bool] = None

    def __post_init__(self) -> None:
        if self.default is Ellipsis:
            self.default = Undefined
        if self.regex is not None:
            _deprecated("regex", "pattern")
            self.pattern = self.pattern if self.pattern is not None else self.regex
        if self.example is not Undefined:
            _deprecated("example", "examples")

    @property
    def required(self) -> bool:
        """Whether the client must send it."""
        return self.default is Undefined and self.default_factory is None

    def field_info(self) -> FieldInfo:
        """Return the constraints as pydantic's field, without default and alias."""
        given = {name: getattr(self, name) for name in _FOR_PYDANTIC if getattr(self, name) is not None}
        if self.deprecated:  # pydantic's own `deprecated` is for fields of models
            given["json_schema_extra"] = {"deprecated": True, **given.get("json_schema_extra", {})}
        info: FieldInfo = Field(**given)
        return info

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.default})"


class ParamTypes(Enum):
    """The places outside of the body."""

    query = "query"
    header = "header"
    path = "path"
    cookie = "cookie"


class Param(Marker):
    """A parameter outside the body; by itself one of the query."""

    source = "query"
    #: The place.
    in_: ClassVar[ParamTypes]


class Path(Param):
    """A path parameter."""

    source = "path"
    in_ = ParamTypes.path

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.required:
            raise ParameterError("A path parameter is always sent, so it has no default value: leave it out.")


class Query(Param):
    """A query parameter; a sequence has all values of the name, any other type the last."""

    source = "query"
    in_ = ParamTypes.query


class Header(Param):
    """A header; ``_`` in the parameter's name stands for ``-`` unless `convert_underscores` is off."""

    source = "header"
    in_ = ParamTypes.header


class Cookie(Param):
    """A cookie."""

    source = "cookie"
    in_ = ParamTypes.cookie


class Body(Marker):
    """The JSON body; with `embed`, or beside other body parameters, one key of it."""

    source = "body"


@dataclass(eq=False, repr=False)
class Form(Body):
    """A form field; an empty one counts as missing."""

    media_type: str = "application/x-www-form-urlencoded"


@dataclass(eq=False, repr=False)
class File(Form):
    """An uploaded file, as `UploadFile` or as bytes."""

    media_type: str = "multipart/form-data"


@dataclass(frozen=True)
class Depends:
    """A dependency: the result of a callable whose own parameters are filled in turn.

    Args:
        dependency: The callable; the parameter's annotation by default.
        use_cache: Whether all uses in one request share one call.
        scope: ``"function"`` closes a `yield` dependency before the response is sent,
            ``"request"`` (the default) after its last byte.
        max_concurrency: How many requests may use it at a time; others wait. A `yield` dependency is in use until it
            is closed.

    Raises:
        ValueError: `max_concurrency` is no positive number.
    """

    dependency: Optional[AnyCallable] = None
    use_cache: bool = True
    scope: Optional[str] = None
    max_concurrency: Optional[int] = None

    def __post_init__(self) -> None:
        if self.max_concurrency is not None and (type(self.max_concurrency) is not int or self.max_concurrency < 1):
            raise ValueError("max_concurrency must be a positive integer or None")


@dataclass(frozen=True)
class Security(Depends):
    """A dependency that declares OAuth2 scopes, which its own dependencies can check."""

    scopes: Sequence[str] = field(default=())
