"""The paradigm's route options and settings."""

from __future__ import annotations

from typing import Any, get_type_hints

from fenrir_core import RouteOption, Setting
from fenrir_core.authoring import flag

from .signatures import RouteOptions
from .starlette.types import NamedValues

#: The defaults of a route's attributes.
ROUTE_DEFAULTS: NamedValues = {
    "response_model": None,
    "response_model_include": None,
    "response_model_exclude": None,
    "response_model_by_alias": True,
    "response_model_exclude_unset": False,
    "response_model_exclude_defaults": False,
    "response_model_exclude_none": False,
    "response_class": None,
    "status_code": None,
    "dependencies": [],
    "strict_content_type": True,
    "tags": [],
    "summary": None,
    "description": None,
    "response_description": "Successful Response",
    "responses": {},
    "deprecated": None,
    "operation_id": None,
    "include_in_schema": True,
    "openapi_extra": None,
    "callbacks": [],
    "generate_unique_id_function": None,
    "max_body_size": None,
    "form_limits": None,
}

_TYPES = get_type_hints(RouteOptions)

ROUTE_OPTIONS = tuple(
    RouteOption(name, text, _TYPES.get(name, Any))
    for name, text in {
        "api_route": "The route object that users know; set by routers.",
        "included": "What makes the context of an included route; set by routers.",
        "frontend": "The files that a frontend serves; set by routers.",
        "get_route_handler": "Returns the handler of a custom route class; set by routers.",
        "custom_route": "The object whose `matches` decides whether the route serves a connection; set by routers.",
        "request_only": "Whether the endpoint takes only the request; set by routers.",
        "response_model": "The type that returned values must fit; None for no validation.",
        "response_model_include": "The names of the fields to send.",
        "response_model_exclude": "The names of the fields not to send.",
        "response_model_by_alias": "Whether fields are sent under their aliases.",
        "response_model_exclude_unset": "Whether fields that were not set are left out.",
        "response_model_exclude_defaults": "Whether fields with their default value are left out.",
        "response_model_exclude_none": "Whether fields that are None are left out.",
        "response_class": "The class of the response.",
        "status_code": "The status of the response.",
        "dependencies": "Depends() markers that run before the handler without being passed to it.",
        "strict_content_type": "Whether a JSON body must have a JSON content type.",
        "max_body_size": "The most bytes of a request body; instead of `max_body`.",
        "form_limits": "What a form may contain: max_fields, max_files, max_part_size.",
        "tags": "OpenAPI: the operation's tags.",
        "summary": "OpenAPI: the operation's summary.",
        "description": "OpenAPI: the operation's description; the docstring by default.",
        "response_description": "OpenAPI: the response's description.",
        "responses": "OpenAPI: additional responses by status.",
        "deprecated": "OpenAPI: whether the operation is deprecated.",
        "operation_id": "OpenAPI: the operation's id.",
        "include_in_schema": "OpenAPI: whether the document contains the operation.",
        "openapi_extra": "OpenAPI: values that are merged into the operation.",
        "callbacks": "OpenAPI: routes of callbacks.",
        "generate_unique_id_function": "OpenAPI: a function from route to operation id.",
    }.items()
)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _as_is(value: Any) -> Any:
    return value


def _url(value: Any) -> str:
    if value and not str(value).startswith("/"):
        raise ValueError("it must start with '/'")
    return _text(value)


SETTINGS = (
    Setting("title", _text, "Fenrir", help="OpenAPI: the API's title."),
    Setting("version", _text, "0.1.0", help="OpenAPI: the API's version."),
    Setting("summary", _text, "", help="OpenAPI: the API's summary."),
    Setting("description", _text, "", help="OpenAPI: the API's description, in Markdown."),
    Setting("terms_of_service", _text, "", help="OpenAPI: the URL of the terms of service."),
    Setting("contact", _as_is, None, help="OpenAPI: the contact: name, url, email."),
    Setting("license_info", _as_is, None, help="OpenAPI: the licence: name, identifier or url."),
    Setting("servers", _as_is, None, help="OpenAPI: the servers."),
    Setting("openapi_tags", _as_is, None, help="OpenAPI: the tags with their descriptions."),
    Setting("openapi_external_docs", _as_is, None, help="OpenAPI: a link to more documentation."),
    Setting("openapi_url", _url, "/openapi.json", help="Path of the OpenAPI document; empty for no document."),
    Setting("docs_url", _url, "/docs", help="Path of Swagger UI; empty for none."),
    Setting("openapi_docs_url", _url, "/openapi-docs", help="Second path of Swagger UI; empty for none."),
    Setting("redoc_url", _url, "", help="Path of ReDoc; empty for none."),
    Setting(
        "swagger_ui_oauth2_redirect_url",
        _url,
        "/docs/oauth2-redirect",
        help="Path where Swagger UI's OAuth2 flows end.",
    ),
    Setting("swagger_ui_init_oauth", _as_is, None, help="Values for the OAuth2 forms of Swagger UI."),
    Setting("openapi_version", _text, "3.1.0", help="OpenAPI: the version of the specification in the document."),
    Setting("separate_input_output_schemas", flag, True, help="OpenAPI: whether one model may be two components."),
    Setting("swagger_ui_parameters", _as_is, None, help="Parameters of Swagger UI that override the defaults."),
    Setting("generate_unique_id_function", _as_is, None, help="OpenAPI: a function from route to operation id."),
)
