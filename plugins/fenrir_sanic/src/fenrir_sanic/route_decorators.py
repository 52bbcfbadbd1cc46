"""The methods by which apps and blueprints register routes."""

from __future__ import annotations

import ast
import inspect
from abc import abstractmethod
from textwrap import dedent
from typing import Any, Callable, Iterable, List, Optional, Sequence, Tuple, Union

from fenrir_core.authoring import F, check_callable, method_names, refuse_bare

from .errorpages import RESPONSE_MAPPING, check_error_format
from .patterns import with_extensions
from .registration import Registration, Version
from .routing_exceptions import InvalidUsage
from .static import StaticOptions, register_static
from .values import AnyCallable, Values

Hosts = Union[str, Iterable[str], None]


class RouteDecorators:
    """The methods that register routes."""

    strict_slashes: Optional[bool]

    @abstractmethod
    def _add(self, item: Registration) -> None:
        """Keep a route; apps and blueprints have it."""

    def generate_name(self, *objects: Any) -> str:
        """Return the full name of a route: the app's or blueprint's, then its own.

        Args:
            *objects: A name, or things that have one; the first that has counts.

        Raises:
            ValueError: None of them has a name.
        """
        return self._generate_name(*objects)

    def _generate_name(self, *objects: Any) -> str:
        for item in objects:
            name = item if isinstance(item, str) else getattr(item, "name", None) or getattr(item, "__name__", None)
            if item is not None and not name:
                name = type(item).__name__
            if name:
                own = str(getattr(self, "name", ""))
                return str(name) if str(name).startswith(f"{own}.") else f"{own}.{name}"
        raise ValueError("Could not generate a name for handler")

    def route(  # type: ignore[override, unused-ignore]
        self,
        uri: str,
        methods: Optional[Iterable[str]] = None,
        host: Hosts = None,
        strict_slashes: Optional[bool] = None,
        stream: bool = False,
        version: Version = None,
        name: Optional[str] = None,
        ignore_body: bool = False,
        apply: bool = True,
        subprotocols: Optional[Sequence[str]] = None,
        websocket: bool = False,
        unquote: bool = False,
        static: bool = False,
        version_prefix: Optional[str] = None,
        error_format: Optional[str] = None,
        overwrite: bool = False,
        **options: Any,
    ) -> Callable[[F], F]:
        """Register the decorated handler ``(request, **path values)``.

        Args:
            uri: A template, for example ``/items/<item_id:int>``.
            methods: HTTP methods; GET by default.
            host: A host or several; the route serves only requests for them.
            strict_slashes: Whether ``/x/`` is another path than ``/x``.
            stream: Whether the handler reads the body itself, by `request.stream`.
            version: Puts ``/v<version>`` in front of the path.
            name: For `url_for`; the handler's own by default.
            ignore_body: Whether the body is left unread.
            apply: Accepted as in Sanic.
            subprotocols: Of a WebSocket, best first.
            websocket: Whether it is a WebSocket route.
            unquote: Whether path values are decoded, in Sanic's own app; in the hybrid app they always are.
            static: Whether it serves files.
            version_prefix: What precedes the version, ``/v`` by default.
            error_format: ``html``, ``json``, ``text`` or ``auto``.
            overwrite: Whether it takes the place of a route with the same path and method.
            **options: `ctx_…` values for `request.route.ctx`, and options of the kernel and of plugins.

        Raises:
            ValueError: The handler takes no request, or the hosts are no strings.
            SanicException: There is no such format.
            InvalidUsage: A parameter has no name.
        """
        refuse_bare(uri, 'route("/path"), @app.get("/path") and so on')
        if "<:" in uri or "<>" in uri:
            raise InvalidUsage(f"Invalid parameter syntax: {uri}")
        hosts = _hosts(host)
        found = _route_options(
            options, stream=stream, ignore_body=ignore_body, static=static, overwrite=overwrite, unquote=bool(unquote)
        )
        if subprotocols:
            found["subprotocols"] = tuple(subprotocols)
        if hosts:
            found["hosts"] = hosts

        def decorate(handler: F) -> F:
            check_callable(handler, f"route {uri!r}")
            _check_parameters(handler, websocket)
            merged = dict(found)
            if getattr(handler, "is_stream", False):
                merged["stream"] = True
            _set_error_format(merged, error_format, handler)
            verbs = _verbs(methods, websocket)
            label = name or str(getattr(handler, "__name__", type(handler).__name__))
            path = with_extensions(uri if not uri or uri.startswith("/") else f"/{uri}")
            self._add(Registration(path, handler, verbs, label, version, version_prefix, strict_slashes, merged))
            return handler

        return decorate

    def get(self, uri: str, **options: Any) -> Callable[[F], F]:  # type: ignore[override, unused-ignore]
        """Register the decorated handler for GET; see `route`."""
        return self.route(uri, ("GET",), **options)

    def post(self, uri: str, **options: Any) -> Callable[[F], F]:  # type: ignore[override, unused-ignore]
        """Register the decorated handler for POST; see `route`."""
        return self.route(uri, ("POST",), **options)

    def put(self, uri: str, **options: Any) -> Callable[[F], F]:  # type: ignore[override, unused-ignore]
        """Register the decorated handler for PUT; see `route`."""
        return self.route(uri, ("PUT",), **options)

    def patch(self, uri: str, **options: Any) -> Callable[[F], F]:  # type: ignore[override, unused-ignore]
        """Register the decorated handler for PATCH; see `route`."""
        return self.route(uri, ("PATCH",), **options)

    def delete(self, uri: str, **options: Any) -> Callable[[F], F]:  # type: ignore[override, unused-ignore]
        """Register the decorated handler for DELETE; see `route`."""
        return self.route(uri, ("DELETE",), **options)

    def head(self, uri: str, **options: Any) -> Callable[[F], F]:  # type: ignore[override, unused-ignore]
        """Register the decorated handler for HEAD; see `route`."""
        return self.route(uri, ("HEAD",), **options)

    def options(self, uri: str, **options: Any) -> Callable[[F], F]:  # type: ignore[override, unused-ignore]
        """Register the decorated handler for OPTIONS; see `route`."""
        return self.route(uri, ("OPTIONS",), **options)

    def add_route(
        self, handler: F, uri: str, methods: Optional[Iterable[str]] = None, stream: bool = False, **options: Any
    ) -> F:
        """Register a handler, or a class-based view; see `route`."""
        view = getattr(handler, "view_class", None)
        if view is not None and methods is None:
            methods = view.own_methods()
        if view is not None:
            stream = stream or any(
                getattr(getattr(view, verb.lower(), None), "is_stream", False) for verb in methods or ()
            )
        return self.route(uri, methods, stream=stream, **options)(handler)

    def websocket(self, uri: str, **options: Any) -> Callable[[F], F]:  # type: ignore[override, unused-ignore]
        """Register the decorated coroutine function ``(request, ws, **path values)``; see `route`."""
        return self.route(uri, websocket=True, **options)

    def add_websocket_route(self, handler: F, uri: str, **options: Any) -> F:
        """Register a WebSocket handler; see `websocket`."""
        return self.websocket(uri, **options)(handler)

    def static(
        self,
        uri: str,
        file_or_directory: Any,
        pattern: str = r"/?.+",
        use_modified_since: bool = True,
        use_content_range: bool = False,
        stream_large_files: Union[bool, int] = False,
        name: str = "static",
        host: Hosts = None,
        strict_slashes: Optional[bool] = None,
        content_type: Optional[str] = None,
        apply: bool = True,
        resource_type: Optional[str] = None,
        index: Union[str, Sequence[str], None] = None,
        directory_view: bool = False,
        directory_handler: Any = None,
        follow_external_symlink_files: bool = False,
        follow_external_symlink_dirs: bool = False,
    ) -> None:
        """Serve a file, or the files of a directory.

        Args:
            uri: The path of the file, or the prefix of the files' paths.
            file_or_directory: A trusted path; a request for a file outside of it gets 404.
            pattern, apply: Accepted as in Sanic.
            use_modified_since: Whether the client may ask by the time of change, or by the entity tag.
            use_content_range: Whether ranges of bytes can be asked for.
            stream_large_files: Whether files over 1 MiB, or over this many bytes, are read while they are sent.
            name: For `url_for(name, filename=…)`.
            host, strict_slashes: As of routes.
            content_type: The content type; guessed from each name by default.
            resource_type: ``file`` or ``dir``; by default what it is.
            index: The files that are sent for a directory, the first that exists.
            directory_view: Whether a directory is listed.
            directory_handler: What answers for directories, in the place of `index` and `directory_view`.
            follow_external_symlink_files, follow_external_symlink_dirs: Whether links may lead out of the directory.

        Raises:
            ValueError, TypeError: The path is none, or not of the type; or the options contradict each other.
        """
        links = (follow_external_symlink_files, follow_external_symlink_dirs)
        options = StaticOptions(use_modified_since, use_content_range, stream_large_files, content_type, *links)
        where = {"name": name, "host": host, "strict_slashes": strict_slashes}
        register_static(
            self, uri, file_or_directory, options, resource_type, index, directory_view, directory_handler, where
        )


def _hosts(host: Hosts) -> Sequence[str]:
    if not host:
        return ()
    if isinstance(host, str):
        return (host,)
    try:
        return tuple(host)
    except TypeError:
        raise ValueError(f"Expected either string or Iterable of host strings, not {host}") from None


def _route_options(options: Values, **flags: bool) -> Values:
    found = {key: value for key, value in options.items() if not key.startswith("ctx_")}
    context = {key[4:]: value for key, value in options.items() if key.startswith("ctx_")}
    if context:
        found["ctx"] = context
    found.update({key: True for key, value in flags.items() if value})
    return found


def _set_error_format(options: Values, error_format: Optional[str], handler: AnyCallable) -> None:
    kind = error_format if error_format and error_format != "auto" else error_format_of(handler)
    if kind:
        check_error_format(kind)
        options["error_format"] = kind


def _verbs(methods: Optional[Iterable[str]], websocket: bool) -> Tuple[str, ...]:
    if websocket or not methods:
        return ("WEBSOCKET",) if websocket else ("GET",)
    return method_names(methods if isinstance(methods, str) else map(str, methods))


def _check_parameters(handler: AnyCallable, websocket: bool) -> None:
    try:
        count = len(inspect.signature(handler).parameters)
    except (TypeError, ValueError):
        return
    name = getattr(handler, "__name__", type(handler).__name__)
    if count == 0:
        raise ValueError(f"Required parameter `request` missing in the {name}() route?")
    if websocket and count < 2 and not _takes_all(handler):
        raise ValueError(f"Required parameter `request` and/or `ws` missing in the {name}() route?")


def _takes_all(handler: AnyCallable) -> bool:
    return any(item.kind is item.VAR_POSITIONAL for item in inspect.signature(handler).parameters.values())


def error_format_of(handler: AnyCallable) -> str:
    """Return the format of a handler's error pages: that of its responses, if all are of one; else ``""``.

    As in Sanic it is read from the source: ``return json(…)`` makes it ``json``.
    """
    try:
        tree = ast.parse(dedent(inspect.getsource(handler)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return ""
    found: List[str] = []
    for node in ast.walk(tree):
        call = node.value if isinstance(node, ast.Return) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            words = [call.func.id]
            words += [
                item.value.value
                for item in call.keywords
                if item.arg == "content_type"
                and isinstance(item.value, ast.Constant)
                and isinstance(item.value.value, str)
            ]
            found += [RESPONSE_MAPPING[word] for word in words if word in RESPONSE_MAPPING]
    return found[0] if len(set(found)) == 1 else ""
