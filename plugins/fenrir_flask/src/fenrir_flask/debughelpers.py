"""Errors that say more in debug mode."""

from __future__ import annotations

from typing import Any, List, Optional, Sequence, Tuple

import jinja2

from fenrir_core import current

from ._types import SomeApp, SomeRequest

#: An owner of a loader, the loader, and what it found: source, file name, and whether it is up to date.
Attempt = Tuple[jinja2.BaseLoader, Any, Optional[Tuple[str, Optional[str], Any]]]


class UnexpectedUnicodeError(AssertionError, UnicodeError):
    """Raised in debug mode for text that is not what it should be."""


class DebugFilesKeyError(KeyError, AssertionError):
    """Raised in debug mode where a file is missing because the form is not sent as multipart."""

    def __init__(self, request: SomeRequest, key: str) -> None:
        text = (
            f"You tried to access the file {key!r} in the request.files dictionary but it does not exist. The mimetype "
            f"for the request is {request.mimetype!r} instead of 'multipart/form-data' which means that no file "
            'contents were transmitted. To fix this error you should provide enctype="multipart/form-data" in your '
            "form."
        )
        names = request.form.getlist(key)
        if names:
            text += "\n\nThe browser instead transmitted some file names. This was submitted: "
            text += ", ".join(repr(item) for item in names)
        super().__init__(text)
        self.message = text

    def __str__(self) -> str:
        return self.message


class FormDataRoutingRedirect(AssertionError):
    """Raised in debug mode where a redirect would lose the body of a request."""

    def __init__(self, request: SomeRequest) -> None:
        error: Any = request.routing_exception
        text = (
            f"A request was sent to '{request.url}', but routing issued a redirect to the canonical URL "
            f"'{error.new_url}'."
        )
        if f"{request.base_url}/" == error.new_url.partition("?")[0]:
            text += " The URL was defined with a trailing slash. Flask will redirect to the URL with a trailing slash."
        text += (
            " Send requests to the canonical URL, or use 307 or 308 for routing redirects. Otherwise, browsers will "
            "drop form data. This exception is only raised in debug mode."
        )
        super().__init__(text)


def attach_enctype_error_multidict(request: SomeRequest) -> None:
    """Have `request.files` say why a file is missing."""
    kind = type(request.files)

    class Explained(kind):  # type: ignore[misc,valid-type]  # a class known at run time alone
        def __getitem__(self, key: str) -> Any:
            try:
                return super().__getitem__(key)
            except KeyError as error:
                if key not in request.form:
                    raise
                raise DebugFilesKeyError(request, key).with_traceback(error.__traceback__) from None

    Explained.__name__, Explained.__module__ = kind.__name__, kind.__module__
    request.files.__class__ = Explained


def explain_template_loading_attempts(app: SomeApp, template: str, attempts: Sequence[Attempt]) -> None:
    """Log which loaders were asked for a template, and what each found.

    Args:
        app: The app.
        template: The template's name.
        attempts: What was tried, in order: loader, app or blueprint, what was found or None.
    """
    lines: List[str] = [f"Locating template {template!r}:"]
    found = sum(result is not None for _, _, result in attempts)
    for number, (loader, owner, result) in enumerate(attempts, 1):
        kind = "application" if owner is app else "blueprint"
        lines.append(f"{number:5}: trying loader of {kind} {getattr(owner, 'name', owner)!r}")
        lines.append(f"       class: {type(loader).__module__}.{type(loader).__name__}")
        lines.extend(f"         - {path}" for path in getattr(loader, "searchpath", ()))
        lines.append("       -> no match" if result is None else f"       -> found ({result[1] or '<string>'!r})")
    if not found:
        lines.append("Error: the template could not be found.")
    elif found > 1:
        lines.append("Warning: multiple loaders returned a match for the template.")
    context: Any = getattr(current.get(None), "context", None)  # see `ctx`
    blueprint = context.request.blueprint if found != 1 and context is not None and context.has_request else None
    if blueprint is not None:
        lines.append(f"  The template was looked up from an endpoint that belongs to the blueprint {blueprint!r}.")
        lines.append("  Maybe you did not place a template in the right folder?")
    app.logger.info("\n".join(lines))
