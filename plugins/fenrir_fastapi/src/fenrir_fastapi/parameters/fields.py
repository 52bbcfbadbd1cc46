"""Fields: where a parameter is read from, under which name, with which type and default."""

from __future__ import annotations

import builtins
import inspect
from dataclasses import dataclass, field, replace
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from pydantic import BaseModel, Discriminator, TypeAdapter
from pydantic import Field as PydanticField
from pydantic.errors import PydanticSchemaGenerationError, PydanticUndefinedAnnotation
from typing_extensions import Annotated, get_args, get_origin

import fenrir_core
from fenrir_core import EMPTY, Param, Route
from fenrir_core.authoring import name_of, params_of, unwrap_callable

from .. import params, type_inspection
from ..exceptions import ParameterError
from ..starlette.datastructures import UploadFile
from ..starlette.requests import HTTPConnection


@dataclass(eq=False)
class Field:
    """A parameter that is read from the request.

    Attributes:
        name: The parameter's name.
        marker: Its place and constraints.
        bare, metadata: The type and the metadata of its annotation, without markers.
        default: Its default, or `Undefined`; `factory` returns one for each request.
        where: The route, callable and parameter, for messages.
    """

    name: str
    marker: params.Marker
    bare: Any
    metadata: Tuple[Any, ...]
    default: Any
    where: str
    #: Whether the document has a union with tags by a function as one without.
    hides_tags: bool = False
    _adapter: Optional[TypeAdapter[Any]] = field(default=None, init=False)

    @property
    def source(self) -> str:
        """The place: path, query, header, cookie or body."""
        return self.marker.source

    @property
    def factory(self) -> Any:
        """The default factory, or None."""
        return self.marker.default_factory

    @property
    def required(self) -> bool:
        """Whether the client must send it."""
        return self.default is params.Undefined and self.factory is None

    @property
    def is_form(self) -> bool:
        """Whether it is read from a form."""
        return isinstance(self.marker, params.Form)

    @property
    def alias(self) -> str:
        """The name that clients use."""
        alias = self.marker.validation_alias or self.marker.alias
        if isinstance(alias, str):
            return alias
        if isinstance(self.marker, params.Header) and self.marker.convert_underscores:
            return self.name.replace("_", "-")
        return self.name

    @property
    def is_model(self) -> bool:
        """Whether it is a pydantic model, which takes all values of its place."""
        return type_inspection.is_model(self.bare)

    @property
    def is_sequence(self) -> bool:
        """Whether it takes all values of its name, as a sequence."""
        return type_inspection.is_sequence(self.bare) and not any(
            type(item).__name__ == "Json" for item in self.metadata
        )

    def annotation(self, with_default: bool = True) -> Any:
        """Return the annotation with all constraints and, for a validator of several fields, the default."""
        info = self.marker.field_info()
        extra: Tuple[Any, ...] = (info,)
        if with_default and not self.required:
            given = {"default_factory": self.factory} if self.factory is not None else {"default": self.default}
            extra = (info, PydanticField(**given))
        return Annotated[(self.bare, *self.metadata, *extra)]

    @property
    def adapter(self) -> TypeAdapter[Any]:
        """The validator of this field alone."""
        if self._adapter is None:
            self._adapter = self.build(lambda: TypeAdapter(self.annotation(with_default=False)))
        return self._adapter

    @property
    def documented(self) -> TypeAdapter[Any]:
        """The validator whose schema the document has."""
        if not self.hides_tags:
            return self.adapter
        return replace(
            self, metadata=tuple(item for item in self.metadata if not isinstance(item, Discriminator))
        ).adapter

    def build(self, make: Any) -> Any:
        """Return `make()`; an error of pydantic is raised as one that names the parameter.

        Raises:
            ParameterError: Pydantic can't validate the type.
        """
        try:
            return make()
        except PydanticUndefinedAnnotation as error:
            raise ParameterError(f"{self.where} has an annotation with the unknown name {error.name!r}.") from None
        except (PydanticSchemaGenerationError, TypeError, RuntimeError) as error:
            first = str(error).strip().splitlines()[0]
            raise ParameterError(
                f"{self.where} has the type {self.bare!r}, which can't be read from a request ({first}). "
                "Take it from a dependency with Depends(), or use a type that pydantic validates."
            ) from error


def named_params_of(function: Any, route: Route, path_names: Any) -> Iterator[Param]:
    """Iterate over the parameters of a callable, without `*args` and `**kwargs`."""
    for param in params_of(function, route, path_names):
        if param.kind not in (param.kind.VAR_POSITIONAL, param.kind.VAR_KEYWORD):
            yield param


def where_of(param: Param, route: Route) -> str:
    """Return where a parameter is, for messages."""
    return f"{route.where}: route {route.path!r}: the parameter {param.name!r} of {name_of(param.function)}()"


def take_apart(param: Param, route: Route) -> Tuple[Any, Tuple[Any, ...], Any, Any]:
    """Return a parameter's bare type, other metadata, marker (or `Depends`, or None) and default (or `Undefined`).

    Raises:
        ParameterError: Its markers contradict one another.
    """
    bare, metadata = type_inspection.split(param.annotation)
    kinds = (params.Marker, params.Depends)
    markers = [item for item in metadata if isinstance(item, kinds)]
    # of several markers the last one names the place; the constraints of all apply
    constraints = [item for item in markers[:-1] if isinstance(item, params.Marker)]
    rest = tuple(
        item.field_info() if item in constraints else item
        for item in metadata
        if item in constraints or not isinstance(item, kinds)
    )
    default = params.Undefined if param.default is EMPTY or param.default is Ellipsis else param.default
    if isinstance(default, kinds):
        if markers and isinstance(markers[-1], params.Depends) is not isinstance(default, params.Depends):
            raise ParameterError(
                f"{where_of(param, route)} is marked twice, in Annotated and by its default. Keep one."
            )
        if markers and isinstance(default, params.Depends):
            raise ParameterError(
                f"{where_of(param, route)} has Depends() both in Annotated and as its default. Keep one."
            )
        markers.append(default)
        default = default.default if isinstance(default, params.Marker) else params.Undefined
    elif markers and isinstance(markers[-1], params.Marker):
        if markers[-1].default is not params.Undefined:
            raise ParameterError(
                f"{where_of(param, route)} has a default inside {type(markers[-1]).__name__}() in Annotated. "
                f"Write it behind the annotation: `= {markers[-1].default!r}`."
            )
    marker = markers[-1] if markers else None
    return (Any if bare is EMPTY else bare), rest, marker, default


class _Known(Dict[str, Any]):
    """Names for an annotation; one that is unknown, such as a type for type checkers only, stands for any type."""

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):
            return getattr(builtins, name)
        return Any


def known_part(param: Param, route: Route) -> Any:
    """Return the annotation of a dependency whose type is known to type checkers only; any other as it is.

    In ``Annotated[Client, Depends(get_client)]`` the type is not needed, so it may be imported under
    ``TYPE_CHECKING``.
    """
    names = getattr(inspect.unwrap(unwrap_callable(param.function)), "__globals__", {})
    try:
        found = eval(param.annotation, {}, _Known({**names, **(route.namespace or {})}))
    except Exception:
        return param.annotation
    _, metadata = type_inspection.split(found)
    is_known = any(isinstance(item, params.Depends) and item.dependency is not None for item in metadata)
    return found if is_known else param.annotation


def make_field(param: Param, route: Route) -> Optional[Field]:
    """Return the field of a parameter that is read from the request.

    Raises:
        ParameterError: Its marker does not go with its annotation or place.
    """
    bare, metadata, marker, default = take_apart(param, route)
    where = where_of(param, route)
    if type_inspection.is_unresolved(param.annotation):
        raise ParameterError(
            f"{where} is annotated {param.annotation!r}, which contains an unknown name. Import it at run time "
            "(not only under TYPE_CHECKING) where the function is defined."
        )
    if marker is None:
        marker = _guess(param, bare)
    assert isinstance(marker, params.Marker)
    if param.in_path and not isinstance(marker, params.Path):
        raise ParameterError(f"{where} is in the path, so {type(marker).__name__}() can't be used for it.")
    if isinstance(marker, params.Path):
        default = params.Undefined
    if bare is fenrir_core.UploadFile:
        bare = UploadFile
    if type_inspection.is_file(bare) and not isinstance(marker, params.File):
        marker = params.File(marker.default) if type(marker) in (params.Body, params.Form) else marker
    # COMPAT: FastAPI 0.165 documents `pet: Pet = Body()` as a plain union, `pet: Annotated[Pet, Body()]` with its tags
    hides_tags = isinstance(param.default, params.Marker) and any(isinstance(item, Discriminator) for item in metadata)
    found = Field(param.name, marker, bare, metadata, default, where, hides_tags)
    if isinstance(marker, params.Param) and not found.is_model and not found.metadata and _is_too_much(marker, bare):
        source = marker.source.title()
        raise ParameterError(
            f"{source} parameter '{param.name}' must be one of the supported types, and {bare!r} is not: {where}."
        )
    return found


# PERF: one object of each for all parameters without marker; a thousand routes with models take 6 MB less
_PATH, _FILE, _BODY, _QUERY = params.Path(), params.File(), params.Body(), params.Query()


def _guess(param: Param, bare: Any) -> params.Marker:
    if param.in_path:
        return _PATH
    if type_inspection.is_file(bare):
        return _FILE
    return _BODY if type_inspection.is_complex(bare) else _QUERY


def _is_too_much(marker: params.Param, bare: Any) -> bool:
    """Return whether a type can't be read from outside the body: objects anywhere, sequences in the path."""
    return _holds_objects(bare) or (isinstance(marker, params.Path) and type_inspection.is_sequence(bare))


def _holds_objects(bare: Any) -> bool:
    for arm in type_inspection.arms(bare):
        if type_inspection.is_sequence(arm):
            if any(_holds_objects(part) for part in get_args(arm)):
                return True
        elif arm is dict or get_origin(arm) is dict or type_inspection.is_class(arm, BaseModel):
            return True
    return False


def body_fields(route: Route, path_names: Any, extra: Tuple[Any, ...] = ()) -> List[Field]:
    """Return the fields that the endpoint of a route and its dependencies read from the body."""
    found: List[Field] = []
    seen: Set[Any] = set()

    def visit(function: Any) -> None:
        if id(function) in seen:
            return
        seen.add(id(function))
        for param in named_params_of(function, route, path_names):
            bare, _, marker, _ = take_apart(param, route)
            if isinstance(marker, params.Depends):
                visit(marker.dependency or bare)
            elif isinstance(marker, params.Body) or (marker is None and _is_body(param, bare)):
                item = make_field(param, route)
                if item is not None:
                    found.append(item)

    for function in (*extra, route.endpoint):
        visit(function)
    return found


def _is_body(param: Param, bare: Any) -> bool:
    if (
        param.in_path
        or type_inspection.is_unresolved(param.annotation)
        or type_inspection.is_class(bare, HTTPConnection)
    ):
        return False  # a request is a mapping too
    return type_inspection.is_complex(bare) or type_inspection.is_file(bare)


def must_embed(fields: List[Field]) -> bool:
    """Return whether the body is an object with a key for each field, not the value of the only field."""
    if not fields:
        return False
    if len({item.name for item in fields}) > 1 or fields[0].marker.embed:
        return True
    first = fields[0]
    return first.is_form and not type_inspection.is_model_union(first.bare)


def by_source(fields: List[Field]) -> Dict[str, List[Field]]:
    """Return fields by place, in the order in which errors are listed: path, query, header, cookie, body."""
    found: Dict[str, List[Field]] = {source: [] for source in ("path", "query", "header", "cookie", "body")}
    for item in fields:
        found[item.source].append(item)
    return found
