"""The inputs of operations, read from compiled routes: parameters, body, security."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Set, Tuple

from pydantic.fields import FieldInfo

from fenrir_core import PathValue, Resolver, Route
from fenrir_core.authoring import CallPlan, CompiledRoute, JSONObject, RoutePlan

from .. import params, type_inspection
from ..parameters.fields import Field, make_field, must_embed
from ..security.base import SecurityBase
from ..starlette.types import Values
from .constants import title


@dataclass(eq=False)
class Inputs:
    """What one route reads from the request."""

    fields: List[Field] = field(default_factory=list)
    body: List[Field] = field(default_factory=list)
    #: The security schemes, in order, with the required scopes.
    security: List[Tuple[SecurityBase, List[str]]] = field(default_factory=list)
    #: What plugins say of their parameters and dependencies: parts of operations, see `Resolver.openapi`.
    parts: List[JSONObject] = field(default_factory=list)

    @property
    def embeds(self) -> bool:
        """Whether the body is an object with a key for each field."""
        return must_embed(self.body)


def inputs_of(compiled: CompiledRoute) -> Inputs:
    """Return the inputs of a route's endpoint and then of its dependencies."""
    found = Inputs(parts=_parts(compiled.plan))
    seen: Set[Tuple[int, Tuple[str, ...]]] = set()
    read: Set[int] = set()

    def visit(node: CallPlan, scopes: Tuple[str, ...]) -> None:
        if (id(node), scopes) in seen:
            return
        seen.add((id(node), scopes))
        for first in node.before:
            visit(first, first.labels)
        # a dependency that is used with different scopes is read once and requires all of them
        for item in () if id(node) in read else node.inputs:
            content = getattr(item.resolver, "field", None)
            if isinstance(item.resolver, PathValue) and compiled.route.paradigm == "fastapi":
                content = make_field(item.param, compiled.route)  # without type, or of the converter's own type
            if isinstance(content, Field):
                (found.body if content.source == "body" else found.fields).append(content)
        read.add(id(node))
        function: Any = node.call.function
        if isinstance(function, SecurityBase):
            found.security.append((function, list(scopes)))
        for item in node.inputs:
            if item.node is not None:
                visit(item.node, tuple(dict.fromkeys((*scopes, *item.resolver.labels))))

    visit(compiled.plan.root, ())
    order = ("path", "query", "header", "cookie")
    found.fields.sort(key=lambda item: order.index(item.source))
    unique: Dict[str, Field] = {}
    for item in found.body:
        unique.setdefault(item.name, item)
    found.body = list(unique.values())
    return found


def _parts(plan: RoutePlan) -> List[JSONObject]:
    """Return what plugins say of the steps, parameters and dependencies of a route."""
    found: List[Optional[JSONObject]] = [given.value.openapi for given in plan.hooks]
    for node in plan.root.walk():
        sources = [batch.resolver for batch in node.batches] + [item.resolver for item in node.inputs]
        found += [node.openapi, *(source.openapi for source in sources if isinstance(source, Resolver))]
    return [part for part in found if part]


def flatten(item: Field) -> List[Field]:
    """Return one field for each parameter of a parameter model; any other field itself."""
    if not item.is_model:
        return [item]
    model = type_inspection.split(item.bare)[0]
    found = []
    for name, info in model.model_fields.items():
        marker = type(item.marker)(**_marker_options(name, info), convert_underscores=item.marker.convert_underscores)
        marker.include_in_schema = item.marker.include_in_schema
        default = params.Undefined if info.is_required() else info.get_default(call_default_factory=True)
        found.append(Field(name, marker, info.annotation, tuple(info.metadata), default, item.where))
    return found


def _marker_options(name: str, info: FieldInfo) -> Values:
    alias = info.validation_alias if isinstance(info.validation_alias, str) else info.alias
    return {
        "alias": alias,
        "title": info.title or title(alias or name),
        "description": info.description,
        "examples": info.examples,
        "deprecated": getattr(info, "deprecated", None),
        "json_schema_extra": info.json_schema_extra if isinstance(info.json_schema_extra, dict) else None,
    }


def is_hidden(route: Route) -> bool:
    """Return whether a route is left out of the document."""
    return route.is_websocket or bool(route.fallback) or route.option("include_in_schema", True) is False
