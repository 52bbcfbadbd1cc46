"""Find out of a compiled route what its operation takes: parameters, body, security."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Set, Tuple

from pydantic.fields import FieldInfo

from fenrir_core import PathValue, Route

from .. import params, type_inspection
from ..parameters.fields import Field, make_field, must_embed
from ..security.base import SecurityBase
from .constants import title


@dataclass(eq=False)
class Taken:
    """What one route takes from the client."""

    fields: List[Field] = field(default_factory=list)
    body: List[Field] = field(default_factory=list)
    #: Security schemes with the scopes that are asked of them, in order.
    security: List[Tuple[SecurityBase, List[str]]] = field(default_factory=list)

    @property
    def embeds(self) -> bool:
        """Whether the body is an object with a key for each field."""
        return must_embed(self.body)


def taken_by(target: Any) -> Taken:
    """Collect the fields of a route's endpoint and, after them, of its dependencies."""
    found = Taken()
    seen: Set[Tuple[int, Tuple[str, ...]]] = set()
    read: Set[int] = set()

    def visit(node: Any, scopes: Tuple[str, ...]) -> None:
        if (id(node), scopes) in seen:
            return
        seen.add((id(node), scopes))
        for first in node.before:
            visit(first, first.labels)
        # a node that several ask for under scopes of their own is read once, and asks for all of them
        for item in () if id(node) in read else node.inputs:
            content = getattr(item.resolver, "field", None)
            if isinstance(item.resolver, PathValue) and target.route.paradigm == "fastapi":
                content = make_field(item.param, target.route)  # untyped, or just what the converter gives
            if isinstance(content, Field):
                (found.body if content.source == "body" else found.fields).append(content)
        read.add(id(node))
        if isinstance(node.call.function, SecurityBase):
            found.security.append((node.call.function, list(scopes)))
        for item in node.inputs:
            if item.node is not None:
                visit(item.node, tuple(dict.fromkeys((*scopes, *item.resolver.labels))))

    visit(target.plan.root, ())
    order = ("path", "query", "header", "cookie")
    found.fields.sort(key=lambda item: order.index(item.source))
    unique: Dict[str, Field] = {}
    for item in found.body:
        unique.setdefault(item.name, item)
    found.body = list(unique.values())
    return found


def flat(item: Field) -> List[Field]:
    """Return for a model of parameters one field a parameter, for anything else itself."""
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


def _marker_options(name: str, info: FieldInfo) -> Dict[str, Any]:
    alias = info.validation_alias if isinstance(info.validation_alias, str) else info.alias
    return {
        "alias": alias,
        "title": info.title or title(alias or name),
        "description": info.description,
        "examples": info.examples,
        "deprecated": getattr(info, "deprecated", None),
        "json_schema_extra": info.json_schema_extra if isinstance(info.json_schema_extra, dict) else None,
    }


def hidden(route: Route) -> bool:
    """Return whether a route is left out of the document."""
    return route.is_websocket or bool(route.fallback) or route.option("include_in_schema", True) is False
