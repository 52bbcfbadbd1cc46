"""The names that extensions of Flask import at their top."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import List

import pytest

from fenrir_flask import Blueprint, Flask

NAMES = {
    "": "Flask Blueprint Config Request Response abort after_this_request copy_current_request_context current_app "
    "flash g get_flashed_messages get_template_attribute has_app_context has_request_context json jsonify "
    "make_response redirect render_template render_template_string request send_file send_from_directory session "
    "stream_template stream_template_string stream_with_context url_for appcontext_popped appcontext_pushed "
    "appcontext_tearing_down before_render_template got_request_exception message_flashed request_finished "
    "request_started request_tearing_down template_rendered",
    "app": "Flask Rule",
    "blueprints": "Blueprint BlueprintSetupState",
    "cli": "AppGroup FlaskGroup NoAppException ScriptInfo cli load_dotenv locate_app main pass_script_info "
    "routes_command run_command shell_command with_appcontext",
    "config": "Config ConfigAttribute",
    "ctx": "AppContext RequestContext after_this_request copy_current_request_context has_app_context "
    "has_request_context",
    "debughelpers": "DebugFilesKeyError FormDataRoutingRedirect UnexpectedUnicodeError attach_enctype_error_multidict "
    "explain_template_loading_attempts",
    "globals": "app_ctx current_app g request request_ctx session",
    "helpers": "abort flash get_debug_flag get_flashed_messages get_load_dotenv get_root_path get_template_attribute "
    "make_response redirect send_file send_from_directory stream_with_context url_for",
    "json": "dump dumps jsonify load loads provider",
    "json.provider": "DefaultJSONProvider JSONProvider",
    "json.tag": "JSONTag PassDict PassList TagBytes TagDateTime TagDict TagMarkup TagTuple TagUUID "
    "TaggedJSONSerializer",
    "logging": "create_logger default_handler has_level_handler wsgi_errors_stream",
    "sansio.app": "App",
    "sansio.blueprints": "Blueprint BlueprintSetupState",
    "sansio.scaffold": "Scaffold setupmethod",
    "sessions": "NullSession SecureCookieSession SecureCookieSessionInterface SessionInterface SessionMixin "
    "TaggedJSONSerializer session_json_serializer",
    "signals": "appcontext_popped appcontext_pushed appcontext_tearing_down before_render_template "
    "got_request_exception message_flashed request_finished request_started request_tearing_down template_rendered",
    "templating": "DispatchingJinjaLoader Environment render_template render_template_string stream_template "
    "stream_template_string",
    "testing": "EnvironBuilder FlaskCliRunner FlaskClient",
    "typing": "AfterRequestCallable BeforeRequestCallable ErrorHandlerCallable HeadersValue ResponseReturnValue "
    "ResponseValue RouteCallable TeardownCallable URLDefaultCallable URLValuePreprocessorCallable",
    "views": "MethodView View http_method_funcs",
    "wrappers": "Request Response",
}


@pytest.mark.parametrize("module", list(NAMES))
def test_a_module_has_the_names_that_extensions_import(module: str) -> None:
    found = importlib.import_module(f"fenrir_flask.{module}".rstrip("."))
    assert [name for name in NAMES[module].split() if not hasattr(found, name)] == []


def test_modules_are_attributes_of_the_package_without_an_import_of_their_own() -> None:
    names: List[str] = "cli config ctx debughelpers globals helpers json logging sessions signals typing".split()
    code = f"import fenrir_flask\nfor name in {names!r}:\n    getattr(fenrir_flask, name)\nfenrir_flask.cli.AppGroup"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    with pytest.raises(AttributeError, match="nothing"):
        getattr(importlib.import_module("fenrir_flask"), "nothing")  # noqa: B009  # it is not there


def test_apps_and_blueprints_have_commands() -> None:
    assert Flask("an_app").cli.name == "an_app"
    assert Blueprint("a_blueprint", __name__).cli.name == "a_blueprint"
