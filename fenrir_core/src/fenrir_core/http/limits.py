"""Limits: what a client may send, and how long and how many of its requests may run.

One table has them all; settings, route options and `docs/limits.md` follow from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional

from .._readers import optional, positive, seconds, size
from .._types import Loads, RouteLike
from ..exceptions import BuildError
from .json import MAX_DEPTH, MAX_DIGITS, json_digits, loads_within
from .multipart import FormLimits

_KIB, _MIB = 1024, 1024 * 1024
_UNSET: Any = object()


class Limit(NamedTuple):
    """One row of the table: a setting, and a route option of the same name."""

    name: str
    type: Callable[[Any], Any]
    default: Any
    help: str

    @property
    def env(self) -> str:
        """The environment variable that sets it."""
        return f"FENRIR_{self.name.upper()}"


#: The limits, in the order of the documentation. Those whose default is None are off.
LIMITS = (
    Limit("max_body", size, 16 * _MIB, "The most bytes of a request body; None for any."),
    Limit("max_buffered", size, None, "The most bytes of bodies that all requests of the process hold; None for any."),
    Limit("max_form_fields", size, 1000, "The most text fields of a form; None for any."),
    Limit("max_form_files", size, 100, "The most files of a form; None for any."),
    Limit("max_form_field_size", size, _MIB, "The most bytes of a text field of a form; None for any."),
    Limit("max_form_file_size", size, None, "The most bytes of a file of a form; None for any."),
    Limit("max_form_part_headers", size, 16 * _KIB, "The most bytes of headers of a part of a form; None for any."),
    Limit("max_query_pairs", size, 1000, "The most pairs of a query string; None for any."),
    Limit("max_headers", size, 200, "The most headers of a request; None for any."),
    Limit("max_header_size", size, 64 * _KIB, "The most bytes of all values of headers; None for any."),
    Limit("max_json_depth", positive, MAX_DEPTH, "How deep arrays and objects of a JSON body may be nested."),
    Limit("max_json_digits", json_digits, MAX_DIGITS, "The most digits of an integer in a JSON body."),
    Limit("max_websocket_message", size, 16 * _MIB, "The most bytes of a WebSocket message; None for any."),
    Limit("request_timeout", seconds, None, "Seconds until a response must have begun; None for any."),
    Limit("max_concurrent", optional(positive), None, "How many requests are served at a time; None for any."),
    Limit("max_waiting", size, 100, "How many more requests wait for that; None for any."),
)


@dataclass(frozen=True)
class Limits:
    """The limits of one route; the attributes are those of the table.

    Attributes:
        form: The limits of forms.
        loads: Reads JSON within these limits.
    """

    max_body: Optional[int] = 16 * _MIB
    max_buffered: Optional[int] = None
    max_form_fields: Optional[int] = 1000
    max_form_files: Optional[int] = 100
    max_form_field_size: Optional[int] = _MIB
    max_form_file_size: Optional[int] = None
    max_form_part_headers: Optional[int] = 16 * _KIB
    max_query_pairs: Optional[int] = 1000
    max_headers: Optional[int] = 200
    max_header_size: Optional[int] = 64 * _KIB
    max_json_depth: int = MAX_DEPTH
    max_json_digits: int = MAX_DIGITS
    max_websocket_message: Optional[int] = 16 * _MIB
    request_timeout: Optional[float] = None
    max_concurrent: Optional[int] = None
    max_waiting: Optional[int] = 100
    form: FormLimits = field(init=False)
    loads: Loads = field(init=False)

    def __post_init__(self) -> None:
        form = FormLimits(
            self.max_form_fields,
            self.max_form_files,
            self.max_form_field_size,
            None,
            self.max_form_file_size,
            self.max_form_part_headers,
        )
        object.__setattr__(self, "form", form)
        object.__setattr__(self, "loads", loads_within(self.max_json_depth, self.max_json_digits))


def limits_of(route: RouteLike, settings: Mapping[str, Any]) -> Limits:
    """Return the limits of a route: those of its options, else the settings.

    Raises:
        BuildError: An option's value is no limit.
    """
    found: Dict[str, Any] = {}
    for limit in LIMITS:
        value = route.option(limit.name, _UNSET)
        if value is _UNSET:
            found[limit.name] = settings[limit.name]
            continue
        try:
            found[limit.name] = limit.type(value)
        except (TypeError, ValueError) as error:
            problem = f"the option {limit.name} can't be {value!r}: {error}"
            raise BuildError(f"{route.where}: route {route.path!r}: {problem}.") from None
    return _shared(*found.values())


# PERF: one object for all routes of an app that have no limits of their own
@lru_cache(maxsize=64, typed=True)
def _shared(*values: Any) -> Limits:
    return Limits(*values)
