"""JSON providers: how an app serializes and parses JSON. Assign another one to `app.json`."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any, Callable, Dict, Optional, Tuple, Type, Union
from uuid import UUID

from fenrir_core import InvalidJSON, NoRequest, current_connection
from fenrir_core.authoring import check_finite, encoder_of, format_date, json_default
from fenrir_core.authoring import loads as kernel_loads

from .._types import Function, JSONValue, Passed, SomeApp, Values
from ..hybrid_config import config_of
from ..response import Response
from ..state import State

if TYPE_CHECKING:
    from typing_extensions import TypedDict, Unpack

    class DumpOptions(TypedDict, total=False):
        """Options of `json.dumps`."""

        skipkeys: bool
        ensure_ascii: bool
        check_circular: bool
        allow_nan: bool
        cls: Optional[Type[json.JSONEncoder]]
        indent: Union[None, int, str]
        separators: Optional[Tuple[str, str]]
        default: Optional[Function]
        sort_keys: bool

    class LoadOptions(TypedDict, total=False):
        """Options of `json.loads`."""

        cls: Optional[Type[json.JSONDecoder]]
        object_hook: Optional[Function]
        parse_float: Optional[Function]
        parse_int: Optional[Function]
        parse_constant: Optional[Function]
        object_pairs_hook: Optional[Function]


_COMPACT: DumpOptions = {"separators": (",", ":")}


def _default(value: JSONValue) -> JSONValue:
    """Return Flask's JSON form of dates, decimals, UUIDs, dataclasses and markup; plugins' encoders come first."""
    encoder = encoder_of(type(value))
    if encoder is not None:
        return encoder.to_json(value)
    if isinstance(value, date):
        return format_date(value if isinstance(value, datetime) else datetime(value.year, value.month, value.day))
    if isinstance(value, (Decimal, UUID)):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if hasattr(value, "__html__"):
        return str(value.__html__())
    return json_default(value)


def _encoder(
    default: Callable[[JSONValue], JSONValue], ensure_ascii: bool, sort_keys: bool, compact: bool
) -> Callable[[JSONValue], str]:
    """Return an encoder that is kept; `json.dumps` creates one for each value."""
    item, key = (",", ":") if compact else (", ", ": ")
    encoder = json.JSONEncoder(default=default, ensure_ascii=ensure_ascii, sort_keys=sort_keys, separators=(item, key))
    make: Any = json.encoder.c_make_encoder  # type: ignore[attr-defined]
    if make is None:
        return encoder.encode
    # PERF: no check for circular references; those raise RecursionError
    text: Any = json.encoder.encode_basestring_ascii if ensure_ascii else json.encoder.encode_basestring
    chunks = make(None, default, text, None, key, item, sort_keys, False, True)
    return lambda value: "".join(chunks(value, 0))


class JSONProvider:
    """The base of JSON providers; subclasses define `dumps` and `loads`.

    Args:
        app: The app.
    """

    def __init__(self, app: SomeApp) -> None:
        self._app = app

    def dumps(self, obj: JSONValue, **kwargs: Unpack[DumpOptions]) -> str:
        """Serialize a value to JSON."""
        raise NotImplementedError

    def dump(self, obj: JSONValue, fp: IO[str], **kwargs: Unpack[DumpOptions]) -> None:
        """Serialize a value to an open text file."""
        fp.write(self.dumps(obj, **kwargs))

    def loads(self, s: Union[str, bytes, bytearray], **kwargs: Unpack[LoadOptions]) -> JSONValue:
        """Parse JSON from text or bytes."""
        raise NotImplementedError

    def load(self, fp: Union[IO[str], IO[bytes]], **kwargs: Unpack[LoadOptions]) -> JSONValue:
        """Parse JSON from an open file."""
        return self.loads(fp.read(), **kwargs)

    def response(self, *args: Passed, **kwargs: Passed) -> Response:
        """Return a response with one argument, several as a list, or keywords as an object.

        Raises:
            TypeError: There are both positional and keyword arguments.
        """
        return self._make(self.dumps(self._prepare_response_obj(args, kwargs)), "application/json")

    def _make(self, text: str, mimetype: str) -> Response:
        return response_class_of(self._app)(text, mimetype=mimetype)

    def _prepare_response_obj(self, args: Tuple[Any, ...], kwargs: Values) -> JSONValue:
        if args and kwargs:
            raise TypeError("jsonify() takes either positional or keyword arguments, not both.")
        return (args[0] if len(args) == 1 else list(args)) if args else (kwargs or None)


class DefaultJSONProvider(JSONProvider):
    """A provider on the standard library: keys sorted, ASCII, indented in debug mode."""

    default: Callable[[JSONValue], JSONValue] = staticmethod(_default)
    ensure_ascii = True
    sort_keys = True
    #: Whether whitespace is left out; None for "except in debug mode".
    compact = None
    mimetype = "application/json"

    def __init__(self, app: SomeApp) -> None:
        super().__init__(app)
        self._encoders: Dict[Any, Callable[[JSONValue], str]] = {}

    def dumps(self, obj: JSONValue, **kwargs: Unpack[DumpOptions]) -> str:
        """Serialize a value to JSON; keywords are passed to `json.dumps`."""
        if not kwargs or kwargs == _COMPACT:
            key = (self.default, self.ensure_ascii, self.sort_keys, bool(kwargs))
            encode = self._encoders.get(key)
            if encode is None:
                encode = self._encoders[key] = _encoder(*key)
            try:
                return encode(obj)
            except RecursionError:
                pass  # `json.dumps` raises an error that names the cause
        kwargs.setdefault("default", self.default)
        kwargs.setdefault("ensure_ascii", self.ensure_ascii)
        kwargs.setdefault("sort_keys", self.sort_keys)
        return json.dumps(obj, **kwargs)

    def loads(self, s: Union[str, bytes, bytearray], **kwargs: Unpack[LoadOptions]) -> JSONValue:
        """Parse JSON; keywords are passed to `json.loads`."""
        return json.loads(s, **kwargs)

    def response(self, *args: Passed, **kwargs: Passed) -> Response:
        """Return a response as `JSONProvider.response` does, with a trailing newline."""
        return self._make(self.text_of(self._prepare_response_obj(args, kwargs)), self.mimetype)

    def text_of(self, value: object) -> str:
        """Return the body of a response with a value.

        Raises:
            ValueError: It contains NaN or infinity, in the hybrid app.
        """
        compact = self.compact
        if compact is None:
            compact = self._app is None or not config_of(self._app)["DEBUG"]
        text = self.dumps(value, **_COMPACT) if compact else self.dumps(value, indent=2)
        # COMPAT: Flask's class sends NaN and Infinity as Python writes them; the hybrid app sends JSON only
        if ("NaN" in text or "Infinity" in text) and getattr(self._app, "paradigm", "flask") is None:
            check_finite(value, self.default)
        return f"{text}\n"


class BodyParser:
    """What parses the JSON bodies of requests: an app's provider; the default one as strict as RFC 8259.

    NaN, Infinity, numbers out of range and what is nested too deeply are a client's mistake. `flask.json.loads` takes
    them, as the standard library does.

    Args:
        provider: The app's provider.
    """

    def __init__(self, provider: JSONProvider) -> None:
        self.provider = provider
        self._is_default = type(provider).loads is DefaultJSONProvider.loads

    def loads(self, s: Union[str, bytes, bytearray], **kwargs: Unpack[LoadOptions]) -> JSONValue:
        """Parse JSON.

        Raises:
            ValueError: It is not JSON.
        """
        if kwargs or not self._is_default:
            return self.provider.loads(s, **kwargs)
        encoding = "utf-8" if isinstance(s, str) else json.detect_encoding(s)  # as `json.loads`
        if not isinstance(s, str) and encoding not in ("utf-8", "utf-8-sig"):
            s = s.decode(encoding)
        try:
            return kernel_loads(s)
        except InvalidJSON as error:
            raise ValueError(str(error)) from None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.provider, name)


def response_class_of(app: SomeApp) -> Type[Response]:
    """Return the class of the responses of an app."""
    return getattr(app, "response_class", Response)


def provider_of(app: SomeApp) -> JSONProvider:
    """Return the app's provider, created at its first use."""
    state = app.store(State)
    found: Any = state.json
    if found is None:
        kind = getattr(app, "json_provider_class", DefaultJSONProvider)
        found = state.json = kind(app)
    return found  # type: ignore[no-any-return]


def _provider() -> Optional[JSONProvider]:
    try:
        return provider_of(current_connection("the app").app)  # type: ignore[arg-type]  # an app with more
    except NoRequest:
        return None


def dumps(obj: JSONValue, **kwargs: Unpack[DumpOptions]) -> str:
    """Serialize a value with the current app's provider; outside of an app with `json.dumps` and Flask's types."""
    provider = _provider()
    if provider is not None:
        return provider.dumps(obj, **kwargs)
    kwargs.setdefault("default", _default)
    return json.dumps(obj, **kwargs)


def dump(obj: JSONValue, fp: IO[str], **kwargs: Unpack[DumpOptions]) -> None:
    """Serialize a value to an open text file; see `dumps`."""
    provider = _provider()
    if provider is not None:
        provider.dump(obj, fp, **kwargs)
        return
    kwargs.setdefault("default", _default)
    json.dump(obj, fp, **kwargs)


def loads(s: Union[str, bytes, bytearray], **kwargs: Unpack[LoadOptions]) -> JSONValue:
    """Parse JSON with the current app's provider; outside of an app with `json.loads`."""
    provider = _provider()
    return json.loads(s, **kwargs) if provider is None else provider.loads(s, **kwargs)


def load(fp: Union[IO[str], IO[bytes]], **kwargs: Unpack[LoadOptions]) -> JSONValue:
    """Parse JSON from an open file; see `loads`."""
    provider = _provider()
    return json.load(fp, **kwargs) if provider is None else provider.load(fp, **kwargs)


def jsonify(*args: Passed, **kwargs: Passed) -> Response:
    """Return a JSON response with one argument, several as a list, or keywords as an object.

    Raises:
        TypeError: There are both positional and keyword arguments, or a value can't be serialized.
        RuntimeError: No app is active.
    """
    response = provider_of(current_connection("jsonify()").app).response(*args, **kwargs)  # type: ignore[arg-type]  # an app with more
    response.negotiable = True
    return response
