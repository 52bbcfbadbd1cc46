"""Query parameters with types: the `get_param` methods of `Request`."""

from __future__ import annotations

import json
import math
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, TypeVar
from uuid import UUID

from .constants import FALSE_STRINGS, TRUE_STRINGS
from .exceptions import HTTPInvalidParam, HTTPMissingParam

T = TypeVar("T")
Store = Optional[Dict[str, Any]]


class ParamReader:
    """The part of `Request` that reads query parameters.

    All methods take `required` (whether a missing parameter is an error, 400), `store` (a dict in
    which the value is stored too) and `default`. An invalid value is an error, 400.
    """

    _params: Optional[Dict[str, Any]] = None

    if TYPE_CHECKING:

        def _read_params(self) -> Dict[str, Any]: ...

    @property
    def params(self) -> Dict[str, Any]:
        """The query parameters; the value of a repeated name is a list."""
        if self._params is None:
            self._params = self._read_params()
        return self._params

    def has_param(self, name: str) -> bool:
        """Return whether the query has the parameter."""
        return name in self.params

    def get_param(
        self,
        name: str,
        required: bool = False,
        store: Store = None,
        default: Optional[str] = None,
        allow_multiple: bool = True,
    ) -> Optional[str]:
        """Return a parameter as text, the last value of a repeated one."""
        self._check_single(name, allow_multiple)
        return self._read(name, str, "", required, store, default)

    def get_param_as_int(
        self,
        name: str,
        required: bool = False,
        min_value: Optional[int] = None,
        max_value: Optional[int] = None,
        store: Store = None,
        default: Optional[int] = None,
        allow_multiple: bool = True,
    ) -> Optional[int]:
        """Return a parameter as an integer within the bounds."""
        if min_value is None and max_value is None and store is None:  # PERF: the common call in one frame
            params = self._params
            value = (self.params if params is None else params).get(name)
            try:
                if type(value) is str:
                    return int(value)
            except ValueError:
                pass
        self._check_single(name, allow_multiple)
        convert = int if min_value is None and max_value is None else _bounded(int, min_value, max_value)
        return self._read(name, convert, "The value must be an integer.", required, store, default)

    def get_param_as_float(
        self,
        name: str,
        required: bool = False,
        min_value: Optional[float] = None,
        max_value: Optional[float] = None,
        store: Store = None,
        default: Optional[float] = None,
        allow_multiple: bool = True,
    ) -> Optional[float]:
        """Return a parameter as a finite float within the bounds."""
        self._check_single(name, allow_multiple)
        convert = _bounded(_finite, min_value, max_value)
        return self._read(name, convert, "The value must be a float.", required, store, default)

    def get_param_as_uuid(
        self,
        name: str,
        required: bool = False,
        store: Store = None,
        default: Optional[UUID] = None,
        allow_multiple: bool = True,
    ) -> Optional[UUID]:
        """Return a parameter as a UUID."""
        self._check_single(name, allow_multiple)
        return self._read(name, UUID, "The value must be a UUID string.", required, store, default)

    def get_param_as_bool(
        self,
        name: str,
        required: bool = False,
        store: Store = None,
        blank_as_true: bool = True,
        default: Optional[bool] = None,
        allow_multiple: bool = True,
    ) -> Optional[bool]:
        """Return a parameter as a bool: ``true yes y t 1 on`` or ``false no n f 0 off``."""
        self._check_single(name, allow_multiple)

        def convert(text: str) -> bool:
            if text in TRUE_STRINGS or (not text and blank_as_true):
                return True
            if text in FALSE_STRINGS or not text:
                return False
            raise ValueError(text)

        wrong = 'The value of the parameter must be "true" or "false".'
        return self._read(name, convert, wrong, required, store, default)

    def get_param_as_list(
        self,
        name: str,
        transform: Optional[Callable[[str], Any]] = None,
        required: bool = False,
        store: Store = None,
        default: Optional[List[Any]] = None,
        delimiter: Optional[str] = None,
    ) -> Optional[List[Any]]:
        """Return all values of a parameter.

        Args:
            transform: Converts each value; a ValueError is answered with 400.
            delimiter: What separates several values in one text, for example ``","``, or the name of a style of
                OpenAPI: ``spaceDelimited`` or ``pipeDelimited``.
        """
        if name not in self.params:
            return self._absent(name, required, store, default)
        value = self.params[name]
        items = list(value) if isinstance(value, list) else [value]
        if delimiter is not None and not isinstance(value, list):
            items = [piece for item in items for piece in _split(item, delimiter)]
        if transform is not None:
            try:
                items = [transform(item) for item in items]
            except ValueError as error:
                raise HTTPInvalidParam("The value is not formatted correctly.", name) from error
        return _stored(name, items, store)

    def get_param_as_datetime(
        self,
        name: str,
        format_string: str = "%Y-%m-%dT%H:%M:%S%z",
        required: bool = False,
        store: Store = None,
        default: Optional[datetime] = None,
        allow_multiple: bool = True,
    ) -> Optional[datetime]:
        """Return a parameter as a datetime, parsed by `format_string` (as for `strptime`)."""
        self._check_single(name, allow_multiple)

        def convert(text: str) -> datetime:
            return datetime.strptime(text, format_string)

        return self._read(name, convert, "The date value does not match the required format.", required, store, default)

    def get_param_as_date(
        self,
        name: str,
        format_string: str = "%Y-%m-%d",
        required: bool = False,
        store: Store = None,
        default: Optional[date] = None,
        allow_multiple: bool = True,
    ) -> Optional[date]:
        """Return a parameter as a date, parsed by `format_string` (as for `strptime`)."""
        self._check_single(name, allow_multiple)

        def convert(text: str) -> date:
            return datetime.strptime(text, format_string).date()

        return self._read(name, convert, "The date value does not match the required format.", required, store, default)

    def get_param_as_json(
        self,
        name: str,
        required: bool = False,
        store: Store = None,
        default: Any = None,
        allow_multiple: bool = True,
    ) -> Any:
        """Return a parameter that is JSON, deserialized."""
        self._check_single(name, allow_multiple)
        return self._read(name, json.loads, "It is not a valid JSON.", required, store, default)

    def get_param_as_dict(
        self,
        name: str,
        required: bool = False,
        deep_object: bool = False,
        delimiter: Optional[str] = None,
        store: Store = None,
        default: Optional[Dict[str, str]] = None,
        allow_multiple: bool = True,
    ) -> Optional[Dict[str, str]]:
        """Return a parameter that has names and values.

        Args:
            name: The parameter's name.
            required, store, default, allow_multiple: As for the other methods.
            deep_object: Whether it is written as ``name[key]=value``; otherwise its values are keys and values in turn.
            delimiter: What separates these, as for `get_param_as_list`.

        Raises:
            HTTPInvalidParam: A key has no value (400).
        """
        found: Dict[str, str] = {}
        if deep_object:
            start = f"{name}["
            for key, value in self.params.items():
                if key.startswith(start) and key.endswith("]"):
                    self._check_single(key, allow_multiple)
                    found[key[len(start) : -1]] = value[0] if isinstance(value, list) else value
            if not found:
                return self._absent(name, required, store, default)
            return _stored(name, found, store)
        items = self.get_param_as_list(name, required=required, delimiter=delimiter)
        if items is None:
            return self._absent(name, required, store, default)
        if delimiter is None and len(items) == 1:
            items = items[0].split(",")
        if len(items) % 2:
            raise HTTPInvalidParam("Invalid parameter format, list elements must be even.", name)
        return _stored(name, dict(zip(items[::2], items[1::2])), store)

    def _check_single(self, name: str, allow_multiple: bool) -> None:
        if not allow_multiple and isinstance(self.params.get(name), list):
            raise HTTPInvalidParam("Multiple values are not allowed.", name)

    def _read(
        self,
        name: str,
        convert: Callable[[str], T],
        wrong: str,
        required: bool,
        store: Store,
        default: Optional[T],
    ) -> Optional[T]:
        value = self.params.get(name)
        if value is None:
            return self._absent(name, required, store, default)
        text = value[-1] if isinstance(value, list) else value
        try:
            found = convert(text)
        except _OutOfBounds as error:
            raise HTTPInvalidParam(str(error), name) from None
        except (ValueError, RecursionError) as error:
            raise HTTPInvalidParam(wrong, name) from error
        return found if store is None else _stored(name, found, store)

    def _absent(self, name: str, required: bool, store: Store, default: Optional[T]) -> Optional[T]:
        if required:
            raise HTTPMissingParam(name)
        if default is not None and store is not None:
            store[name] = default
        return default


def _split(text: str, delimiter: str) -> List[str]:
    character = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(delimiter, delimiter)
    if character not in (",", "|", " "):
        raise ValueError(f'The delimiter {delimiter!r} is not supported: use ",", "pipeDelimited" or "spaceDelimited".')
    return text.split(character)


class _OutOfBounds(ValueError):
    pass


def _bounded(convert: Callable[[str], Any], low: Any, high: Any) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        value = convert(text)
        if low is not None and value < low:
            raise _OutOfBounds(f"The value must be at least {low}")
        if high is not None and value > high:
            raise _OutOfBounds(f"The value may not exceed {high}")
        return value

    return read


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _stored(name: str, value: T, store: Store) -> T:
    if store is not None:
        store[name] = value
    return value
