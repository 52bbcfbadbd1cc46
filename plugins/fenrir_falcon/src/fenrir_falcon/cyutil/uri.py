"""Functions of URIs, at the place of Falcon's compiled ones."""

from __future__ import annotations

from ..util.uri import (
    decode,
    encode,
    encode_check_escaped,
    encode_value,
    encode_value_check_escaped,
    parse_query_string,
)

__all__ = [
    "decode",
    "encode",
    "encode_check_escaped",
    "encode_value",
    "encode_value_check_escaped",
    "parse_query_string",
]
