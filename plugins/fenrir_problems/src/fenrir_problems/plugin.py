"""The hook implementations of this plugin; switched off, they add nothing to the app."""

from __future__ import annotations

from typing import Iterable, Optional

from fenrir_core import Build, ErrorFormat, ExceptionHandler, OpenAPIPart, PluginInfo, Setting, hookimpl
from fenrir_core.authoring import flag

from . import details, document
from .problem import read_types

fenrir_plugin = PluginInfo(api="1")

_HELP = {
    "problem_details": "Whether errors that the app does not handle are answered as application/problem+json.",
    "problem_base": "A URI that relative types of problems are joined to.",
    "problem_types": "The types of problems by status or exception class.",
}


@hookimpl
def fenrir_settings() -> Iterable[Setting]:
    """Return the switch, the base of types, and the types of errors."""
    yield Setting("problem_details", flag, False, "FENRIR_PROBLEM_DETAILS", _HELP["problem_details"])
    yield Setting("problem_base", str, "", "FENRIR_PROBLEM_BASE", _HELP["problem_base"])
    yield Setting("problem_types", read_types, {}, None, _HELP["problem_types"])


@hookimpl
def fenrir_exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Return handlers for the exception classes that have a problem type."""
    return details.exception_handlers(build) if build.settings["problem_details"] else ()


@hookimpl
def fenrir_error_format(build: Build) -> Optional[ErrorFormat]:
    """Return the error format."""
    if not build.settings["problem_details"]:
        return None
    return ErrorFormat("problem details", details.writer_of(build).write)


@hookimpl
def fenrir_openapi_parts(build: Build) -> Iterable[OpenAPIPart]:
    """Return the descriptions of error responses."""
    if build.settings["problem_details"]:
        yield OpenAPIPart("problem details", document.describe_operation, document.describe_document)
