"""JSON in Flask's format."""

from __future__ import annotations

from .provider import DefaultJSONProvider, JSONProvider, dump, dumps, jsonify, load, loads

__all__ = ["DefaultJSONProvider", "JSONProvider", "dump", "dumps", "jsonify", "load", "loads"]
