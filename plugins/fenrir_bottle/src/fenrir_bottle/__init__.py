"""The Bottle paradigm of the Fenrir web framework: apps as Bottle writes them, WSGI mounts and small helpers."""

from __future__ import annotations

import threading
from datetime import timezone
from http.cookies import CookieError
from io import BytesIO
from types import ModuleType as new_module
from typing import Any

from fenrir_wsgi import mount_wsgi

from . import casting, ext, router, texts
from ._flags import debug, depr, flags
from ._version import __version__
from .casting import WSGIFileWrapper
from .command import main
from .config import ConfigDict
from .default_app import (
    AppStack,
    Bottle,
    app,
    apps,
    default_app,
    delete,
    error,
    get,
    hook,
    install,
    make_default_app_wrapper,
    mount,
    patch,
    post,
    put,
    route,
    uninstall,
    url,
)
from .error_pages import ERROR_PAGE_TEMPLATE
from .exceptions import (
    BottleException,
    HTTPError,
    HTTPResponse,
    MultipartError,
    PluginError,
    RouteBuildError,
    RouteError,
    RouteReset,
    RouterUnknownModeError,
    RouteSyntaxError,
    StplSyntaxError,
    TemplateError,
)
from .functions import abort, auth_basic, redirect, static_file
from .loading import load
from .plugins import JSONPlugin, TemplatePlugin
from .properties import DictProperty, HeaderProperty, cached_property, lazy_attribute
from .proxies import HTTP_CODES, BaseRequest, BaseResponse, LocalRequest, LocalResponse, request, response
from .resources import ResourceManager
from .router import Router
from .routes import Route
from .running import FileCheckerThread, load_app, run
from .servers import (
    AiohttpServer,
    AiohttpUVLoopServer,
    AppEngineServer,
    AsyncioServerAdapter,
    AutoServer,
    BjoernServer,
    CGIServer,
    CherootServer,
    CherryPyServer,
    DieselServer,
    EventletServer,
    FapwsServer,
    FlupFCGIServer,
    GeventServer,
    GunicornServer,
    MeinheldServer,
    PasteServer,
    ServerAdapter,
    TornadoServer,
    TwistedServer,
    WaitressServer,
    WSGIRefServer,
    server_names,
)
from .signing import cookie_decode, cookie_encode, cookie_is_encoded
from .simple_template import StplParser
from .structures import FormsDict, HeaderDict, MultiDict, WSGIHeaderDict
from .templates import (
    TEMPLATE_PATH,
    TEMPLATES,
    BaseTemplate,
    CheetahTemplate,
    Jinja2Template,
    MakoTemplate,
    SimpleTemplate,
    cheetah_template,
    cheetah_view,
    jinja2_template,
    jinja2_view,
    mako_template,
    mako_view,
    template,
    view,
)
from .texts import (
    callable,
    getargspec,
    html_escape,
    html_quote,
    http_date,
    json_dumps,
    json_loads,
    makelist,
    parse_auth,
    parse_date,
    parse_range_header,
    path_shift,
    tob,
    tonat,
    touni,
    update_wrapper,
    yieldroutes,
)
from .uploads import FileUpload

__all__ = [
    "AiohttpServer",
    "AiohttpUVLoopServer",
    "AppEngineServer",
    "AppStack",
    "AsyncioServerAdapter",
    "AutoServer",
    "BaseRequest",
    "BaseResponse",
    "BaseTemplate",
    "BjoernServer",
    "Bottle",
    "BottleException",
    "BytesIO",
    "CGIServer",
    "CheetahTemplate",
    "CherootServer",
    "CherryPyServer",
    "ConfigDict",
    "CookieError",
    "DictProperty",
    "DieselServer",
    "ERROR_PAGE_TEMPLATE",
    "EventletServer",
    "FapwsServer",
    "FileCheckerThread",
    "FileUpload",
    "FlupFCGIServer",
    "FormsDict",
    "GeventServer",
    "GunicornServer",
    "HTTPError",
    "HTTPResponse",
    "HTTP_CODES",
    "HeaderDict",
    "HeaderProperty",
    "JSONPlugin",
    "Jinja2Template",
    "LocalRequest",
    "LocalResponse",
    "MakoTemplate",
    "MeinheldServer",
    "MultiDict",
    "MultipartError",
    "PasteServer",
    "PluginError",
    "Request",
    "ResourceManager",
    "Response",
    "Route",
    "RouteBuildError",
    "RouteError",
    "RouteReset",
    "RouteSyntaxError",
    "Router",
    "RouterUnknownModeError",
    "ServerAdapter",
    "SimpleTemplate",
    "StplParser",
    "StplSyntaxError",
    "TEMPLATES",
    "TEMPLATE_PATH",
    "TemplateError",
    "TemplatePlugin",
    "TornadoServer",
    "TwistedServer",
    "UTC",
    "WSGIFileWrapper",
    "WSGIHeaderDict",
    "WSGIRefServer",
    "WaitressServer",
    "__version__",
    "abort",
    "app",
    "apps",
    "auth_basic",
    "cached_property",
    "callable",
    "cheetah_template",
    "cheetah_view",
    "cookie_decode",
    "cookie_encode",
    "cookie_is_encoded",
    "debug",
    "default_app",
    "delete",
    "depr",
    "error",
    "ext",
    "get",
    "getargspec",
    "hook",
    "html_escape",
    "html_quote",
    "http_date",
    "install",
    "jinja2_template",
    "jinja2_view",
    "json_dumps",
    "json_loads",
    "lazy_attribute",
    "load",
    "load_app",
    "local",
    "main",
    "make_default_app_wrapper",
    "makelist",
    "mako_template",
    "mako_view",
    "mount",
    "mount_wsgi",
    "new_module",
    "parse_auth",
    "parse_date",
    "parse_range_header",
    "patch",
    "path_shift",
    "post",
    "put",
    "redirect",
    "request",
    "response",
    "route",
    "run",
    "server_names",
    "static_file",
    "template",
    "tob",
    "tonat",
    "touni",
    "uninstall",
    "update_wrapper",
    "url",
    "view",
    "yieldroutes",
]

UTC = timezone.utc
Request, Response = BaseRequest, BaseResponse
#: A namespace of the thread.
local = threading.local()


_PRIVATE = {
    "_parse_http_header": texts.parse_http_header,
    "_parse_qsl": texts.parse_query,
    "_re_flatten": router.flatten,
    "_try_close": casting.try_close,
}


def __getattr__(name: str) -> Any:
    # COMPAT: bottle's switches are globals of its module
    if name == "DEBUG":
        return flags.debug
    if name == "NORUN":
        return flags.norun
    # COMPAT: private names that tests and extensions of bottle take all the same
    if name in _PRIVATE:
        return _PRIVATE[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
