"""A router of resources that can be used alone: templates with fields and converters.

It compiles each template into nodes, one for each segment, and finds the resource of a path by walking them. Literal
segments precede those with several fields, these those with a converter, and these plain fields.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections import UserDict
from typing import Any, Dict, List, Optional, Tuple, Type

from .base_converters import BUILTIN, BaseConverter
from .resource_methods import MethodMap, map_http_methods, set_default_responders

__all__ = ["CompiledRouter", "CompiledRouterOptions", "ConverterDict", "DefaultRouter", "UnacceptableRouteError"]

Found = Tuple[Any, MethodMap, Dict[str, Any], Optional[str]]
#: ``{name}``, ``{name:converter}`` and ``{name:converter(arguments)}``.
_FIELD = re.compile(r"{((?P<fname>[^}:]*)((?P<sep>:(?P<cname>[^}\(]*))(\((?P<argstr>[^}]*)\))?)?)}")
_SPACE = re.compile(r"\s")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class UnacceptableRouteError(ValueError):
    """Raised for a template that can't be added."""


class ConverterDict(UserDict):  # type: ignore[type-arg]
    """The converters by name."""

    def __setitem__(self, name: str, converter: Type[BaseConverter]) -> None:
        if not _IDENTIFIER.fullmatch(name):
            raise ValueError(f"{name!r} is no identifier, so it can't be the name of a converter.")
        super().__setitem__(name, converter)


class CompiledRouterOptions:
    """How templates are read.

    Attributes:
        converters: The classes of converters by name; they may be changed.
        default_to_on_request: Whether `on_request` serves the methods that a resource has no responder for.
    """

    __slots__ = ("converters", "default_to_on_request")

    def __init__(self) -> None:
        self.converters = ConverterDict(BUILTIN)
        self.default_to_on_request = False


class _Node:
    """One segment of the templates that begin alike."""

    def __init__(self, segment: str, router_options: CompiledRouterOptions) -> None:
        self.segment = segment
        self.children: List[_Node] = []
        self.resource: Any = None
        self.method_map: Optional[MethodMap] = None
        self.template: Optional[str] = None
        self.fields = list(_FIELD.finditer(segment))
        self.is_var = bool(self.fields)
        self.is_complex = self.is_var and (len(self.fields) > 1 or self.fields[0].group() != segment)
        self.converters: List[Tuple[str, Optional[BaseConverter]]] = [
            (match.group("fname"), _instantiate(match, router_options)) for match in self.fields
        ]
        self.takes_rest = any(
            item is not None and getattr(item, "CONSUME_MULTIPLE_SEGMENTS", False) for _, item in self.converters
        )
        self._pattern = None if not self.is_var else re.compile(_pattern_of(segment))

    @property
    def rank(self) -> int:
        if not self.is_var:
            return 0
        if self.is_complex:
            return 1
        return 3 if self.converters[0][1] is None else 2 + (1 if self.takes_rest else 0)

    def shape(self) -> str:
        """Return the segment without the names of fields, by which templates conflict."""
        return re.sub(_FIELD, "{}", self.segment)

    def match(self, segment: str, params: Dict[str, Any]) -> bool:
        """Return whether a segment of a path matches, and add the values of its fields."""
        if self._pattern is None:
            return segment == self.segment
        if self.is_complex:
            match = self._pattern.fullmatch(segment)
            if match is None:
                return False
            texts = list(match.groups())
        else:
            texts = [segment]
        values = {}
        for (name, converter), text in zip(self.converters, texts):
            value: Any = text
            if converter is not None:
                value = converter.convert(text)
                if value is None:
                    return False
            values[name] = value
        params.update(values)
        return True


def _pattern_of(segment: str) -> str:
    parts, end = [], 0
    for match in _FIELD.finditer(segment):
        parts += [re.escape(segment[end : match.start()]), "(.+)"]
        end = match.end()
    return "".join([*parts, re.escape(segment[end:])])


def _instantiate(match: re.Match[str], options: CompiledRouterOptions) -> Optional[BaseConverter]:
    name = match.group("cname")
    if name is None:
        return None
    if not name:
        raise UnacceptableRouteError(f"{match.group()} names no converter.")
    if name not in options.converters:
        raise UnacceptableRouteError(f"{match.group()}: there is no converter {name!r}.")
    args, kwargs = _arguments(match.group("argstr"))
    try:
        converter: BaseConverter = options.converters[name](*args, **kwargs)
    except Exception as error:
        raise ValueError(f'Cannot instantiate converter "{name}" of {match.group()}: {error}') from error
    return converter


def _arguments(text: Optional[str]) -> Tuple[List[Any], Dict[str, Any]]:
    """Return the literal arguments of a converter."""
    if not text:
        return [], {}
    try:
        call = ast.parse(f"_({text})", mode="eval").body
        assert isinstance(call, ast.Call)
        args = [ast.literal_eval(item) for item in call.args]
        return args, {item.arg: ast.literal_eval(item.value) for item in call.keywords if item.arg}
    except (SyntaxError, ValueError) as error:
        raise UnacceptableRouteError(f"({text}) are no arguments of a converter: {error}") from error


class CompiledRouter:
    """A router that finds resources by path."""

    def __init__(self) -> None:
        self._roots: List[_Node] = []
        self._options = CompiledRouterOptions()

    @property
    def options(self) -> CompiledRouterOptions:
        """How templates are read."""
        return self._options

    @property
    def finder_src(self) -> str:
        """The templates that the router finds, as an indented tree."""
        lines: List[str] = []
        _describe(self._roots, lines, 0)
        return "\n".join(lines)

    def map_http_methods(self, resource: object, **kwargs: Any) -> MethodMap:
        """Return the responders of a resource by method; see `util.map_http_methods`."""
        kwargs.setdefault("default_to_on_request", self._options.default_to_on_request)
        return map_http_methods(resource, kwargs.get("suffix"), kwargs["default_to_on_request"])

    def add_route(self, uri_template: str, resource: object, **kwargs: Any) -> None:
        """Add a resource; one that the template has already is replaced.

        Args:
            uri_template: For example ``/items/{item_id:int}``.
            resource: An object with responders.
            **kwargs: `suffix`; `compile` is accepted as in Falcon.

        Raises:
            ValueError: The template is malformed, or conflicts with another.
        """
        path = self._check(uri_template)
        method_map = self.map_http_methods(resource, suffix=kwargs.get("suffix"))
        set_default_responders(method_map, asgi=bool(kwargs.get("_asgi")))
        segments = path.split("/")
        nodes, node = self._roots, None
        for index, segment in enumerate(segments):
            node = self._child(nodes, segment, uri_template, is_last=index == len(segments) - 1)
            nodes = node.children
        assert node is not None
        node.resource, node.method_map, node.template = resource, method_map, uri_template

    def _child(self, nodes: List[_Node], segment: str, template: str, is_last: bool) -> _Node:
        for node in nodes:
            if node.segment == segment:
                if node.takes_rest and not is_last:
                    raise _not_at_end(template, node)
                return node
        new = _Node(segment, self._options)
        if new.takes_rest and (not is_last or new.is_complex):
            raise _not_at_end(template, new)
        for node in nodes:
            if new.is_var and node.is_var and _conflict(new, node):
                raise UnacceptableRouteError(f"The URI template {template!r} conflicts with another route's template.")
        nodes.append(new)
        nodes.sort(key=lambda item: item.rank)
        return new

    def _check(self, template: str) -> str:
        if not isinstance(template, str):
            raise TypeError("uri_template is not a string")
        if not template.startswith("/"):
            raise ValueError("uri_template must start with '/'")
        if "//" in template:
            raise ValueError("uri_template may not contain '//'")
        names = []
        for match in _FIELD.finditer(template):
            name = match.group("fname")
            if not _IDENTIFIER.fullmatch(name) or keyword.iskeyword(name):
                raise ValueError(f"Field names must be valid identifiers, but {name!r} is not valid.")
            names.append(name)
        if len(set(names)) < len(names):
            raise ValueError(f"Field names may not be duplicated: {template!r}.")
        outside = _FIELD.sub("", template)
        if _SPACE.search(outside):
            raise ValueError("URI templates may not include whitespace.")
        return template.lstrip("/")

    def find(self, uri: str, req: object = None) -> Optional[Found]:
        """Return the resource of a path, its responders, the values of the fields and the template; or None.

        Args:
            uri: The decoded path.
            req: The request, which this router does not need.
        """
        params: Dict[str, Any] = {}
        node = _walk(self._roots, uri.lstrip("/").split("/"), 0, params)
        if node is None or node.method_map is None:
            return None
        return node.resource, node.method_map, params, node.template


def _not_at_end(template: str, node: _Node) -> UnacceptableRouteError:
    """Return the error of a field that takes the rest of the path, where more follows or stands beside it."""
    for match in node.fields:
        name, converter = match.group("fname"), match.group("cname")
        if converter is not None:
            break
    if node.is_complex:
        return UnacceptableRouteError(
            f'Cannot use converter "{converter}" of variable "{name}" in a template that includes other characters or '
            "variables in the same segment."
        )
    return UnacceptableRouteError(
        f'Cannot add route with template "{template}". Field name "{name}" uses the converter "{converter}" that will '
        "consume all the path, making it impossible to match this route."
    )


def _conflict(first: _Node, second: _Node) -> bool:
    if first.is_complex != second.is_complex:
        return False
    if first.is_complex:
        return first.shape() == second.shape() and [n for n, _ in first.converters] != [n for n, _ in second.converters]
    # COMPAT: two fields at one place conflict, unless both have converters
    has = [item.converters[0][1] is not None for item in (first, second)]
    return not all(has)


def _walk(nodes: List[_Node], path: List[str], index: int, params: Dict[str, Any]) -> Optional[_Node]:
    is_last = index == len(path) - 1
    for node in nodes:
        found: Dict[str, Any] = {}
        if node.takes_rest:
            name, converter = node.converters[0]
            assert converter is not None
            value = converter.convert(path[index:])
            if value is not None and node.method_map is not None:
                params[name] = value
                return node
            continue
        if not node.match(path[index], found):
            continue
        if is_last:
            if node.method_map is not None:
                params.update(found)
                return node
            continue
        deeper = _walk(node.children, path, index + 1, found)
        if deeper is not None:
            params.update(found)
            return deeper
    return None


def _describe(nodes: List[_Node], lines: List[str], depth: int) -> None:
    for node in nodes:
        lines.append("    " * depth + f"/{node.segment}" + (f" -> {node.template}" if node.template else ""))
        _describe(node.children, lines, depth + 1)


DefaultRouter = CompiledRouter
