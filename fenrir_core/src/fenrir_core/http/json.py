"""JSON: written compactly, read strictly; by orjson where it is installed, with the same results.

Where orjson fails, or its result would differ from the standard library's (an integer beyond 64 bits, NaN, a key that
is not a plain str, a lone surrogate), the standard library takes over.

Source: RFC 8259 (UTF-8, no NaN, no Infinity).
"""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any, Callable, Collection, List, NoReturn, Optional, Tuple, Union
from typing import Mapping as MappingOf
from uuid import UUID

from .._readers import positive
from .._types import Dumps, ToJSON
from ..exceptions import InvalidJSON
from .connection import current
from .models import WriteModel, is_written, write_any, write_model, write_models

fast: Any = None
try:
    import orjson as fast
except ImportError:
    pass

#: Documents nested deeper are refused, so that recursive code that reads the result does not run out of stack.
MAX_DEPTH = 200
#: The most digits of an integer: it takes time that grows with their square (Python's own limit, where it has one).
MAX_DIGITS = 4300

# Beyond this exponent an integral Decimal is not made an int, whose many digits could stall a server.
_MAX_EXPONENT = 400


def is_json_type(media_type: str) -> bool:
    """Return whether a media type is JSON: ``application/json`` or ``application/…+json``.

    Args:
        media_type: The media type in lower case, without parameters.

    Source: RFC 8259, section 11; RFC 6839, section 3.1.
    """
    return media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))


def _decimal(value: Decimal) -> Union[int, float]:
    integral = value.is_finite() and value.adjusted() < _MAX_EXPONENT and value == value.to_integral_value()
    return int(value) if integral else float(value)


# PERF: by exact type, 1.4 -> 0.6 us a datetime, which pays for the look-up of an app's encoders
_FORMS: MappingOf[type, ToJSON] = {
    datetime: datetime.isoformat,
    date: date.isoformat,
    Decimal: _decimal,
    timedelta: timedelta.total_seconds,
    UUID: str,
    set: list,
    frozenset: list,
}


def default(value: Any) -> Any:
    """Return a value that JSON can express for one that the standard library does not encode.

    The encoders of the current app's plugins come first.

    Args:
        value: A dataclass, date, time, duration (seconds), UUID, Decimal, Enum, path, bytes
            (UTF-8), mapping, set or other re-iterable, or an object with pydantic's `model_dump`.

    Returns:
        A value that is simpler by one level; what it contains is converted in turn.

    Raises:
        TypeError: JSON can't express such a value, an iterator for example.
    """
    kind = type(value)
    connection = current.get(None)  # PERF: as `encoder_of`, without the calls
    if connection is not None and connection.compiled_route.encoders is not None:
        encoder = connection.compiled_route.encoders.find(kind)
        if encoder is not None:
            return encoder.to_json(value)
    form = _FORMS.get(kind)
    if form is not None:
        return form(value)
    dump = getattr(value, "model_dump", None)
    if dump is not None and not isinstance(value, type):
        written = write_model(value)
        return dump(mode="json") if written is None else json.loads(written)
    if hasattr(kind, "__dataclass_fields__"):  # PERF: `is_dataclass` of an instance, without its calls
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (UUID, PurePath)):
        return str(value)
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode("utf-8")
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable) and not isinstance(value, (Iterator, type)):
        return list(value)
    raise TypeError(f"{type(value).__module__}.{type(value).__qualname__} has no JSON form: {value!r:.80}")


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidJSON(f"{name} is not JSON")


def _finite(text: str) -> float:
    """Return a float; one that is too large to be one is refused, for it could not be written as JSON again."""
    value = float(text)
    if value - value != 0:
        raise InvalidJSON(f"the number {text:.20} is out of range")
    return value


_decoder = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
_scan: Callable[[str, int], Tuple[Any, int]] = _decoder.scan_once  # type: ignore[attr-defined]  # undocumented


def _decode(text: str) -> Any:
    # PERF: `decode` skips whitespace by regular expressions, 0.7 us; it is called for its error message
    try:
        value, end = _scan(text, 0)
        if end == len(text):
            return value
    except StopIteration:
        pass
    return _decoder.decode(text)


def loads_within(depth: int, digits: int) -> Callable[[Union[bytes, bytearray, str]], Any]:
    """Return a decoder like `loads` with other limits.

    Args:
        depth: How deep arrays and objects may be nested.
        digits: The most digits of an integer.
    """
    if depth == MAX_DEPTH and digits == MAX_DIGITS == _digits_of_python():
        return loads

    def read_int(text: str) -> int:
        if len(text) - text.startswith("-") > digits:
            raise InvalidJSON(f"an integer has more than {digits} digits")
        return int(text)

    decoder = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite, parse_int=read_int)

    def loads_bounded(data: Union[bytes, bytearray, str]) -> Any:
        return _loads(data, decoder.decode, depth)

    return loads_bounded


def _digits_of_python() -> int:
    """Return the most digits of an integer that Python converts; 0 for any number."""
    limit: Callable[[], int] = getattr(sys, "get_int_max_str_digits", int)  # not in Python before 3.8.14
    return limit()


def json_digits(value: Any) -> int:
    """Read the setting of the most digits of an integer.

    Raises:
        ValueError: Python itself converts fewer.
    """
    number, most = positive(value), _digits_of_python()
    if most and number > most:
        raise ValueError(f"Python converts at most {most} digits, see sys.set_int_max_str_digits")
    return number


def make_dumps(
    default: ToJSON = default,
    by_orjson: bool = True,
    write_model: WriteModel = write_model,
    is_written: Callable[[object], bool] = is_written,
) -> Dumps:
    """Return an encoder like `dumps`, with another rule for values that are not JSON by themselves.

    Args:
        default: Returns a value that is simpler by one level, or raises TypeError.
        by_orjson: Whether orjson is used where it is installed.
        write_model: A shortcut for models inside of other values, with the result that `default` leads to.
        is_written: Whether `write_model` writes a value, which depends on its class alone.
    """
    encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=default)
    encode: Callable[[Any], str] = encoder.encode
    make: Any = json.encoder.c_make_encoder  # type: ignore[attr-defined]  # undocumented; None in other Pythons
    if make is not None:
        # PERF: `encode` makes this object anew for each value, 1.2 us. It is made without a record of open
        # containers, so that a value that contains itself ends in a RecursionError.
        chunks = make(None, default, json.encoder.encode_basestring, None, ":", ",", False, False, False)
        encode = lambda value: "".join(chunks(value, 0))  # noqa: E731 - one of two encoders

    def dumps(value: Any) -> bytes:
        try:
            return encode(value).encode("utf-8")
        except RecursionError:
            raise ValueError("It contains itself, or is nested too deeply to be JSON.") from None
        except UnicodeEncodeError:  # lone surrogates, which JSON that was read may contain: they are sent escaped
            escaping = json.JSONEncoder(allow_nan=False, separators=(",", ":"), default=default)
            return escaping.encode(value).encode("ascii")
        except ValueError:
            check_finite(value, default)
            raise

    return _dumps_by_orjson(default, dumps, write_model, is_written) if by_orjson and fast is not None else dumps


#: Types whose values contain no NaN.
_NO_NUMBERS = frozenset((str, int, bool, type(None)))


def check_finite(value: object, default: ToJSON = default) -> None:
    """Check that a value contains no number that JSON lacks: NaN or infinity.

    Args:
        value: Any value.
        default: As of `make_dumps`.

    Raises:
        ValueError: It contains one; the message says where.
    """
    try:
        found = _not_finite(value, default, "value")
    except Exception:  # it can't be written for another reason
        return
    if found is not None:
        raise ValueError(f"Out of range float values are not JSON compliant: {found}. Write None, or text.") from None


def _not_finite(value: object, default: ToJSON, place: str) -> Optional[str]:
    if isinstance(value, float):
        return f"{place} is {value!r}" if value - value != 0 else None
    if value is None or isinstance(value, (str, int)):
        return None
    if not isinstance(value, (dict, list, tuple)):
        return _not_finite(default(value), default, place)
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        found = _not_finite(item, default, f"{place}[{key!r}]")
        if found is not None:
            return found
    return None


def _dumps_by_orjson(
    default: ToJSON, otherwise: Dumps, write_model: WriteModel, is_written: Callable[[object], bool]
) -> Dumps:
    # PERF: a dict of two costs 0.25 us by orjson, 0.6 by the standard library
    options = fast.OPT_PASSTHROUGH_DATACLASS | fast.OPT_PASSTHROUGH_DATETIME
    write: Callable[..., bytes] = fast.dumps
    fragment = fast.Fragment

    def simplified(value: object) -> object:
        written = write_model(value)
        if written is None:
            return default(value)
        # control characters, which JSON never contains, mark models and hide what is null in them until the end
        return fragment(b"\1" + written.replace(b"null", b"\0ull"))

    def are_finite(values: Collection[object]) -> bool:
        # PERF: by class, twenty models beside a null take 1 us; to write them again would take 60
        for kind in {*map(type, values)} - _NO_NUMBERS:
            found: List[Any] = [value for value in values if type(value) is kind]
            if kind is float:
                if not all(map(math.isfinite, found)):
                    return False
            elif not is_written(found[0]) and not all(map(is_finite, found)):
                return False
        return True

    def is_finite(value: object) -> bool:
        if isinstance(value, (dict, list, tuple)):
            return are_finite(value.values() if isinstance(value, dict) else value)
        if isinstance(value, (str, int, float)):
            return not isinstance(value, float) or math.isfinite(value)
        return are_finite((default(value),))

    def dumps(value: Any) -> bytes:
        try:
            data = write(value, simplified, options)
            has_models = data.find(b"\1") >= 0
            # orjson writes NaN and infinity as null
            is_right = data.find(b"null") < 0 or (has_models and are_finite((value,)))
        except Exception:
            is_right = False
        if not is_right:
            return otherwise(value)
        return data.replace(b"\1", b"").replace(b"\0ull", b"null") if has_models else data

    return dumps


def standard_loads(data: Union[bytes, bytearray, str]) -> Any:
    """Decode JSON by the standard library.

    Args:
        data: UTF-8 bytes, or text. A byte order mark is skipped.

    Raises:
        InvalidJSON: It is not UTF-8, not JSON, contains NaN or Infinity, a number that is too long or beyond the
            range of floats, or is nested deeper than `MAX_DEPTH` (a client's mistake: status 400).
    """
    return _loads(data, _decode, MAX_DEPTH)


def _loads(data: Union[bytes, bytearray, str], decode: Callable[[str], Any], depth: int) -> Any:
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        value = decode(text[1:] if text[:1] == "\ufeff" else text)
    except json.JSONDecodeError as error:
        raise InvalidJSON(error.msg, error.pos) from None
    except UnicodeDecodeError as error:
        raise InvalidJSON(f"byte {error.start} is not UTF-8", error.start) from None
    except RecursionError:
        raise InvalidJSON(f"it is nested deeper than {depth} levels") from None
    except ValueError as error:  # an integer with more digits than Python converts
        raise InvalidJSON(str(error)) from None
    # PERF: two counts in C; only a document with that many brackets can be that deep
    if text.count("[") + text.count("{") > depth:
        _check_depth(value, depth)
    return value


def _loads_by_orjson() -> Callable[[Union[bytes, bytearray, str]], Any]:
    # PERF: 200 bytes cost 0.9 us by orjson, 2.0 by the standard library
    digits, too_many = bytes(48 if 48 <= byte < 58 else 0 for byte in range(256)), b"0" * 19
    read = fast.loads

    def loads(data: Union[bytes, bytearray, str]) -> Any:
        # orjson returns an integer beyond 64 bits, which has nineteen digits or more, as a float
        if isinstance(data, str) or data.translate(digits).find(too_many) >= 0:
            return standard_loads(data)
        try:
            value = read(data)
        except ValueError:
            return standard_loads(data)
        if data.count(b"[") + data.count(b"{") > MAX_DEPTH and not is_shallow(value):
            _check_depth(value, MAX_DEPTH)
        return value

    def is_shallow(value: Any) -> bool:
        # PERF: the value is written indented, and the depth is seen by the spaces; 20 kB cost 40 us, a walk 170
        try:
            return bool(fast.dumps(value, None, fast.OPT_INDENT_2).find(b"\n" + b"  " * MAX_DEPTH) < 0)
        except TypeError:
            return False

    return loads


#: Encode a value as JSON without blanks, as UTF-8 bytes. Raises TypeError for what JSON can't express, ValueError for
#: NaN, infinity and what contains itself.
dumps = make_dumps()
#: `standard_loads`, faster where orjson is installed.
loads = standard_loads if fast is None else _loads_by_orjson()


def dump_model(value: object) -> bytes:
    """Encode a model like `dumps` in an app without encoders, sooner."""
    written = write_any(value)
    return dumps(value) if written is None else written


def dump_list(value: List[object]) -> bytes:
    """Encode a list like `dumps`; one of models sooner."""
    written = write_models(value)
    return dumps(value) if written is None else written


def request_loads(data: bytes) -> Any:
    """Decode JSON within the limits of the route that serves the current request; by `loads` outside of requests."""
    connection = current.get(None)
    return loads(data) if connection is None else connection.compiled_route.limits.loads(data)


def _check_depth(value: Any, depth: int) -> None:
    level = [value]
    for _ in range(depth):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return
    raise InvalidJSON(f"it is nested deeper than {depth} levels")
