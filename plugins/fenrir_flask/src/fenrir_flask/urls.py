"""URLs of plain rules, built without a look at the whole map."""

from __future__ import annotations

import re
from typing import Callable, Dict, List, Mapping, Optional, Tuple
from urllib.parse import quote, quote_plus

from werkzeug.routing import IntegerConverter, Map, Rule, UnicodeConverter

from ._types import Values

#: COMPAT: the characters that Werkzeug leaves as they are in a value of the path, and in the query.
_SAFE_IN_VALUE, _SAFE_IN_QUERY = "!$&'()*+,/:;=@", "!$'()*,/:;?@"
_PLAIN = re.compile(r"[A-Za-z0-9_/.~-]*")
_PARAMETER = re.compile(r"<(?:(?:string|default|int):)?([a-zA-Z_][a-zA-Z0-9_]*)>")
#: Returns the path of an endpoint, with the query; None where the map has to be asked.
Builder = Callable[[Values], Optional[str]]


def builders_of(url_map: Map) -> Mapping[str, Builder]:
    """Return what builds the paths of endpoints that have one plain rule each."""
    rules: Dict[str, List[Rule]] = {}
    for rule in url_map.iter_rules():
        rules.setdefault(rule.endpoint, []).append(rule)
    found = {}
    for endpoint, items in rules.items():
        parts = _parts(items[0]) if len(items) == 1 else None
        if parts is not None:
            found[endpoint] = _builder(*parts)
    return found


def _parts(rule: Rule) -> Optional[Tuple[List[str], List[Tuple[str, bool]]]]:
    """Return the literals of a rule and its parameters, each with whether it is an integer; None if it isn't plain."""
    if rule.defaults or rule.subdomain or rule.host or rule.alias or rule.websocket:
        return None
    pieces = _PARAMETER.split(rule.rule)
    literals, names = pieces[::2], pieces[1::2]
    if not all(_PLAIN.fullmatch(literal) for literal in literals):
        return None
    parameters = []
    for name in names:
        kind = type(rule._converters[name])
        if kind not in (UnicodeConverter, IntegerConverter):
            return None
        parameters.append((name, kind is IntegerConverter))
    return literals, parameters


def _builder(literals: List[str], parameters: List[Tuple[str, bool]]) -> Builder:
    first, rest = literals[0], literals[1:]
    names = frozenset(name for name, _ in parameters)

    def build(values: Values) -> Optional[str]:
        path = first
        for (name, is_int), literal in zip(parameters, rest):
            value = values.get(name)
            if type(value) is int:
                text = str(value)
            elif type(value) is str and not is_int and value:
                text = value if value.isalnum() and value.isascii() else quote(value, _SAFE_IN_VALUE)
            else:
                return None
            path = f"{path}{text}{literal}"
        if len(values) == len(names):
            return path
        query = []
        for name, value in values.items():
            if name not in names:
                if type(value) not in (str, int):
                    return None  # None is left out, a list is several
                # PERF: nothing to quote in most names and values, 4.0 -> 2.7 us with one pair
                query.append(f"{_quoted(name)}={_quoted(str(value))}")
        return f"{path}?{'&'.join(query)}"

    return build


def _quoted(text: str) -> str:
    return text if text.isalnum() and text.isascii() else quote_plus(text, _SAFE_IN_QUERY)
