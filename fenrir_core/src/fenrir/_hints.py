"""What the first-party plugins bring, for messages when one of them is not installed (group ``fenrir.hints``)."""

from __future__ import annotations

from typing import Dict

from fenrir_core.exports import Hints

_NAMES: Dict[str, str] = {
    "fastapi": (
        "APIRouter Body CORSMiddleware Cookie Depends FastAPI File Form GZipMiddleware HTTPException Header Path Query "
        "Security TestClient TrustedHostMiddleware UploadFile status"
    ),
    "flask": (
        "Blueprint Flask abort current_app flash get_flashed_messages g jsonify make_response render_template "
        "render_template_string request session stream_template url_for"
    ),
    "falcon": "FalconApp",
    "sanic": "Sanic",
    "bottle": "Bottle redirect send_file send_from_directory",
    "wsgi": "mount_wsgi",
}

_METHODS: Dict[str, str] = {
    "fastapi": "include_router middleware on_event openapi",
    "flask": (
        "add_url_rule after_request before_request config context_processor errorhandler exception jinja_env "
        "register_blueprint register_error_handler secret_key session_interface teardown_appcontext "
        "teardown_request template_filter template_global template_test test_client"
    ),
    "falcon": "add_error_handler add_route add_sink add_static_route",
    "sanic": (
        "add_task after_server_start after_server_stop before_server_start before_server_stop blueprint cancel_task "
        "get_task listener main_process_start main_process_stop middleware on_request on_response purge_tasks "
        "register_listener register_middleware tasks"
    ),
    "takeover": "take_over",
    "wsgi": "mount_wsgi",
}


#: Names that users of the five frameworks look for at the façade: the import to write instead.
_PLACES: Dict[str, str] = {
    "from fenrir_fastapi import {}": "WebSocketException",
    "from fenrir_fastapi.exceptions import {}": "RequestValidationError",
    "from fenrir_fastapi.middleware import {}": "Middleware",
    "from fenrir_fastapi.middleware.base import {}": "BaseHTTPMiddleware",
    "from fenrir_fastapi.middleware.sessions import {}": "SessionMiddleware",
    "from fenrir_fastapi.responses import {}": "ORJSONResponse UJSONResponse",
    "from fenrir_fastapi.security import {}": (
        "APIKeyCookie APIKeyHeader APIKeyQuery HTTPBasic HTTPBasicCredentials HTTPBearer OAuth2PasswordBearer "
        "OAuth2PasswordRequestForm SecurityScopes"
    ),
    "from fenrir_fastapi.staticfiles import {}": "StaticFiles",
    "from fenrir_fastapi.templating import {}": "Jinja2Templates",
    "from fenrir_fastapi.concurrency import {}": "run_in_threadpool",
    "from fenrir_fastapi.encoders import {}": "jsonable_encoder",
    "from fenrir_flask import {}": "after_this_request has_app_context has_request_context stream_with_context",
    "from fenrir_flask.views import {}": "MethodView View",
    "from fenrir_falcon import {}": "App HTTPStatus after before media",
    "from fenrir_sanic import {}": (
        "BlueprintGroup HTTPMethodView HTTPResponse SanicException Websocket empty file file_stream html json raw text"
    ),
    "from fenrir_bottle import {}": "FormsDict HTTPResponse response static_file",
    "from fenrir_core.testing import {}": "Client SyncClient",
    "from fenrir_core import {}": "App Connection Headers MultiDict PluginInfo hookimpl",
}


def _by_place(table: Dict[str, str]) -> Dict[str, str]:
    found: Dict[str, str] = {}
    for statement, names in table.items():
        for name in names.split():
            written = statement.format(name)
            found[name] = f"{found[name]}` or `{written}" if name in found else written
    return found


def _by_name(table: Dict[str, str]) -> Dict[str, str]:
    return {name: plugin for plugin, names in table.items() for name in names.split()}


first_party = Hints(
    names=_by_name(_NAMES),
    methods=_by_name(_METHODS),
    places=_by_place(_PLACES),
    requirements={plugin: f"fenrir-core[{plugin}]" for plugin in {**_NAMES, **_METHODS}},
)
