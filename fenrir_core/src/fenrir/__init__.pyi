# Written by scripts/make_stub.py; a plugin that is not installed leaves its names untyped.
import asyncio
import re
import typing
from pathlib import Path as _Path
from typing import (
    Any, Callable, Dict, Iterable, Mapping, Optional, Type, TypedDict, TypeVar, Union, overload,
)

from typing_extensions import Unpack

from fenrir_core import Fenrir as _Fenrir
from fenrir_core import BackgroundTasks as BackgroundTasks, BuildError as BuildError, EventBuffer as EventBuffer, EventSourceResponse as EventSourceResponse, FileResponse as FileResponse, HTMLResponse as HTMLResponse, HTTPError as HTTPError, JSONResponse as JSONResponse, NotFound as NotFound, PlainTextResponse as PlainTextResponse, RedirectResponse as RedirectResponse, Request as Request, Response as Response, ServerSentEvent as ServerSentEvent, StreamingResponse as StreamingResponse, WebSocket as WebSocket, WebSocketDisconnect as WebSocketDisconnect, nonblocking as nonblocking
from fenrir_core import __version__ as __version__
from fenrir_fastapi.exports import APIRouter as APIRouter, Body as Body, Cookie as Cookie, Depends as Depends, FastAPI as FastAPI, File as File, Form as Form, HTTPException as HTTPException, Header as Header, Path as Path, Query as Query, Security as Security, UploadFile as UploadFile, status as status
from fenrir_flask.exports import Blueprint as Blueprint, Flask as Flask, abort as abort, current_app as current_app, flash as flash, g as g, get_flashed_messages as get_flashed_messages, jsonify as jsonify, make_response as make_response, render_template as render_template, render_template_string as render_template_string, request as request, session as session, stream_template as stream_template, url_for as url_for
from fenrir_bottle.exports import Bottle as Bottle, redirect as redirect, send_file as send_file, send_from_directory as send_from_directory
from fenrir_fastapi.middleware.cors import CORSMiddleware as CORSMiddleware
from fenrir_falcon import App as FalconApp
from fenrir_fastapi.middleware.gzip import GZipMiddleware as GZipMiddleware
from fenrir_sanic import Sanic as Sanic
from fenrir_fastapi.testclient import TestClient as TestClient
from fenrir_fastapi.middleware.trustedhost import TrustedHostMiddleware as TrustedHostMiddleware
from fenrir_wsgi import mount_wsgi as mount_wsgi
from fenrir_fastapi.routing import APIRouter as _APIRouter
from fenrir_fastapi.signatures import RouterOptions as _RouterOptions
from fenrir_sanic.supervised_tasks import SupervisedTasks as _SupervisedTasks
from fenrir_flask.blueprints import Blueprint as _Blueprint
from fenrir_flask.registration.hooks import Matches as _Matches
from fenrir_sanic.registration import Version as _Version
from fenrir_flask.sessions import SessionInterface as _SessionInterface
from fenrir_flask.hybrid_config import SettingsConfig as _SettingsConfig
from jinja2 import Environment as _Environment
from fenrir_core.testing import SyncClient as _SyncClient
from fenrir_takeover import Takeover as _Takeover
import enum
import fenrir_core.http.response
import fenrir_security.limits
import types

__all__ = ['APIRouter', 'BackgroundTasks', 'Blueprint', 'Body', 'Bottle', 'BuildError', 'CORSMiddleware', 'Cookie', 'Depends', 'EventBuffer', 'EventSourceResponse', 'FalconApp', 'FastAPI', 'Fenrir', 'File', 'FileResponse', 'Flask', 'Form', 'GZipMiddleware', 'HTMLResponse', 'HTTPError', 'HTTPException', 'Header', 'JSONResponse', 'NotFound', 'Path', 'PlainTextResponse', 'Query', 'RedirectResponse', 'Request', 'Response', 'Sanic', 'Security', 'ServerSentEvent', 'StreamingResponse', 'TestClient', 'TrustedHostMiddleware', 'UploadFile', 'WebSocket', 'WebSocketDisconnect', '__version__', 'abort', 'current_app', 'flash', 'g', 'get_flashed_messages', 'jsonify', 'make_response', 'mount_wsgi', 'nonblocking', 'redirect', 'render_template', 'render_template_string', 'request', 'send_file', 'send_from_directory', 'session', 'status', 'stream_template', 'url_for']

_F = TypeVar("_F", bound=Callable[..., Any])

class RouteOptions(TypedDict, total=False):
    api_route: Any
    asgi: bool
    callbacks: Union[typing.Sequence[Any], None]
    csrf: bool
    ctx: types.SimpleNamespace
    custom_route: Any
    dependencies: Union[typing.Sequence[Any], None]
    deprecated: Union[bool, None]
    description: Union[str, None]
    error_format: str
    form_limits: Union[typing.Mapping[str, int], None]
    frontend: Any
    generate_unique_id_function: Union[typing.Callable[[Any], str], None]
    get_route_handler: Any
    host_dispatcher: bool
    hosts: typing.Sequence[str]
    ignore_body: bool
    include_in_schema: bool
    included: Any
    max_body: Union[int, None]
    max_body_size: Union[int, None]
    max_buffered: Union[int, None]
    max_concurrent: Union[int, None]
    max_form_field_size: Union[int, None]
    max_form_fields: Union[int, None]
    max_form_file_size: Union[int, None]
    max_form_files: Union[int, None]
    max_form_part_headers: Union[int, None]
    max_header_size: Union[int, None]
    max_headers: Union[int, None]
    max_json_depth: int
    max_json_digits: int
    max_query_pairs: Union[int, None]
    max_waiting: Union[int, None]
    max_websocket_message: Union[int, None]
    nonblocking: bool
    openapi_extra: Union[typing.Mapping[str, Any], None]
    operation_id: Union[str, None]
    rate_limit: Union[str, bool, fenrir_security.limits.RateLimit]
    request_only: Any
    request_timeout: Union[float, None]
    response_class: Union[typing.Type[fenrir_core.http.response.Response], None]
    response_description: str
    response_model: Any
    response_model_by_alias: bool
    response_model_exclude: Union[typing.AbstractSet[int], typing.AbstractSet[str], typing.Sequence[str], typing.Mapping[int, Any], typing.Mapping[str, Any], None]
    response_model_exclude_defaults: bool
    response_model_exclude_none: bool
    response_model_exclude_unset: bool
    response_model_include: Union[typing.AbstractSet[int], typing.AbstractSet[str], typing.Sequence[str], typing.Mapping[int, Any], typing.Mapping[str, Any], None]
    responses: Union[typing.Mapping[Union[int, str], typing.Mapping[str, Any]], None]
    session: bool
    static: bool
    status: int
    status_code: Union[int, None]
    stream: bool
    strict_content_type: bool
    strict_slashes: Union[bool, str, None]
    subprotocols: typing.Sequence[str]
    summary: Union[str, None]
    tags: Union[typing.Sequence[Union[str, enum.Enum]], None]
    takeover: bool
    unquote: bool
    unrouted: bool
    url_rule: Any

class Fenrir(_Fenrir):
    # The kernel's methods take any option, since a plugin can add one. Here they take those of the first-party plugins
    # only, so that type checkers find a misspelt one: an override that is narrower than its base.
    def get(self, path: str, *, name: Optional[str] = ..., **options: Unpack[RouteOptions]) -> Callable[[_F], _F]: ...  # type: ignore[override]
    def post(self, path: str, *, name: Optional[str] = ..., **options: Unpack[RouteOptions]) -> Callable[[_F], _F]: ...  # type: ignore[override]
    def put(self, path: str, *, name: Optional[str] = ..., **options: Unpack[RouteOptions]) -> Callable[[_F], _F]: ...  # type: ignore[override]
    def patch(self, path: str, *, name: Optional[str] = ..., **options: Unpack[RouteOptions]) -> Callable[[_F], _F]: ...  # type: ignore[override]
    def delete(self, path: str, *, name: Optional[str] = ..., **options: Unpack[RouteOptions]) -> Callable[[_F], _F]: ...  # type: ignore[override]
    def head(self, path: str, *, name: Optional[str] = ..., **options: Unpack[RouteOptions]) -> Callable[[_F], _F]: ...  # type: ignore[override]
    def options(self, path: str, *, name: Optional[str] = ..., **options: Unpack[RouteOptions]) -> Callable[[_F], _F]: ...  # type: ignore[override]
    def route(self, path: str, methods: Optional[Iterable[str]] = ..., *, name: Optional[str] = ..., **options: Unpack[RouteOptions]) -> Callable[[_F], _F]: ...  # type: ignore[override]
    def websocket(self, path: str, *, name: Optional[str] = ..., **options: Unpack[RouteOptions]) -> Callable[[_F], _F]: ...  # type: ignore[override]
    def add_error_handler(self, exception: Union[Type[BaseException], Iterable[Type[BaseException]]], handler: Optional[Callable[..., Any]] = ...) -> None: ...
    def add_route(self, path: str, resource: Any, *, suffix: Optional[str] = ..., **options: Any) -> None: ...
    def add_sink(self, sink: Callable[..., Any], prefix: Union[str, re.Pattern[str]] = ...) -> None: ...
    def add_static_route(self, prefix: str, directory: Union[str, _Path], downloadable: bool = ..., fallback_filename: Optional[str] = ...) -> None: ...
    def add_task(self, task: Any, *, name: Optional[str] = ..., register: bool = ..., on_error: str = ...) -> Optional[asyncio.Task[Any]]: ...
    def add_url_rule(self, rule: str, endpoint: Optional[str] = ..., view_func: Optional[Callable[..., Any]] = ..., provide_automatic_options: Optional[bool] = ..., **options: Any) -> None: ...
    def after_request(self, f: _F) -> _F: ...
    @overload
    def after_server_start(self, listener: _F, *, priority: int = ...) -> _F: ...
    @overload
    def after_server_start(self, listener: Optional[str] = ..., *, priority: int = ...) -> Callable[[_F], _F]: ...
    @overload
    def after_server_stop(self, listener: _F, *, priority: int = ...) -> _F: ...
    @overload
    def after_server_stop(self, listener: Optional[str] = ..., *, priority: int = ...) -> Callable[[_F], _F]: ...
    def before_request(self, f: _F) -> _F: ...
    @overload
    def before_server_start(self, listener: _F, *, priority: int = ...) -> _F: ...
    @overload
    def before_server_start(self, listener: Optional[str] = ..., *, priority: int = ...) -> Callable[[_F], _F]: ...
    @overload
    def before_server_stop(self, listener: _F, *, priority: int = ...) -> _F: ...
    @overload
    def before_server_stop(self, listener: Optional[str] = ..., *, priority: int = ...) -> Callable[[_F], _F]: ...
    def blueprint(self, blueprint: Any, *, url_prefix: Optional[str] = ..., version: _Version = ..., strict_slashes: Optional[bool] = ..., version_prefix: Optional[str] = ..., name_prefix: Optional[str] = ...) -> None: ...
    async def cancel_task(self, name: str, msg: Optional[str] = ..., *, raise_exception: bool = ...) -> None: ...
    @property
    def config(self) -> _SettingsConfig: ...
    def context_processor(self, f: _F) -> _F: ...
    def errorhandler(self, code_or_exception: _Matches) -> Callable[[_F], _F]: ...
    def exception(self, *exceptions: Any) -> Callable[[_F], _F]: ...
    def frontend(self, path: str, *, directory: Any, fallback: Optional[str] = ..., check_dir: Union[bool, str] = ..., precompressed: bool = ..., immutable: bool = ...) -> None: ...
    def get_task(self, name: str, *, raise_exception: bool = ...) -> Optional[asyncio.Task[Any]]: ...
    def include_router(self, router: _APIRouter, *, prefix: str = ..., **options: Unpack[_RouterOptions]) -> None: ...
    @property
    def jinja_env(self) -> _Environment: ...
    def listener(self, listener_or_event: Any, event_or_none: Optional[str] = ..., *, priority: int = ...) -> Callable[[_F], _F]: ...
    @overload
    def main_process_start(self, listener: _F, *, priority: int = ...) -> _F: ...
    @overload
    def main_process_start(self, listener: Optional[str] = ..., *, priority: int = ...) -> Callable[[_F], _F]: ...
    @overload
    def main_process_stop(self, listener: _F, *, priority: int = ...) -> _F: ...
    @overload
    def main_process_stop(self, listener: Optional[str] = ..., *, priority: int = ...) -> Callable[[_F], _F]: ...
    @overload
    def middleware(self, middleware_or_kind: _F, *, priority: int = ...) -> _F: ...
    @overload
    def middleware(self, middleware_or_kind: Optional[str] = ..., *, priority: int = ...) -> Callable[[_F], _F]: ...
    def mount_wsgi(self, *arguments: Any, prefix: Optional[str] = ..., wsgi_app: Any = ..., name: str = ..., threads: Optional[int] = ..., max_body: Optional[int] = ..., send_timeout: Optional[float] = ..., guards: bool = ...) -> None: ...
    def on_event(self, event_type: str) -> Callable[[_F], _F]: ...
    @overload
    def on_request(self, middleware: _F, *, priority: int = ...) -> _F: ...
    @overload
    def on_request(self, middleware: Optional[str] = ..., *, priority: int = ...) -> Callable[[_F], _F]: ...
    @overload
    def on_response(self, middleware: _F, *, priority: int = ...) -> _F: ...
    @overload
    def on_response(self, middleware: Optional[str] = ..., *, priority: int = ...) -> Callable[[_F], _F]: ...
    def openapi(self) -> Dict[str, Any]: ...
    def purge_tasks(self) -> None: ...
    def register_blueprint(self, blueprint: _Blueprint, **options: Any) -> None: ...
    def register_error_handler(self, code_or_exception: _Matches, f: Callable[..., Any]) -> None: ...
    def register_listener(self, listener: _F, event: str, *, priority: int = ...) -> _F: ...
    def register_middleware(self, middleware: _F, attach_to: str = ..., *, priority: int = ..., group: Optional[str] = ...) -> _F: ...
    @property
    def secret_key(self) -> Union[str, bytes, None]: ...
    @secret_key.setter
    def secret_key(self, value: Union[str, bytes, None]) -> None: ...
    @property
    def session_interface(self) -> Optional[_SessionInterface]: ...
    @session_interface.setter
    def session_interface(self, value: Optional[_SessionInterface]) -> None: ...
    def take_over(self, legacy: Any, prefix: str = ..., guards: bool = ..., *, name: str = ..., interface: Optional[str] = ..., switches: Optional[Mapping[str, Any]] = ..., share_session: bool = ..., threads: Optional[int] = ..., max_body: Optional[int] = ..., send_timeout: Optional[float] = ..., shadow_at_once: int = ..., shadow_timeout: float = ..., shadow_bytes: int = ..., masked: Iterable[str] = ..., ignored_headers: Iterable[str] = ..., report_path: Optional[str] = ..., report_guard: Optional[Callable[..., Any]] = ..., openapi: bool = ...) -> _Takeover: ...
    @property
    def tasks(self) -> _SupervisedTasks: ...
    def teardown_appcontext(self, f: _F) -> _F: ...
    def teardown_request(self, f: _F) -> _F: ...
    @overload
    def template_filter(self, name: _F) -> _F: ...
    @overload
    def template_filter(self, name: Optional[str] = ...) -> Callable[[_F], _F]: ...
    @overload
    def template_global(self, name: _F) -> _F: ...
    @overload
    def template_global(self, name: Optional[str] = ...) -> Callable[[_F], _F]: ...
    @overload
    def template_test(self, name: _F) -> _F: ...
    @overload
    def template_test(self, name: Optional[str] = ...) -> Callable[[_F], _F]: ...
    def test_client(self, **options: Any) -> _SyncClient: ...
