"""What authors of paradigms and plugins need besides the values and classes of `fenrir_core`.

Plugins import from `fenrir_core`, from here and from `fenrir_core.testing`, and from nothing else of the kernel.
The names here are as stable as those of `fenrir_core`; `docs/plugins/reference/authoring.md` describes them.
"""

from __future__ import annotations

from ._callsite import (
    caller,
    can_take,
    check_callable,
    name_of,
    parameter_names,
    refuse_bare,
    return_annotation,
    unwrap_callable,
    where_is,
)
from ._compat import mark_coroutine_function, show_asgi
from ._copies import changed
from ._gates import GUARDED, Gates
from ._readers import flag
from ._running import run_app
from ._suggestions import did_you_mean
from ._tables import has_error_format, targets_of
from ._thread_pool import ThreadLimiter
from ._threads import iterate_in_thread, run_in_thread, uncancel
from ._types import (
    CSP_NONCE,
    DEBUG_PAGE,
    ERRORS,
    REPORTED,
    UNSTARTED,
    ASGIApp,
    EncoderLike,
    EncodersLike,
    F,
    JSONObject,
    KernelOptions,
    Message,
    PathParams,
    RawHeaders,
    RawResponse,
    Receive,
    RouteLike,
    Scope,
    Send,
)
from .alias import Alias
from .build.compiled_route import CompiledRoute
from .build.planner import CallPlan, RoutePlan, params_of
from .build.return_values import hybrid_return_handler
from .exceptions import ClientError, StopTimeout, reason_phrase
from .exports import Hints
from .http.accept import AcceptedRange, best_match, parse_accept, quality
from .http.adapters import (
    Adapter,
    MountedRoute,
    foreign_response,
    full_name,
    is_response_class,
    routes_of_foreign,
    stand_in,
)
from .http.asgi import HeadRoute
from .http.conditions import decide, etag_for, range_applies
from .http.connection import Steps, current, facade_reader, start_steps
from .http.conversion import parse_status, replace_headers, to_response
from .http.cookies import CookieOptions, format_cookie, parse_cookies
from .http.dates import aware, format_date, parse_date
from .http.encoders import current_encoders, encoder_of
from .http.error_handlers import ErrorForms, ErrorFunction
from .http.errors import hand_over, report
from .http.files import IMMUTABLE, FileParts, compressed_copy, file_parts, has_hash, send_file, send_from_directory
from .http.head import known_hosts, require_host
from .http.headers import (
    check_header,
    content_disposition,
    encode_header,
    length_header,
    parse_digits,
    parse_options,
)
from .http.hosts import DEFAULT_PORTS, host_matches, host_of, parse_host, sent_host, server_host
from .http.json import check_finite, dumps, is_json_type, loads, make_dumps, request_loads
from .http.json import default as json_default
from .http.limits import LIMITS, Limits
from .http.logs import escape_traceback, escaped_lines, get_logger, printable
from .http.media_types import negotiated
from .http.methods import ANY_METHODS, BODY_METHODS, METHODS, SAFE_METHODS, method_names
from .http.models import AnyModel, WriteModel
from .http.multipart import FormLimits, parse_form
from .http.observing import OBSERVED, record
from .http.proxies import LocalProxy, StateProxy
from .http.query import last_values, split_query
from .http.response import BODILESS, SAFE_IN_URL, HeadersInit, checked_head, type_header, with_charset
from .http.sessions import SessionListeners, before_save, opened_sessions, session_opened, session_saving
from .http.shutdown import cut_streams
from .http.template_context import template_context
from .http.websocket import CLOSED, CONNECTING, OPEN, InvalidMessage
from .plugins.types import ParameterSource
from .routing.paths import escape_path, local_path
from .routing.router import Match, Router, RouterLike
from .routing.serving_parts import (
    contributors,
    find_ahead,
    find_route,
    is_served_by,
    open_without_loop,
    replace_router,
    table_of,
    templates_of,
)
from .routing.templates import SAFE_IN_PATH, parse_template
from .runtime.contexts import AppContext, RequestContext
from .runtime.dependencies import finish
from .runtime.error_handling import handle_error, respond

__all__ = [
    "ANY_METHODS",
    "ASGIApp",
    "AcceptedRange",
    "Adapter",
    "Alias",
    "AnyModel",
    "AppContext",
    "BODILESS",
    "BODY_METHODS",
    "CLOSED",
    "CONNECTING",
    "CSP_NONCE",
    "CallPlan",
    "ClientError",
    "CompiledRoute",
    "CookieOptions",
    "DEBUG_PAGE",
    "DEFAULT_PORTS",
    "ERRORS",
    "EncoderLike",
    "EncodersLike",
    "ErrorForms",
    "ErrorFunction",
    "F",
    "FileParts",
    "FormLimits",
    "GUARDED",
    "Gates",
    "HeadRoute",
    "HeadersInit",
    "Hints",
    "IMMUTABLE",
    "InvalidMessage",
    "JSONObject",
    "KernelOptions",
    "LIMITS",
    "Limits",
    "LocalProxy",
    "METHODS",
    "Match",
    "Message",
    "MountedRoute",
    "OBSERVED",
    "OPEN",
    "ParameterSource",
    "PathParams",
    "REPORTED",
    "RawHeaders",
    "RawResponse",
    "Receive",
    "RequestContext",
    "RouteLike",
    "RoutePlan",
    "Router",
    "RouterLike",
    "SAFE_IN_PATH",
    "SAFE_IN_URL",
    "SAFE_METHODS",
    "Scope",
    "Send",
    "SessionListeners",
    "StateProxy",
    "Steps",
    "StopTimeout",
    "ThreadLimiter",
    "UNSTARTED",
    "WriteModel",
    "aware",
    "before_save",
    "best_match",
    "caller",
    "can_take",
    "changed",
    "check_callable",
    "check_finite",
    "check_header",
    "checked_head",
    "compressed_copy",
    "content_disposition",
    "contributors",
    "current",
    "current_encoders",
    "cut_streams",
    "decide",
    "did_you_mean",
    "dumps",
    "encode_header",
    "encoder_of",
    "escape_path",
    "escape_traceback",
    "escaped_lines",
    "etag_for",
    "facade_reader",
    "file_parts",
    "find_ahead",
    "find_route",
    "finish",
    "flag",
    "foreign_response",
    "format_cookie",
    "format_date",
    "full_name",
    "get_logger",
    "hand_over",
    "handle_error",
    "has_error_format",
    "has_hash",
    "host_matches",
    "host_of",
    "hybrid_return_handler",
    "is_json_type",
    "is_response_class",
    "is_served_by",
    "iterate_in_thread",
    "json_default",
    "known_hosts",
    "last_values",
    "length_header",
    "loads",
    "local_path",
    "make_dumps",
    "mark_coroutine_function",
    "method_names",
    "name_of",
    "negotiated",
    "open_without_loop",
    "opened_sessions",
    "parameter_names",
    "params_of",
    "parse_accept",
    "parse_cookies",
    "parse_date",
    "parse_digits",
    "parse_form",
    "parse_host",
    "parse_options",
    "parse_status",
    "parse_template",
    "printable",
    "quality",
    "range_applies",
    "reason_phrase",
    "record",
    "refuse_bare",
    "replace_headers",
    "replace_router",
    "report",
    "request_loads",
    "require_host",
    "respond",
    "return_annotation",
    "routes_of_foreign",
    "run_app",
    "run_in_thread",
    "send_file",
    "send_from_directory",
    "sent_host",
    "server_host",
    "session_opened",
    "session_saving",
    "show_asgi",
    "split_query",
    "stand_in",
    "start_steps",
    "table_of",
    "targets_of",
    "template_context",
    "templates_of",
    "to_response",
    "type_header",
    "uncancel",
    "unwrap_callable",
    "where_is",
    "with_charset",
]
