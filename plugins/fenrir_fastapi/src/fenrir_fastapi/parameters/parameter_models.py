"""Parameter models: pydantic models that take a whole query, form, or all headers or cookies."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Tuple

from pydantic import BaseModel

from fenrir_core import Connection

from .. import params, type_inspection
from ..starlette.types import Values
from .fields import Field

#: A function that puts raw values into a dict, by parameter name.
Collect = Callable[[Connection, Dict[str, Any]], None]


def _all_query(connection: Connection) -> List[Tuple[str, Any]]:
    return connection.query.pairs


def _all_headers(connection: Connection) -> List[Tuple[str, Any]]:
    return connection.headers.items()


def _all_cookies(connection: Connection) -> List[Tuple[str, Any]]:
    return list(connection.cookies.items())


def _all_path(connection: Connection) -> List[Tuple[str, Any]]:
    return list(connection.path_params.items())


def _all_form(connection: Any) -> List[Tuple[str, Any]]:
    return connection.loaded_form.pairs  # type: ignore[no-any-return]


SOURCES: Dict[str, Callable[[Connection], List[Tuple[str, Any]]]] = {
    "path": _all_path,
    "query": _all_query,
    "header": _all_headers,
    "cookie": _all_cookies,
    "body": _all_form,
}


def takes_all(item: Field, alone: bool) -> bool:
    """Return whether a field takes all values of its place.

    Args:
        item: The field.
        alone: For a field of a form: whether it is the only one.
    """
    if item.source != "body":
        return item.is_model
    return alone and item.is_form and type_inspection.is_model_union(item.bare)


class Key(NamedTuple):
    """A field of a parameter model: its name in the model and in the request, and its default."""

    name: str
    wire: str
    is_list: bool
    default: Any


def keys_of(item: Field) -> List[Key]:
    """Return the fields of a parameter model, or of all models of a union."""
    dashes = isinstance(item.marker, params.Header) and item.marker.convert_underscores
    found = []
    for model in type_inspection.arms(item.bare):
        assert issubclass(model, BaseModel)
        for name, info in model.model_fields.items():
            alias = info.validation_alias if isinstance(info.validation_alias, str) else info.alias
            wire = name.replace("_", "-") if dashes and alias is None else (alias or name)
            wire = wire.lower() if item.source == "header" else wire
            # the model itself applies default factories, and the defaults in a union
            plain = not info.is_required() and info.default_factory is None and item.is_model
            default = info.default if plain and info.default is not None else params.Undefined
            found.append(Key(alias or name, wire, type_inspection.is_sequence(info.annotation), default))
    return found


def whole_model(item: Field, source: Callable[[Connection], List[Tuple[str, Any]]]) -> Collect:
    """Return the collector of a model's values."""
    keys = keys_of(item)
    known = {key.wire: key for key in keys}
    # a header with the field's own name, underscores and all, is not the field's header
    hidden = {key.name for key in keys} - set(known)
    drop_empty, optional = item.is_form, not item.required

    def collect(connection: Connection, found: Values) -> None:
        values: Values = {}
        for wire, value in source(connection):
            if (drop_empty and value == "") or wire in hidden:
                continue
            key = known.get(wire)
            name = wire if key is None else key.name
            if key is not None and not key.is_list:
                values[name] = value
            elif key is not None:
                values.setdefault(name, []).append(value)
            elif name in values:
                there = values[name]
                values[name] = [*there, value] if isinstance(there, list) else [there, value]
            else:
                values[name] = value
        if not values and optional:
            return
        found[item.name] = values

    return collect


def defaults_of(item: Field) -> List[Tuple[str, Any]]:
    """Return the defaults of a parameter model's fields, which errors show as input."""
    return [(key.name, key.default) for key in keys_of(item) if key.default is not params.Undefined]


def with_defaults(raw: Values, defaults: Mapping[str, List[Tuple[str, Any]]]) -> Values:
    """Return the raw values of some parameters, those of models with their fields' defaults."""
    found = dict(raw)
    for name, pairs in defaults.items():
        if isinstance(found.get(name), dict):
            found[name] = {**found[name], **{key: value for key, value in pairs if key not in found[name]}}
    return found
