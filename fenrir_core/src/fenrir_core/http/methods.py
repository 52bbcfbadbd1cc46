"""HTTP methods and their properties.

A method that is added here is routed, documented and served by every paradigm.

Source: RFC 9110, section 9; RFC 5789 (PATCH); the IETF draft "The HTTP QUERY Method".
"""

from __future__ import annotations

import re
from typing import Iterable, Tuple, Union

#: Methods that a route can have, in the order in which reports list them.
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY")
#: Methods whose request content has a defined meaning: paradigms read the body of these before the handler runs.
BODY_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE", "QUERY"})
#: Methods that ask for no change (RFC 9110, section 9.2.1).
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
#: The methods of a route for "any method".
ANY_METHODS = tuple(method for method in METHODS if method != "CONNECT")


def method_names(methods: Union[str, Iterable[str]]) -> Tuple[str, ...]:
    """Return methods in upper case, each once; a str is one method."""
    names = (methods,) if isinstance(methods, str) else methods
    return tuple(dict.fromkeys(name.upper() for name in names))


def is_method(name: str) -> bool:
    """Return whether a request's method is a token, known or not (RFC 9110, sections 5.6.2 and 9.1)."""
    return name in METHODS or _TOKEN.fullmatch(name) is not None
