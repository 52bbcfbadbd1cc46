"""The route options and settings that the paradigm brings."""

from __future__ import annotations

from fenrir_core import RouteOption

ROUTE_OPTIONS = tuple(
    RouteOption(name, text)
    for name, text in {
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
