"""The functions that users write in signatures: `Query(…)`, `Depends(…)` and so on.

They return `Any`, so that `q: str = Query(None)` satisfies type checkers; the objects themselves
are in `params`.
"""

from __future__ import annotations

from typing import Any, Callable, List, Optional, Sequence, Union

from typing_extensions import TypedDict, Unpack

from . import params
from .params import Undefined
from .starlette.types import AnyCallable, Values


class Keywords(TypedDict, total=False):
    """The keywords that every marker takes; see `params.Marker`."""

    default_factory: Optional[Callable[[], Any]]
    annotation: Any
    alias: Optional[str]
    alias_priority: Optional[int]
    validation_alias: Any
    serialization_alias: Optional[str]
    title: Optional[str]
    description: Optional[str]
    gt: Optional[float]
    ge: Optional[float]
    lt: Optional[float]
    le: Optional[float]
    min_length: Optional[int]
    max_length: Optional[int]
    pattern: Optional[str]
    regex: Optional[str]
    discriminator: Optional[str]
    strict: Optional[bool]
    multiple_of: Optional[float]
    allow_inf_nan: Optional[bool]
    max_digits: Optional[int]
    decimal_places: Optional[int]
    examples: Optional[List[Any]]
    example: Any
    openapi_examples: Optional[Values]
    deprecated: Union[bool, str, None]
    include_in_schema: bool
    json_schema_extra: Optional[Values]
    validate_default: Optional[bool]
    union_mode: Optional[str]
    fail_fast: Optional[bool]


def Path(default: Any = ..., **keywords: Unpack[Keywords]) -> Any:
    """Return the marker of a path parameter; see `params.Path`."""
    return params.Path(default, **keywords)


def Query(default: Any = Undefined, **keywords: Unpack[Keywords]) -> Any:
    """Return the marker of a query parameter; see `params.Query`."""
    return params.Query(default, **keywords)


def Header(default: Any = Undefined, *, convert_underscores: bool = True, **keywords: Unpack[Keywords]) -> Any:
    """Return the marker of a header; see `params.Header`."""
    return params.Header(default, convert_underscores=convert_underscores, **keywords)


def Cookie(default: Any = Undefined, **keywords: Unpack[Keywords]) -> Any:
    """Return the marker of a cookie; see `params.Cookie`."""
    return params.Cookie(default, **keywords)


def Body(
    default: Any = Undefined,
    *,
    embed: Optional[bool] = None,
    media_type: str = "application/json",
    **keywords: Unpack[Keywords],
) -> Any:
    """Return the marker of the body or a part of it; see `params.Body`."""
    return params.Body(default, embed=embed, media_type=media_type, **keywords)


def Form(
    default: Any = Undefined,
    *,
    media_type: str = "application/x-www-form-urlencoded",
    **keywords: Unpack[Keywords],
) -> Any:
    """Return the marker of a form field; see `params.Form`."""
    return params.Form(default, media_type=media_type, **keywords)


def File(default: Any = Undefined, *, media_type: str = "multipart/form-data", **keywords: Unpack[Keywords]) -> Any:
    """Return the marker of an uploaded file; see `params.File`."""
    return params.File(default, media_type=media_type, **keywords)


def Depends(
    dependency: Optional[AnyCallable] = None,
    *,
    use_cache: bool = True,
    scope: Optional[str] = None,
    max_concurrency: Optional[int] = None,
) -> Any:
    """Return the marker of a dependency; see `params.Depends`."""
    return params.Depends(dependency, use_cache, scope, max_concurrency)


def Security(
    dependency: Optional[AnyCallable] = None,
    *,
    scopes: Optional[Sequence[str]] = None,
    use_cache: bool = True,
) -> Any:
    """Return the marker of a dependency with OAuth2 scopes; see `params.Security`."""
    return params.Security(dependency, use_cache, scopes=tuple(scopes or ()))
