"""Collectors of raw values: from path, query, headers, cookies, form and JSON body into a dict by parameter."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, Callable, List

from fenrir_core import Connection

from ..starlette.types import NamedValues, Values
from .body import body_value
from .fields import Field, by_source
from .parameter_models import SOURCES, Collect, takes_all, whole_model


def collectors_of(fields: List[Field], is_form: bool, strict_type: bool) -> List[Collect]:
    """Return the collectors of some fields, at least one for each place that they come from.

    Args:
        fields: The fields of one callable.
        is_form: Whether the body is a form.
        strict_type: Whether a body without content type is not read as JSON.
    """
    found: List[Collect] = []
    groups = by_source(fields)
    for source, members in groups.items():
        models = [item for item in members if takes_all(item, is_form and len(members) == 1)]
        plain = [item for item in members if item not in models]
        if source == "body":
            if plain:
                found.append(_form_fields(plain) if is_form else _body_keys(plain, strict_type))
        elif source == "query" and plain:
            found.append(_query(plain, only=len(plain) == len(fields)))
        elif source == "header" and plain:
            found.append(_headers(plain))
        elif plain:
            found.append(_from_mapping(plain, attrgetter("path_params" if source == "path" else "cookies")))
        found.extend(whole_model(item, SOURCES[source]) for item in models)
    return found


def _from_mapping(fields: List[Field], values_of: Callable[[Connection], NamedValues]) -> Collect:
    pairs = [(item.name, item.alias) for item in fields]

    def collect(connection: Connection, found: Values) -> None:
        values = values_of(connection)
        for name, alias in pairs:
            if alias in values:
                found[name] = values[alias]

    return collect


def _query(fields: List[Field], only: bool) -> Collect:
    lists = [(item.name, item.alias) for item in fields if item.is_sequence]
    pairs = [(item.name, item.alias) for item in fields if not item.is_sequence]
    if only and not lists and all(name == alias for name, alias in pairs):
        return lambda connection, found: found.update(connection.query_last)

    def collect(connection: Connection, found: Values) -> None:
        if pairs:
            last = connection.query_last
            for name, alias in pairs:
                if alias in last:
                    found[name] = last[alias]
        for name, alias in lists:
            values = connection.query.getlist(alias)
            if values:
                found[name] = values

    return collect


def _headers(fields: List[Field]) -> Collect:
    triples = [(item.name, item.alias, item.is_sequence) for item in fields]

    def collect(connection: Connection, found: Values) -> None:
        headers = connection.headers
        for name, alias, is_list in triples:
            value: Any = headers.getlist(alias) or None if is_list else headers.get(alias)
            if value is not None:
                found[name] = value

    return collect


def _body_keys(fields: List[Field], strict_type: bool) -> Collect:
    pairs = [(item.name, item.alias) for item in fields]

    def collect(connection: Connection, found: Values) -> None:
        body = body_value(connection, strict_type)
        if isinstance(body, dict):
            for name, alias in pairs:
                if alias in body:
                    found[name] = body[alias]

    return collect


def _form_fields(fields: List[Field]) -> Collect:
    triples = [(item.name, item.alias, item.is_sequence) for item in fields]

    def collect(connection: Any, found: Values) -> None:
        form = connection.loaded_form
        for name, alias, is_list in triples:
            value = form.getlist(alias) or None if is_list else form.getlast(alias)
            if value is not None and value != "":
                found[name] = value

    return collect
