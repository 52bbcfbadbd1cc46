"""How an app writes and reads JSON; assign another one to `app.json`."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, Callable, Dict, Tuple
from uuid import UUID

from fenrir_core import NoRequest, current_connection
from fenrir_core.authoring import format_date, json_default

from ..response import Response
from ..state import State

_COMPACT: Dict[str, Any] = {"separators": (",", ":")}


def _default(value: Any) -> Any:
    """Return the JSON-able form that Flask gives to dates, decimals, UUIDs, dataclasses and markup."""
    if isinstance(value, date):
        return format_date(value if isinstance(value, datetime) else datetime(value.year, value.month, value.day))
    if isinstance(value, (Decimal, UUID)):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if hasattr(value, "__html__"):
        return str(value.__html__())
    return json_default(value)


def _encoder(default: Callable[[Any], Any], ensure_ascii: bool, sort_keys: bool, compact: bool) -> Callable[[Any], str]:
    """Make what `json.dumps` makes anew for each value."""
    item, key = (",", ":") if compact else (", ", ": ")
    encoder = json.JSONEncoder(default=default, ensure_ascii=ensure_ascii, sort_keys=sort_keys, separators=(item, key))
    make: Any = json.encoder.c_make_encoder  # type: ignore[attr-defined]
    if make is None:
        return encoder.encode
    # PERF: without its record of what is open, a value that holds itself ends in a RecursionError
    text: Any = json.encoder.encode_basestring_ascii if ensure_ascii else json.encoder.encode_basestring
    chunks = make(None, default, text, None, key, item, sort_keys, False, True)
    return lambda value: "".join(chunks(value, 0))


class JSONProvider:
    """Write and read JSON for an app; subclasses give `dumps` and `loads`.

    Args:
        app: The app.
    """

    def __init__(self, app: Any) -> None:
        self.app = app

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Write a value as JSON."""
        raise NotImplementedError

    def dump(self, obj: Any, fp: IO[str], **kwargs: Any) -> None:
        """Write a value as JSON to an open text file."""
        fp.write(self.dumps(obj, **kwargs))

    def loads(self, s: Any, **kwargs: Any) -> Any:
        """Read JSON from text or bytes."""
        raise NotImplementedError

    def load(self, fp: IO[Any], **kwargs: Any) -> Any:
        """Read JSON from an open file."""
        return self.loads(fp.read(), **kwargs)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Make a response: of one argument, of several as a list, or of keywords as an object.

        Raises:
            TypeError: There are both positional and keyword arguments.
        """
        return Response(self.dumps(self._value(args, kwargs)), mimetype="application/json")

    def _value(self, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Any:
        if args and kwargs:
            raise TypeError("Give jsonify either positional or keyword arguments, not both.")
        return (args[0] if len(args) == 1 else list(args)) if args else (kwargs or None)


class DefaultJSONProvider(JSONProvider):
    """Write with the standard library: keys sorted, ASCII, and in debug mode indented."""

    default: Callable[[Any], Any] = staticmethod(_default)
    ensure_ascii = True
    sort_keys = True
    #: Whether blanks are left out; None for "except in debug mode".
    compact = None
    mimetype = "application/json"

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self._encoders: Dict[Any, Callable[[Any], str]] = {}

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Write a value as JSON; keywords are `json.dumps`'s."""
        if not kwargs or kwargs == _COMPACT:
            key = (self.default, self.ensure_ascii, self.sort_keys, bool(kwargs))
            encode = self._encoders.get(key)
            if encode is None:
                encode = self._encoders[key] = _encoder(*key)
            try:
                return encode(obj)
            except RecursionError:
                pass  # `json.dumps` says what is wrong
        kwargs.setdefault("default", self.default)
        kwargs.setdefault("ensure_ascii", self.ensure_ascii)
        kwargs.setdefault("sort_keys", self.sort_keys)
        return json.dumps(obj, **kwargs)

    def loads(self, s: Any, **kwargs: Any) -> Any:
        """Read JSON; keywords are `json.loads`'s."""
        return json.loads(s, **kwargs)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Make a response as `JSONProvider.response` does, with a newline at its end."""
        compact = self.compact
        if compact is None:
            compact = self.app is None or not self.app.settings["debug"]
        options = _COMPACT if compact else {"indent": 2}
        return Response(self.dumps(self._value(args, kwargs), **options) + "\n", mimetype=self.mimetype)


def provider_of(app: Any) -> JSONProvider:
    """Return the app's provider."""
    state = app.store(State)
    found: Any = state.json
    if found is None:
        kind = getattr(app, "json_provider_class", DefaultJSONProvider)
        found = state.json = kind(app)
    return found  # type: ignore[no-any-return]


def _provider() -> JSONProvider:
    try:
        return provider_of(current_connection("the app").app)
    except NoRequest:
        return DefaultJSONProvider(None)


def dumps(obj: Any, **kwargs: Any) -> str:
    """Write a value as JSON, as the current app does."""
    return _provider().dumps(obj, **kwargs)


def dump(obj: Any, fp: IO[str], **kwargs: Any) -> None:
    """Write a value as JSON to an open text file, as the current app does."""
    _provider().dump(obj, fp, **kwargs)


def loads(s: Any, **kwargs: Any) -> Any:
    """Read JSON, as the current app does."""
    return _provider().loads(s, **kwargs)


def load(fp: IO[Any], **kwargs: Any) -> Any:
    """Read JSON from an open file, as the current app does."""
    return _provider().load(fp, **kwargs)


def jsonify(*args: Any, **kwargs: Any) -> Response:
    """Make a JSON response: of one argument, of several as a list, or of keywords as an object.

    Raises:
        TypeError: There are both positional and keyword arguments, or something has no JSON form.
    """
    return _provider().response(*args, **kwargs)
