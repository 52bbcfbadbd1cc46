"""The names that the façade `fenrir` re-exports from this paradigm."""

from __future__ import annotations

from .app import Flask
from .blueprints import Blueprint
from .helpers import abort, flash, get_flashed_messages, make_response, url_for
from .json import jsonify
from .proxies import current_app, g, request, session
from .templating import render_template, render_template_string, stream_template

__all__ = [
    "Blueprint",
    "Flask",
    "abort",
    "current_app",
    "flash",
    "g",
    "get_flashed_messages",
    "jsonify",
    "make_response",
    "render_template",
    "render_template_string",
    "request",
    "session",
    "stream_template",
    "url_for",
]
