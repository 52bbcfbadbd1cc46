"""The keywords of path operations, routers and apps with their types, as FastAPI has them."""

from __future__ import annotations

from enum import Enum
from typing import (
    TYPE_CHECKING,
    AbstractSet,
    Any,
    Callable,
    Iterable,
    List,
    Mapping,
    Optional,
    Sequence,
    Type,
    TypedDict,
    TypeVar,
    Union,
)

from fenrir_core import Response
from fenrir_core.authoring import KernelOptions

from .starlette.types import AnyCallable, NamedValues, Values

if TYPE_CHECKING:
    from typing_extensions import ParamSpec

    P = ParamSpec("P")

R = TypeVar("R")
#: What one member of a response model is cut down to: names of fields, or positions in a sequence.
IncludeExclude = Union[AbstractSet[int], AbstractSet[str], Sequence[str], Mapping[int, Any], Mapping[str, Any]]
Responses = Mapping[Union[int, str], Mapping[str, Any]]


class RouterOptions(TypedDict, total=False):
    """What a router, or its inclusion, sets for all its routes."""

    tags: Optional[Sequence[Union[str, Enum]]]
    dependencies: Optional[Sequence[Any]]
    default_response_class: Optional[Type[Response]]
    responses: Optional[Responses]
    callbacks: Optional[Sequence[Any]]
    deprecated: Optional[bool]
    include_in_schema: bool
    generate_unique_id_function: Optional[Callable[[Any], str]]
    strict_content_type: bool
    nonblocking: bool
    max_body_size: Optional[int]
    form_limits: Optional[Mapping[str, int]]


class RouteOptions(TypedDict, total=False):
    """What decorators and the hybrid app set for one path operation."""

    response_model: Any
    response_model_include: Optional[IncludeExclude]
    response_model_exclude: Optional[IncludeExclude]
    response_model_by_alias: bool
    response_model_exclude_unset: bool
    response_model_exclude_defaults: bool
    response_model_exclude_none: bool
    response_class: Optional[Type[Response]]
    status_code: Optional[int]
    dependencies: Optional[Sequence[Any]]
    strict_content_type: bool
    tags: Optional[Sequence[Union[str, Enum]]]
    summary: Optional[str]
    description: Optional[str]
    response_description: str
    responses: Optional[Responses]
    deprecated: Optional[bool]
    operation_id: Optional[str]
    include_in_schema: bool
    openapi_extra: Optional[NamedValues]
    callbacks: Optional[Sequence[Any]]
    generate_unique_id_function: Optional[Callable[[Any], str]]
    max_body_size: Optional[int]
    form_limits: Optional[Mapping[str, int]]


class OperationOptions(RouteOptions, KernelOptions, total=False):
    """The keywords of path operation decorators."""

    name: Optional[str]


class EndpointOptions(OperationOptions, total=False):
    """The keywords of `add_api_route`."""

    route_class_override: Optional[Type[Any]]


def signature_of(typed: Callable[P, R]) -> Callable[[Callable[..., R]], Callable[P, R]]:
    """Return a decorator that shows type checkers the signature of `typed`; the function stays as it is."""

    def decorate(function: Callable[..., R]) -> Callable[P, R]:
        return function

    return decorate


def constructor(
    self: Any,
    *,
    debug: bool = False,
    routes: Optional[Sequence[Any]] = None,
    title: str = "FastAPI",
    summary: Optional[str] = None,
    description: str = "",
    version: str = "0.1.0",
    openapi_url: Optional[str] = "/openapi.json",
    openapi_tags: Optional[List[Values]] = None,
    servers: Optional[List[Values]] = None,
    dependencies: Optional[Sequence[Any]] = None,
    default_response_class: Optional[Type[Response]] = None,
    redirect_slashes: bool = True,
    docs_url: Optional[str] = "/docs",
    redoc_url: Optional[str] = "/redoc",
    swagger_ui_oauth2_redirect_url: Optional[str] = "/docs/oauth2-redirect",
    swagger_ui_init_oauth: Optional[Values] = None,
    middleware: Optional[Sequence[Any]] = None,
    exception_handlers: Optional[Mapping[Any, AnyCallable]] = None,
    on_startup: Optional[Sequence[Callable[[], Any]]] = None,
    on_shutdown: Optional[Sequence[Callable[[], Any]]] = None,
    lifespan: Optional[Callable[[Any], Any]] = None,
    terms_of_service: Optional[str] = None,
    contact: Optional[Values] = None,
    license_info: Optional[Values] = None,
    openapi_prefix: str = "",
    root_path: str = "",
    root_path_in_servers: bool = True,
    responses: Optional[Responses] = None,
    callbacks: Optional[Sequence[Any]] = None,
    webhooks: Any = None,
    deprecated: Optional[bool] = None,
    include_in_schema: bool = True,
    swagger_ui_parameters: Optional[Values] = None,
    generate_unique_id_function: Optional[Callable[[Any], str]] = None,
    separate_input_output_schemas: bool = True,
    openapi_external_docs: Optional[Values] = None,
    strict_content_type: bool = True,
    max_body_size: Optional[int] = None,
    form_limits: Optional[Mapping[str, int]] = None,
    plugins: Sequence[Any] = (),
    off: Iterable[str] = (),
    autoload: bool = True,
    strict: bool = False,
    **settings: Any,
) -> None:
    """Take the arguments of `FastAPI`; never called. Settings of plugins are keywords too, so any name is allowed."""
