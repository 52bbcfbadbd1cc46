"""What the OpenAPI document says of responders."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Tuple

from fenrir_core import Build, OpenAPIPart, Route

from .state import State

_BEFORE_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_WORD = re.compile(r"\W+")


def openapi_parts(build: Build) -> List[OpenAPIPart]:
    """Return the part that names the operations of responders: `on_get` of an `ItemResource` is `get_item`."""
    resources = build.app.store(State).resources
    #: The route that has each name; a second one has its path in its name, too.
    known: Dict[str, Tuple[str, Any]] = {}

    def describe(operation: Dict[str, Any], route: Route) -> None:
        resource = resources.get(route.endpoint)
        if resource is None or "operationId" not in operation or route.option("operation_id"):
            return
        name = operation_name(route, resource)
        if known.setdefault(name, (route.path, route.methods)) != (route.path, route.methods):
            name = f"{name}_{_NO_WORD.sub('_', route.path).strip('_')}"
        operation["operationId"] = name
        if not route.option("summary"):
            operation["summary"] = name.replace("_", " ").capitalize()

    return [OpenAPIPart("falcon", describe)]


def operation_name(route: Route, resource: object) -> str:
    """Return the name of an operation: the method, the resource without "Resource", and the responder's suffix."""
    kind = _BEFORE_CAPITAL.sub("_", type(resource).__name__).lower().strip("_")
    noun = kind[: -len("_resource")] if kind.endswith("_resource") else kind
    _, _, rest = getattr(route.endpoint, "__name__", "").partition("_")  # of `on_get_all`
    method = next(iter(route.methods)).lower()
    suffix = rest[len(method) + 1 :] if rest.startswith(f"{method}_") else ""
    return "_".join(part for part in (method, noun, suffix) if part)
