"""The modules of Sanic's public layout, and the names in them that other code imports."""

from __future__ import annotations

import importlib

import pytest

NAMES = {
    "application.constants": "Mode Server ServerStage",
    "application.state": "ApplicationState",
    "asgi": "ASGIReceive ASGIScope ASGISend",
    "blueprint_group": "BlueprintGroup",
    "compat": "CancelledErrors Header OS_IS_WINDOWS StrEnum UpperStrEnum open_async stat_async use_context",
    "config": "Config DEFAULT_CONFIG DetailedConverter",
    "constants": "HTTPMethod HTTP_METHODS LocalCertCreator",
    "cookies": "Cookie CookieJar",
    "cookies.request": "CookieRequestParameters parse_cookie",
    "cookies.response": "Cookie CookieJar",
    "errorpages": "DEFAULT_FORMAT HTMLRenderer JSONRenderer TextRenderer exception_response guess_mime",
    "exceptions": "LoadFileException PyFileError SanicException",
    "handlers": "ContentRangeHandler DirectoryHandler ErrorHandler",
    "handlers.directory": "DirectoryHandler",
    "headers": "AcceptList MediaType parse_accept parse_content_header parse_forwarded",
    "helpers": "Default STATUS_CODES _default has_message_body import_string is_entity_header",
    "http": "HTTP Stage",
    "http.constants": "HTTP Stage",
    "log": "LOGGING_CONFIG_DEFAULTS access_logger error_logger logger server_logger",
    "logging.formatter": "AutoFormatter DebugFormatter ProdFormatter",
    "logging.setup": "setup_logging",
    "middleware": "Middleware MiddlewareLocation",
    "models.futures": "FutureCommand FutureListener FutureMiddleware FutureRoute FutureSignal FutureStatic",
    "models.handler_types": "ListenerType MiddlewareType RouteHandler SignalHandler",
    "models.http_types": "Credentials",
    "models.protocol_types": "HTMLProtocol Range TransportProtocol",
    "models.server_types": "ConnInfo",
    "request": "File Request RequestParameters",
    "response": "BaseHTTPResponse HTTPResponse JSONResponse ResponseStream",
    "response.convenience": "empty file file_stream html json raw redirect text validate_file",
    "response.types": "BaseHTTPResponse HTTPResponse JSONResponse ResponseStream",
    "router": "Route Router",
    "server": "AsyncioServer ConnInfo Signal try_use_uvloop",
    "server.async_server": "AsyncioServer",
    "signals": "Event RESERVED_NAMESPACES Signal SignalRouter",
    "touchup": "TouchUp",
    "types": "HashableDict",
    "views": "HTTPMethodView stream",
    "worker.inspector": "Inspector",
    "worker.loader": "AppLoader",
}


@pytest.mark.parametrize("module", NAMES)
def test_names_that_other_code_imports_are_there(module: str) -> None:
    found = importlib.import_module(f"fenrir_sanic.{module}")
    assert [name for name in NAMES[module].split() if not hasattr(found, name)] == []


ATTRIBUTES = (
    "asgi_client config ctx error_handler ext extend finalize get_app loop request_middleware response_middleware "
    "router run shared_ctx signal_router stop test_client update_config"
)


def test_an_app_has_the_attributes_that_other_code_reads() -> None:
    from fenrir_sanic import Blueprint, Sanic

    assert [name for name in ATTRIBUTES.split() if not hasattr(Sanic, name) and not hasattr(Sanic("all"), name)] == []
    assert hasattr(Blueprint("part"), "ctx")


def test_a_loader_finds_an_app_and_calls_a_factory() -> None:
    from fenrir_sanic import Sanic
    from fenrir_sanic.worker.loader import AppLoader

    assert isinstance(AppLoader(factory=lambda: Sanic("made")).load(), Sanic)
    with pytest.raises(ValueError, match="has no 'app'"):
        AppLoader("json").load()
