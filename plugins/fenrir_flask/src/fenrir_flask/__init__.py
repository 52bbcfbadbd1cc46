"""The Flask paradigm of the Fenrir web framework: context locals, sessions, templates."""

from __future__ import annotations

from ._version import __version__ as __version__
from .app import Flask
from .config import Config
from .helpers import (
    abort,
    after_this_request,
    flash,
    get_flashed_messages,
    get_template_attribute,
    has_app_context,
    has_request_context,
    make_response,
    redirect,
    send_file,
    send_from_directory,
    stream_with_context,
    url_for,
)
from .json import jsonify
from .proxies import current_app, g, request, session
from .registration.blueprints import Blueprint
from .templating import (
    render_template,
    render_template_string,
    stream_template,
    stream_template_string,
)
from .wrappers import Request, Response

__all__ = [
    "Blueprint",
    "Config",
    "Flask",
    "Request",
    "Response",
    "abort",
    "after_this_request",
    "current_app",
    "flash",
    "g",
    "get_flashed_messages",
    "get_template_attribute",
    "has_app_context",
    "has_request_context",
    "jsonify",
    "make_response",
    "redirect",
    "render_template",
    "render_template_string",
    "request",
    "send_file",
    "send_from_directory",
    "session",
    "stream_template",
    "stream_template_string",
    "stream_with_context",
    "url_for",
]
