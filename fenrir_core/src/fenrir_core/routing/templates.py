"""Path templates: five syntaxes read into one form, and URLs built from values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import FrozenSet, List, Mapping, NoReturn, Optional, Tuple, Union
from urllib.parse import quote

from .._types import Namespace
from ..exceptions import BuildError, CannotBuildURL
from .converters import PathConverter, regex_converter

#: Characters that need no escape in a path segment (RFC 3986, section 3.3, "pchar").
SAFE_IN_SEGMENT = "!$&'()*+,;=:@-._~"
SAFE_IN_PATH = SAFE_IN_SEGMENT + "/"

_CALL = re.compile(r"([A-Za-z_]\w*)(?:\((.*)\)|=(.*))?", re.DOTALL)
_BUILT_IN_REGEX = re.compile(r"(?:re|regex):(.*)|(?:re|regex)\((.*)\)", re.DOTALL)
_CLOSERS = {"{": "}", "<": ">"}


@dataclass(frozen=True)
class PathParam:
    """One parameter of a template, and the converter of its text."""

    name: str
    converter: PathConverter


Part = Union[str, PathParam]


@dataclass(frozen=True)
class Segment:
    """The part of a template between two slashes: literal text, parameters, or both in turn."""

    parts: Tuple[Part, ...]

    @property
    def literal(self) -> Optional[str]:
        """The text of a segment without parameters, else None."""
        if not self.parts:
            return ""
        first = self.parts[0]
        return first if isinstance(first, str) and len(self.parts) == 1 else None

    @property
    def sole(self) -> Optional[PathParam]:
        """The parameter that is the whole segment, else None."""
        first = self.parts[0] if len(self.parts) == 1 else ""
        return first if isinstance(first, PathParam) else None


@dataclass(frozen=True)
class Template:
    """A path template in the one form that the router knows.

    Args:
        source: The template as written, in any syntax.
        canonical: The same in one syntax: ``"/items/{item_id:int}"``; plain text has no type.
        segments: The parts between the slashes, without the empty one after a last slash.
        params: All parameters, in the order of the path.
        trailing_slash: Whether it ends in a slash that could be left out (``"/"`` itself does not).
        openapi: The path as OpenAPI writes it: ``"/items/{item_id}"``.
    """

    source: str
    canonical: str
    segments: Tuple[Segment, ...]
    params: Tuple[PathParam, ...]
    trailing_slash: bool
    openapi: str

    @property
    def is_static(self) -> bool:
        """Whether the template has no parameters, so that it matches one path only."""
        return not self.params

    def build(self, values: Namespace) -> str:
        """Build the path for parameter values.

        Args:
            values: One value for each parameter, by name; text is not percent-encoded.

        Returns:
            The path, percent-encoded as UTF-8; "/" is kept only in a parameter that spans segments.

        Raises:
            CannotBuildURL: A value is missing, unknown, or would not match its own converter.

        Source: RFC 3986, sections 2 and 3.3.
        """
        if unknown := sorted(values.keys() - self.names):
            raise CannotBuildURL(f"template {self.source!r} has no parameter {unknown[0]!r}")
        return self.fill(values)

    def fill(self, values: Namespace) -> str:
        """Build the path as `build` does; values of other names are ignored."""
        texts = [self._format(param, values) for param in self.params]
        path = self._pattern % tuple(texts)
        path = f"/%2F{path[2:]}" if path.startswith("//") else path  # RFC 3986, section 3.3: "//" would begin a host
        if "." in "".join(texts) or self._has_dots:
            self._refuse_dot_segments(path)
        return path

    # PERF: what does not depend on the values is quoted once, 12 -> 3 us for a path with a parameter
    @cached_property
    def _pattern(self) -> str:
        """The path with ``%s`` for each parameter; constant parts are percent-encoded."""
        parts = [
            "".join(
                quote(part, SAFE_IN_SEGMENT).replace("%", "%%") if isinstance(part, str) else "%s" for part in parts
            )
            for parts in (segment.parts for segment in self.segments)
        ]
        return "/" + "/".join(parts) + ("/" if self.trailing_slash else "")

    @cached_property
    def names(self) -> FrozenSet[str]:
        """The names of the parameters."""
        return frozenset(param.name for param in self.params)

    @cached_property
    def _has_dots(self) -> bool:
        """Whether text beside a parameter in its segment has a dot."""
        mixed = [segment for segment in self.segments if segment.literal is None]
        return any(isinstance(part, str) and "." in part for segment in mixed for part in segment.parts)

    def _refuse_dot_segments(self, path: str) -> None:
        # Clients resolve dot segments, encoded or not, before they send (RFC 3986, section 5.2.4).
        constant = {segment.literal for segment in self.segments}
        if not ({".", ".."} - constant).isdisjoint(path.split("/")):
            raise CannotBuildURL(f"template {self.source!r} would have a segment '.' or '..', which clients remove")

    def _format(self, param: PathParam, values: Namespace) -> str:
        converter = param.converter
        if param.name not in values:
            raise CannotBuildURL(f"template {self.source!r} needs a value for parameter {param.name!r}")
        value = values[param.name]
        try:
            text = converter.format(value)
            if not converter.self_checking and re.fullmatch(converter.regex, text) is None:
                raise ValueError(f"it must match {converter.regex}")
            converter.parse(text)
            if text.isalnum() and text.isascii():  # PERF: nothing to quote, 0.5 us
                return text
            return quote(text, SAFE_IN_PATH if converter.multi_segment else SAFE_IN_SEGMENT)
        except (ValueError, TypeError, ArithmeticError) as error:
            raise CannotBuildURL(
                f"template {self.source!r}: parameter {param.name!r} ({converter.name}) can't be {value!r}: {error}"
            ) from None


class _Parser:
    """The parser of one template; an object, so that each error can name the template and its place."""

    def __init__(
        self, path: str, converters: Mapping[str, PathConverter], param_names: FrozenSet[str], where: str
    ) -> None:
        self.path, self.converters, self.param_names, self.where = path, converters, param_names, where

    def fail(self, problem: str) -> NoReturn:
        raise BuildError(f"{self.where + ': ' if self.where else ''}path template {self.path!r} {problem}")

    def parse(self) -> Template:
        if not self.path.startswith("/"):
            self.fail(f"does not start with '/'; write {'/' + self.path!r}")
        segments = [Segment(tuple(parts)) for parts in self.split()]
        trailing = len(segments) > 1 and not segments[-1].parts
        if not segments[-1].parts:
            segments.pop()
        params = tuple(part for segment in segments for part in segment.parts if isinstance(part, PathParam))
        self.check(segments, params)

        def written(typed: bool) -> str:
            texts = ["".join(_write(part, typed) for part in segment.parts) for segment in segments]
            return "/" + "/".join(texts) + ("/" if trailing else "")

        return Template(self.path, written(True), tuple(segments), params, trailing, written(False))

    def check(self, segments: List[Segment], params: Tuple[PathParam, ...]) -> None:
        names = [param.name for param in params]
        for name in names:
            if names.count(name) > 1:
                self.fail(f"has the parameter {name!r} twice; give each its own name")
        spanning = [param.name for param in params if param.converter.multi_segment]
        if len(spanning) > 1:
            self.fail(f"has several parameters that span segments ({', '.join(spanning)}); one path can have only one")
        for segment in segments:
            for left, right in zip(segment.parts, segment.parts[1:]):
                if isinstance(left, PathParam) and isinstance(right, PathParam):
                    self.fail(
                        f"has nothing between the parameters {left.name!r} and {right.name!r}; "
                        "put text or '/' between them, so that it is clear where one ends"
                    )

    def split(self) -> List[List[Part]]:
        """Split the template at the slashes outside of parameters."""
        path, pos, literal = self.path, 1, ""
        segments: List[List[Part]] = [[]]
        while pos <= len(path):
            char = path[pos] if pos < len(path) else "/"
            if char in "{</" and literal:
                segments[-1].append(literal)
                literal = ""
            if char in _CLOSERS:
                end = self.closing(pos)
                segments[-1].append(self.param(path[pos + 1 : end], char))
                pos = end
            elif char in "}>":
                self.fail(f"is unbalanced: {char!r} at character {pos} closes nothing")
            elif char != "/":
                literal += char
            elif pos < len(path):
                segments.append([])
            pos += 1
        return segments

    def closing(self, start: int) -> int:
        """Find the bracket that closes the one at `start`, skipping those of a regular expression."""
        opener, pos = self.path[start], start + 1
        nested = parens = 0
        member = 0  # the position of the first member of an open character class, 0 outside of classes
        while pos < len(self.path):
            char = self.path[pos]
            if char == "\\":
                pos += 1
            elif member:
                member = 0 if char == "]" and pos > member else member  # "]" may be the first member
            elif char == "[":
                member = pos + 2 if self.path[pos + 1 : pos + 2] == "^" else pos + 1
            elif char in "()":
                parens += 1 if char == "(" else -1
            elif char == _CLOSERS[opener] and not parens and not nested:
                return pos
            elif opener == "{" and char in "{}" and not parens:
                nested += 1 if char == "{" else -1
            pos += 1
        self.fail(f"is unbalanced: {opener!r} at character {start} is never closed")

    def param(self, body: str, opener: str) -> PathParam:
        if opener == "<" and ":" in body:
            name, spec = self.angle_halves(body)
        else:
            name, _, spec = body.partition(":")
        if name and not spec and ":" in body:
            self.fail(f"names no converter after the colon in {body!r}; leave the colon out for plain text")
        if not name.isidentifier():
            what = f"{name!r} is not a Python identifier" if name else f"{opener}{body}{_CLOSERS[opener]} has no name"
            self.fail(f"has a parameter without a usable name: {what}")
        return PathParam(name, self.converter(spec) if spec else self.converters["str"])

    def angle_halves(self, body: str) -> Tuple[str, str]:
        """Return name and type of ``<name:type>`` (Sanic, Bottle) and ``<type:name>`` (Flask)."""
        cut = _top_level_colon(body)
        left, right = body[:cut], body[cut + 1 :]
        type_right = left.isidentifier() and self.is_type(right)
        type_left = right.isidentifier() and self.is_type(left)
        if type_right and type_left and left != right:
            if (left in self.param_names) == (right in self.param_names):
                self.fail(
                    f"is ambiguous: both halves of <{body}> are converters, and the handler's parameters don't tell "
                    f"which is the name. Write {{{left}:{right}}} for a parameter {left!r}, "
                    f"or {{{right}:{left}}} for a parameter {right!r}"
                )
            return (left, right) if left in self.param_names else (right, left)
        if type_left or (not type_right and right.isidentifier() and _CALL.fullmatch(left) and not left.isidentifier()):
            return right, left
        if not type_right and left.isidentifier() and right.isidentifier():
            self.unknown(*[half for half in (right, left) if half not in self.param_names])
        return left, right

    def is_type(self, spec: str) -> bool:
        call = _CALL.fullmatch(spec)
        return bool(call and call.group(1) in self.converters) or _BUILT_IN_REGEX.fullmatch(spec) is not None

    def converter(self, spec: str) -> PathConverter:
        """Look up ``int``, ``int(min=1)``, ``ext=jpg|png``, ``re:[a-z]+``, ``regex([a-z]+)`` or ``[a-z]+``."""
        call = _CALL.fullmatch(spec)
        base = self.converters.get(call.group(1)) if call else None
        try:
            if call and base is not None:
                arguments = call.group(2) if call.group(3) is None else call.group(3)
                if arguments is None:
                    return base
                if base.factory is None:
                    self.fail(f"passes arguments to the converter {base.name!r}, which takes none: {spec!r}")
                return base.factory(arguments)
            explicit = _BUILT_IN_REGEX.fullmatch(spec)
            if explicit is None and call and call.group(3) is None:
                self.unknown(call.group(1))
            regex = spec if explicit is None else explicit.group(1) or _unquoted(explicit.group(2) or "")
            return regex_converter(regex)
        except ValueError as error:
            self.fail(f"has a faulty converter {spec!r}: {error}")

    def unknown(self, *names: str) -> NoReturn:
        near = [match for name in names for match in get_close_matches(name, self.converters, 1)]
        hint = f"did you mean {near[0]!r}? " if near else ""
        what = " or ".join(map(repr, names))
        self.fail(
            f"uses an unknown converter {what}: {hint}known are {', '.join(sorted(self.converters))} and re:<regex>"
        )


def _top_level_colon(body: str) -> int:
    """Find the first colon outside of parentheses, as in ``any(a:b):name``."""
    depth = 0
    for pos, char in enumerate(body):
        if char == ":" and depth <= 0:
            return pos
        depth += (char == "(") - (char == ")")
    return body.index(":")


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def _write(part: Part, typed: bool) -> str:
    if isinstance(part, str):
        return part
    return f"{{{part.name}:{part.converter.name}}}" if typed and part.converter.name != "str" else f"{{{part.name}}}"


def parse_template(
    path: str,
    converters: Mapping[str, PathConverter],
    param_names: FrozenSet[str] = frozenset(),
    where: str = "",
) -> Template:
    """Parse a path template written in any of the five syntaxes.

    Args:
        path: ``{name}``, ``{name:type}``, ``{name:type(args)}``, ``<name>``, ``<name:type>``,
            ``<type:name>``, ``<name:re:[a-z]+>`` and ``<name:[a-z]+>`` are read, several in one
            segment if there is text between them. Literal text is decoded, not percent-encoded.
        converters: All converters by name; ``"str"`` must be among them.
        param_names: The handler's parameters; they decide where ``<a:b>`` can be read both ways.
        where: File and name for error messages.

    Returns:
        The template in the one form that the router knows.

    Raises:
        BuildError: The template can't be read; the message names it, `where` and the remedy.
    """
    return _Parser(path, converters, param_names, where).parse()
