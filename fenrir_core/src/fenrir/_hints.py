"""What the first-party plugins bring, for messages when one of them is not installed (group ``fenrir.hints``)."""

from __future__ import annotations

from typing import Dict

from fenrir_core.exports import Hints

_NAMES: Dict[str, str] = {
    "fastapi": "APIRouter Body Cookie Depends File Form HTTPException Header Path Query Security UploadFile",
    "flask": (
        "Blueprint abort current_app flash get_flashed_messages g jsonify make_response render_template "
        "render_template_string request session stream_template url_for"
    ),
    "bottle": "redirect send_file send_from_directory",
    "wsgi": "mount_wsgi",
}

_METHODS: Dict[str, str] = {
    "fastapi": "include_router middleware on_event openapi",
    "flask": (
        "add_url_rule after_request before_request config context_processor errorhandler exception jinja_env "
        "register_blueprint register_error_handler run secret_key session_interface teardown_appcontext "
        "teardown_request template_filter template_global template_test test_client"
    ),
    "falcon": "add_error_handler add_route add_sink add_static_route",
    "sanic": (
        "add_task after_server_start after_server_stop before_server_start before_server_stop blueprint cancel_task "
        "get_task listener main_process_start main_process_stop middleware on_request on_response purge_tasks "
        "register_listener register_middleware run tasks"
    ),
    "wsgi": "mount_wsgi",
}


def _by_name(table: Dict[str, str]) -> Dict[str, str]:
    return {name: plugin for plugin, names in table.items() for name in names.split()}


first_party = Hints(
    names=_by_name(_NAMES),
    methods=_by_name(_METHODS),
    requirements={plugin: f"fenrir-core[{plugin}]" for plugin in {**_NAMES, **_METHODS}},
)
