"""Which first-party plugin brings which name: read by the façade and for install hints.

This table is the one place for it. A third-party plugin adds names to the façade with
entry points of the group ``fenrir.exports`` instead.
"""

from __future__ import annotations

from typing import Dict, Optional, Tuple

#: What `fenrir` hands on from the kernel itself.
KERNEL_NAMES: Tuple[str, ...] = (
    "BackgroundTasks",
    "BuildError",
    "EventBuffer",
    "EventSourceResponse",
    "Fenrir",
    "FileResponse",
    "HTMLResponse",
    "HTTPError",
    "JSONResponse",
    "NotFound",
    "PlainTextResponse",
    "RedirectResponse",
    "Response",
    "ServerSentEvent",
    "StreamingResponse",
    "WebSocket",
    "WebSocketDisconnect",
    "nonblocking",
)

_BY_PLUGIN: Dict[str, str] = {
    "fastapi": "APIRouter Body Cookie Depends File Form HTTPException Header Path Query Security UploadFile",
    "flask": (
        "Blueprint abort current_app flash get_flashed_messages g jsonify make_response render_template "
        "render_template_string request session stream_template url_for"
    ),
    "bottle": "mount_wsgi redirect send_file send_from_directory",
}

_METHODS: Dict[str, str] = {
    "fastapi": "include_router openapi",
    "flask": (
        "add_url_rule after_request before_request config context_processor errorhandler exception jinja_env "
        "register_blueprint register_error_handler secret_key session_interface teardown_appcontext "
        "teardown_request template_filter template_global template_test"
    ),
    "falcon": "add_route add_sink add_static_route",
    "sanic": (
        "add_task blueprint cancel_task get_task listener middleware on_request on_response purge_tasks "
        "register_listener register_middleware tasks"
    ),
    "bottle": "mount_wsgi",
}

#: The plugin that brings each name of the façade.
EXPORTS: Dict[str, str] = {name: plugin for plugin, names in _BY_PLUGIN.items() for name in names.split()}
#: The plugin that brings each method of the hybrid app.
METHODS: Dict[str, str] = {name: plugin for plugin, names in _METHODS.items() for name in names.split()}


def missing(name: str, table: Dict[str, str], owner: str = "") -> Optional[str]:
    """Say which plugin brings `name` and how to install it; None when no plugin is known for it."""
    plugin = table.get(name)
    if plugin is None:
        return None
    return f'{owner + name!r} comes with the fenrir-{plugin} plugin: pip install "fenrir-core[{plugin}]"'
