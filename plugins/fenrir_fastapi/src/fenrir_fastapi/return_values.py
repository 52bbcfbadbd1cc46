"""Conversion of return values to responses, by FastAPI's rule."""

from __future__ import annotations

import inspect
from typing import Any, AsyncIterator, Callable, Dict, Hashable, List, Mapping, Optional

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.errors import PydanticSchemaGenerationError, PydanticUndefinedAnnotation
from pydantic_core import PydanticSerializationError
from typing_extensions import get_args, get_origin

import fenrir_core
from fenrir_core import EMPTY, BodyEncoder, Build, BuildError, ReturnHandler, Route, current
from fenrir_core.authoring import (
    BODILESS,
    AnyModel,
    EncodersLike,
    foreign_response,
    hybrid_return_handler,
    is_response_class,
    name_of,
    return_annotation,
    with_charset,
)
from fenrir_core.authoring import dumps as dump_plain

from . import type_inspection
from .encoded_types import with_encoders
from .encoders import dump_any, dump_list, dump_model, dumps, jsonable_encoder
from .exceptions import ResponseValidationError, endpoint_context
from .likeness import shape
from .response import merge_injected
from .return_kinds import is_generator
from .sse import ServerSentEvent, format_sse_event
from .starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, StreamingResponse
from .starlette.routing import REQUEST_ONLY
from .starlette.types import Values
from .state import State

#: Options that make a route follow FastAPI's rule in the hybrid app too.
_RULE_OPTIONS = ("response_model", "response_class", "status_code")
_FILTERS = {
    "response_model_include": "include",
    "response_model_exclude": "exclude",
    "response_model_by_alias": "by_alias",
    "response_model_exclude_unset": "exclude_unset",
    "response_model_exclude_defaults": "exclude_defaults",
    "response_model_exclude_none": "exclude_none",
}
_JSON_TYPES = (dict, list, str, int, float, bool, type(None))
#: What writes values without a response model where plugins have no encoders, by type.
_SHORTCUTS: Mapping[type, BodyEncoder] = {
    **dict.fromkeys(_JSON_TYPES, BodyEncoder(dump_any, b"application/json")),
    list: BodyEncoder(dump_list, b"application/json"),
    AnyModel: BodyEncoder(dump_model, b"application/json"),
}
#: Response classes whose body is the returned text.
_TEXT_TYPES = (PlainTextResponse, HTMLResponse, fenrir_core.PlainTextResponse, fenrir_core.HTMLResponse)


def make_return_handler(route: Route, build: Build) -> Optional[ReturnHandler]:
    """Return the handler of a route's return values; see the hook `fenrir_make_return_handler`."""
    if route.is_websocket or route.fallback or route.option(REQUEST_ONLY):
        return None
    state = build.app.store(State)
    injects, is_ours, is_free = route in state.injecting, follows_rule(route), route.paradigm is None
    model = response_model(route) if is_ours or is_free else None
    if is_ours or model is not None:
        return _shared_rule(route, model, injects, build.app.encoders, state.rules)
    return _merging(route, build.app.encoders) if injects and is_free else None


def _shared_rule(
    route: Route, model: Any, injects: bool, encoders: EncodersLike, known: Dict[Hashable, ReturnHandler]
) -> ReturnHandler:
    """Return the handler by FastAPI's rule; routes that differ in nothing that it depends on share one."""
    items, kind = item_model(route), response_class(route)
    filters = tuple(route.option(name) for name in _FILTERS)
    if any(value not in (None, True, False) for value in filters):
        return _Rule(route, model, items, injects, encoders).return_handler()
    key = (injects, shape(model), shape(items), is_generator(route.endpoint), status_of(route), id(kind), filters)
    found = known.get(key)
    if found is None:
        # the rule keeps alive what the key has the identity of
        found = known[key] = _Rule(route, model, items, injects, encoders).return_handler()
    return found


def follows_rule(route: Route) -> bool:
    """Return whether a route follows FastAPI's rule, by its paradigm or its options."""
    if route.paradigm not in (None, "fastapi"):
        return False
    return route.paradigm == "fastapi" or any(name in route.options for name in (*_RULE_OPTIONS, *_FILTERS))


def response_model(route: Route) -> Any:
    """Return the type that returned values must fit: the option, else the return annotation, or None.

    In the hybrid app an annotation counts if it contains a pydantic model.
    """
    if "response_model" in route.options:
        return route.options["response_model"]
    annotation = return_annotation(route.endpoint, route.namespace)
    if annotation is EMPTY or annotation is None or isinstance(annotation, str):
        return None
    # in the hybrid app a union may have a response among its members; in FastAPI only a response alone is allowed
    kinds = [annotation] if route.paradigm == "fastapi" else type_inspection.arms(annotation)
    if any(type_inspection.is_class(arm, fenrir_core.Response) or _is_foreign(arm) for arm in kinds):
        return None
    if is_stream(annotation):
        if is_generator(route.endpoint):
            return None
        item: Any = (get_args(annotation) or (Any,))[0]
        annotation = List[item]  # a returned iterable is sent as one list
    if not follows_rule(route) and not type_inspection.mentions_model(annotation):
        return None
    return None if annotation is Any else annotation


def returns_any(route: Route) -> bool:
    """Return whether a route of FastAPI's is declared to return anything: its schema has a title only."""
    if route.paradigm != "fastapi" or "response_model" in route.options:
        return False
    return return_annotation(route.endpoint, route.namespace) is Any


def _is_foreign(annotation: Any) -> bool:
    return type_inspection.is_class(annotation, object) and is_response_class(annotation)


def item_model(route: Route) -> Any:
    """Return the type of a generator endpoint's items, or None."""
    annotation = return_annotation(route.endpoint, route.namespace)
    if is_generator(route.endpoint) and is_stream(annotation):
        item = (get_args(annotation) or (Any,))[0]
        return None if item is Any or type_inspection.is_class(item, ServerSentEvent) else item
    return None


def is_stream(annotation: Any) -> bool:
    """Return whether it is the type of what generators return, or of anything that is iterated."""
    name = getattr(get_origin(annotation) or annotation, "__name__", "")
    return name in ("AsyncIterable", "AsyncIterator", "AsyncGenerator", "Iterator", "Iterable", "Generator")


def response_class(route: Route) -> Any:
    """Return the class of the responses that are made for the endpoint."""
    return route.option("response_class") or JSONResponse


def status_of(route: Route) -> Optional[int]:
    """Return the status that the route declares, or None."""
    found = route.option("status_code", route.option("status"))
    return None if found is None else int(found)


def model_adapter(route: Route, model: Any, encoders: EncodersLike) -> TypeAdapter[Any]:
    """Return the validator of a response model; values of the types of `encoders` must be instances.

    Raises:
        BuildError: Pydantic can't validate it.
    """
    try:
        return TypeAdapter(with_encoders(model, encoders))
    except (PydanticSchemaGenerationError, PydanticUndefinedAnnotation, TypeError) as error:
        first = str(error).strip().splitlines()[0]
        raise BuildError(
            f"{route.where}: {name_of(route.endpoint)}() returns {model!r}, which pydantic can't validate "
            f"({first}). "
            "Return a type that it can validate or that a plugin has an encoder of, or a Response, or pass "
            "`response_model=None`."
        ) from error


def _merging(route: Route, encoders: EncodersLike) -> ReturnHandler:
    """Return the handler by the hybrid app's rule, which adds what was set on the injected response."""
    base = hybrid_return_handler(route, encoders).convert

    def convert(request: Any, value: Any) -> Any:
        made = value if isinstance(value, fenrir_core.Response) else foreign_response(request, value)
        own = made is not None
        return merge_injected(request, base(request, value) if made is None else made, own=own)

    return ReturnHandler(convert)


class _Rule:
    """FastAPI's rule for the return values of a route, and of all that are declared alike."""

    def __init__(self, route: Route, model: Any, items: Any, injects: bool, encoders: EncodersLike) -> None:
        self.has_encoders = bool(encoders.by_type)
        self.injects, self.is_stream = injects, is_generator(route.endpoint)
        self.model, self.items = model, items
        self.status = status_of(route)
        self.kind = response_class(route)
        self.filters: Values = {"by_alias": True}
        for option, name in _FILTERS.items():
            if route.option(option) is not None:
                value = route.option(option)
                self.filters[name] = set(value) if isinstance(value, (list, tuple)) else value
        self.adapter = None if self.model is None else model_adapter(route, self.model, encoders)
        self.item_adapter = None if self.items is None else model_adapter(route, self.items, encoders)
        self.is_json = self.kind is JSONResponse or self.kind is fenrir_core.JSONResponse
        self.encode = self._encoder()

    def return_handler(self) -> ReturnHandler:
        """Return the kernel's handler; JSON and text are encoded without a response object."""
        status = self.status or 200
        encoders: Mapping[type, BodyEncoder] = {}
        if self.injects or status in BODILESS or self.is_stream:
            pass
        elif self.is_json:
            if self.adapter is None and not self.has_encoders:
                encoders = _SHORTCUTS
            else:
                models = [arm for arm in type_inspection.arms(self.model) if inspect.isclass(arm)]
                body = BodyEncoder(self.encode, b"application/json")
                encoders = dict.fromkeys((*_JSON_TYPES, AnyModel, *models), body)
        elif self.kind in _TEXT_TYPES and self.adapter is None:
            encoders = {str: BodyEncoder(str.encode, with_charset(self.kind.media_type).encode("ascii"))}
        return ReturnHandler(self.convert, encoders, status)

    def validated(self, value: Any, adapter: Optional[TypeAdapter[Any]] = None) -> Any:
        """Return a value, validated by the response model or the model of a stream's items.

        Raises:
            ResponseValidationError: The value is invalid.
        """
        adapter = adapter or self.adapter
        assert adapter is not None
        try:
            return adapter.validate_python(value, from_attributes=True)
        except ValidationError as error:
            entries = [{**entry, "loc": ("response", *entry["loc"])} for entry in error.errors(include_url=False)]
            route = current.get().compiled_route.route  # others may have the same rule
            raise ResponseValidationError(entries, body=value, endpoint_ctx=endpoint_context(route)) from None

    def _encoder(self) -> Callable[[Any], bytes]:
        """Return the function from a returned value to JSON bytes."""
        if self.adapter is None:
            return dumps
        adapter, validate, dump = self.adapter, self.adapter.validator.validate_python, self.adapter.serializer.to_json
        filters = self.filters

        def encode(value: Any) -> bytes:
            try:
                checked = validate(value, from_attributes=True)
            except ValidationError:
                checked = self.validated(value)
            try:
                return dump(checked, **filters)
            except PydanticSerializationError:
                return _escaped(adapter, checked, filters)

        return encode

    def content(self, value: Any) -> Any:
        """Return the value as JSON types, for response classes with their own `render`."""
        if self.adapter is None:
            return jsonable_encoder(value)
        return self.adapter.dump_python(self.validated(value), mode="json", **self.filters)

    def convert(self, request: Any, value: Any) -> Any:
        """Return the response for a returned value."""
        if isinstance(value, BaseModel) and self.is_json and not self.injects:
            return fenrir_core.Response(self.encode(value), self.status or 200, None, "application/json")
        made = value if isinstance(value, fenrir_core.Response) else foreign_response(request, value)
        if made is not None:
            return merge_injected(request, made, own=True) if self.injects else made
        if hasattr(value, "__aiter__") or inspect.isgenerator(value):
            response = self._stream(value)
        elif self.is_json:
            response = fenrir_core.Response(self.encode(value), self.status or 200, None, "application/json")
        elif self.status is not None:
            response = self._made(request, self.content(value), self.status)
        else:
            response = self._made(request, self.content(value))
        return merge_injected(request, response, own=False) if self.injects else response

    def _made(self, request: Any, *arguments: Any) -> Any:
        response = self.kind(*arguments)
        return response if isinstance(response, fenrir_core.Response) else foreign_response(request, response)

    def _stream(self, value: Any) -> Any:
        status = self.status or 200
        if type_inspection.is_class(self.kind, fenrir_core.EventSourceResponse):
            return self.kind(_mapped(value, self._event), status)
        if type_inspection.is_class(self.kind, fenrir_core.StreamingResponse):
            return self.kind(value, status)
        return StreamingResponse(_mapped(value, self._line), status, media_type="application/jsonl")

    def _item(self, item: Any) -> bytes:
        if self.item_adapter is None:
            return dumps(item)
        checked = self.validated(item, self.item_adapter)
        try:
            return self.item_adapter.dump_json(checked, **self.filters)
        except PydanticSerializationError:
            return _escaped(self.item_adapter, checked, self.filters)

    def _line(self, item: Any) -> bytes:
        return self._item(item) + b"\n"

    def _event(self, item: Any) -> bytes:
        if isinstance(item, (ServerSentEvent, fenrir_core.ServerSentEvent)):
            return item.encode()
        return format_sse_event(data_str=self._item(item).decode())


def _escaped(adapter: TypeAdapter[Any], value: Any, filters: Any) -> bytes:
    """Return a value as JSON with lone surrogates escaped, which JSON that was read may contain.

    Raises:
        PydanticSerializationError: It can't be written for another reason.
    """
    return dump_plain(adapter.dump_python(value, mode="json", **filters))


def _mapped(items: Any, change: Callable[[Any], bytes]) -> Any:
    """Return a stream of the changed items."""
    if not hasattr(items, "__aiter__"):
        return map(change, items)

    async def changed() -> AsyncIterator[bytes]:
        try:
            async for item in items:
                yield change(item)
        finally:
            await items.aclose()

    return changed()
