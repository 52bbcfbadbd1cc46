"""The route options and settings that the paradigm brings."""

from __future__ import annotations

from typing import Any, Mapping

from fenrir_core import RouteOption, Setting
from fenrir_core.authoring import flag

#: What the attributes of a route are where nobody set them.
ROUTE_DEFAULTS: Mapping[str, Any] = {
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
}

ROUTE_OPTIONS = tuple(
    RouteOption(name, text)
    for name, text in {
        "api_route": "The route as FastAPI's users know it; set by routers.",
        "frontend": "The folder that a frontend serves; set by routers.",
        "get_route_handler": "Makes the handler of a user's route class; set by routers.",
        "plain": "Whether the endpoint is given the request alone; set by routers.",
        "response_model": "What the answer must fit; None for no check.",
        "response_model_include": "The names of the answer's fields to send.",
        "response_model_exclude": "The names of the answer's fields not to send.",
        "response_model_by_alias": "Whether fields are sent under their aliases.",
        "response_model_exclude_unset": "Whether fields that were never set are left out.",
        "response_model_exclude_defaults": "Whether fields with their default are left out.",
        "response_model_exclude_none": "Whether fields that are None are left out.",
        "response_class": "The class that answers are made with.",
        "status_code": "The status of the answer.",
        "dependencies": "Depends() that run before the handler, without being passed.",
        "strict_content_type": "Whether a body must say by its content type that it is JSON.",
        "tags": "OpenAPI: the operation's tags.",
        "summary": "OpenAPI: one line on the operation.",
        "description": "OpenAPI: the text on the operation; the docstring by default.",
        "response_description": "OpenAPI: the text on the answer.",
        "responses": "OpenAPI: further answers by status.",
        "deprecated": "OpenAPI: whether the operation is deprecated.",
        "operation_id": "OpenAPI: the operation's id.",
        "include_in_schema": "OpenAPI: whether the document has the operation.",
        "openapi_extra": "OpenAPI: what is merged into the operation.",
        "callbacks": "OpenAPI: routes of callbacks.",
        "generate_unique_id_function": "OpenAPI: makes the operation's id of a route.",
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
    Setting("summary", _text, "", help="OpenAPI: one line on the API."),
    Setting("description", _text, "", help="OpenAPI: the text on the API, in Markdown."),
    Setting("terms_of_service", _text, "", help="OpenAPI: the URL of the terms of service."),
    Setting("contact", _as_is, None, help="OpenAPI: whom to contact: name, url, email."),
    Setting("license_info", _as_is, None, help="OpenAPI: the licence: name, identifier or url."),
    Setting("servers", _as_is, None, help="OpenAPI: the servers."),
    Setting("openapi_tags", _as_is, None, help="OpenAPI: the tags with their descriptions."),
    Setting("openapi_external_docs", _as_is, None, help="OpenAPI: a link to more documentation."),
    Setting("openapi_url", _url, "/openapi.json", help="Where the OpenAPI document is; empty for no document at all."),
    Setting("docs_url", _url, "/docs", help="Where Swagger UI is; empty for nowhere."),
    Setting("openapi_docs_url", _url, "/openapi-docs", help="The second place where Swagger UI is; empty for none."),
    Setting("redoc_url", _url, "", help="Where ReDoc is; empty for nowhere."),
    Setting("swagger_ui_oauth2_redirect_url", _url, "/docs/oauth2-redirect", help="Where the docs' OAuth2 flows end."),
    Setting("swagger_ui_init_oauth", _as_is, None, help="What Swagger UI fills OAuth2 forms with."),
    Setting("openapi_version", _text, "3.1.0", help="OpenAPI: the version that the document says it has."),
    Setting("separate_input_output_schemas", flag, True, help="OpenAPI: whether one model may be two components."),
    Setting("swagger_ui_parameters", _as_is, None, help="Parameters of Swagger UI, over the defaults."),
    Setting("generate_unique_id_function", _as_is, None, help="OpenAPI: makes the operation's id of a route."),
)
