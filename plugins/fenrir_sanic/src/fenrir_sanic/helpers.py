"""Small helpers, under Sanic's names."""

from __future__ import annotations

import json
import sys
from http import HTTPStatus
from importlib import import_module
from inspect import ismodule
from typing import Any, Dict, Optional

from fenrir_core.authoring import dumps as _kernel_dumps
from fenrir_core.authoring import reason_phrase

#: The phrase of each status.
STATUS_CODES: Dict[int, bytes] = {int(item): reason_phrase(int(item)).encode() for item in HTTPStatus}
#: The phrases that are Sanic's own (those of RFC 2616).
STATUS_CODES.update({
    413: b"Request Entity Too Large", 414: b"Request-URI Too Long", 416: b"Requested Range Not Satisfiable",
    418: b"I'm a teapot", 422: b"Unprocessable Entity",
})  # fmt: skip
for _status in (421, 425):
    STATUS_CODES.pop(_status, None)

_ENTITY_HEADERS = frozenset((
    "allow", "content-encoding", "content-language", "content-length", "content-location", "content-md5",
    "content-range", "content-type", "expires", "last-modified", "extension-header",
))  # fmt: skip
_HOP_BY_HOP_HEADERS = frozenset((
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailers", "transfer-encoding",
    "upgrade",
))  # fmt: skip


class Default:
    """The type of the value that stands for "not given"."""

    def __repr__(self) -> str:
        return "<Default>"

    __str__ = __repr__


_default = Default()


def json_dumps(value: Any, **options: Any) -> str:
    """Return a value as JSON text; the options are those of `json.dumps`."""
    return json.dumps(value, **options) if options else _kernel_dumps(value).decode()


def has_message_body(status: int) -> bool:
    """Return whether responses of a status have a body (RFC 9110, sections 15.2 to 15.4)."""
    return status not in (204, 304) and not 100 <= status < 200


def is_entity_header(header: str) -> bool:
    """Return whether a header describes the body."""
    return header.lower() in _ENTITY_HEADERS


def is_hop_by_hop_header(header: str) -> bool:
    """Return whether a header is for one connection only (RFC 2616, section 13.5.1)."""
    return header.lower() in _HOP_BY_HOP_HEADERS


def import_string(module_name: str, package: Optional[str] = None) -> Any:
    """Return the module that a dotted name names, or a new instance of the class.

    Raises:
        ImportError: There is no such module or name.
    """
    module, _, name = module_name.rpartition(".")
    found = getattr(import_module(module, package), name)
    return found if ismodule(found) else found()


def is_atty() -> bool:
    """Return whether standard output is a terminal."""
    return bool(sys.stdout and sys.stdout.isatty())
