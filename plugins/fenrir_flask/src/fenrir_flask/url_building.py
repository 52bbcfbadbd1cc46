"""The URLs of an application of the class `Flask`."""

from __future__ import annotations

from typing import Any, Mapping, Optional
from urllib.parse import quote

from werkzeug.routing import BuildError as RoutingBuildError
from werkzeug.routing import MapAdapter
from werkzeug.wsgi import get_host

from fenrir_core import Connection, current
from fenrir_core.authoring import SAFE_IN_PATH

from ._types import Passed, Values
from .ctx import ContextConnection, current_context
from .pipeline import Pipeline
from .request import Request
from .urls import Builder

#: The characters of an anchor that are not percent-encoded.
_SAFE_IN_ANCHOR = "%!#$&'()*+,/:;=?@~"


class URLs(Pipeline):
    """The part of the application class that matches and builds URLs."""

    _url_builders: Optional[Mapping[str, Builder]] = None

    def create_url_adapter(self, request: Optional[Request]) -> Optional[MapAdapter]:
        """Return what matches the URL of a request, or builds URLs outside of requests; None if it can't.

        Raises:
            SecurityError: The host is none of `TRUSTED_HOSTS`.
        """
        config = self.config
        name: Optional[str] = config["SERVER_NAME"]
        if request is None:
            if name is None:
                return None
            root, scheme = config["APPLICATION_ROOT"], config["PREFERRED_URL_SCHEME"]
            return self.url_map.bind(name, script_name=root, url_scheme=scheme)
        connection = request.connection
        if connection is not None:
            # PERF: without the environment, 40 us; hosts and subdomains are not matched where routes are compiled
            root, scheme = request.root_path, request.scheme
            return self.url_map.bind(request.host, f"{root}/", "", scheme, request.method, request.path)
        trusted = config["TRUSTED_HOSTS"]
        if trusted is not None:
            request.trusted_hosts = trusted
        request.host = get_host(request.environ, request.trusted_hosts)
        subdomain: Optional[str] = None
        server_name = name
        if self.url_map.host_matching:
            server_name = None  # the host of the request decides
        elif not self.subdomain_matching:
            # rules without a subdomain answer at any host
            subdomain = self.url_map.default_subdomain or ""
        return self.url_map.bind_to_environ(request.environ, server_name=server_name, subdomain=subdomain)

    def _plain_url(self, connection: Connection, endpoint: str, values: Values) -> Optional[str]:
        """Return the URL of an endpoint with one plain rule, in a request that a compiled route serves, or None."""
        # PERF: Werkzeug's map takes three times as long
        if self._url_builders is None or isinstance(connection, ContextConnection) or not self.is_built:
            return None
        if connection.scope["type"] != "http":
            return None
        if endpoint[:1] == ".":
            group = connection.route.group
            endpoint = f"{group[-1]}{endpoint}" if group else endpoint[1:]
        build = self._url_builders.get(endpoint)
        if build is None or self.url_default_functions:
            return None
        path = build(values)
        root = connection.root_path
        return path if path is None or not root else f"{quote(root.rstrip('/'), SAFE_IN_PATH)}{path}"

    def url_for(
        self,
        /,
        endpoint: str,
        *,
        _anchor: Optional[str] = None,
        _method: Optional[str] = None,
        _scheme: Optional[str] = None,
        _external: Optional[bool] = None,
        **values: Passed,
    ) -> str:
        """Return the URL of an endpoint.

        Args:
            endpoint: The endpoint. ``".name"`` is one of the current blueprint.
            _anchor: The fragment, which follows "#".
            _method: The method, where rules of an endpoint differ by it.
            _scheme: ``http`` or ``https`` for an absolute URL.
            _external: Whether the URL has scheme and host; by default only outside of a request.
            **values: Values of the path. Others become the query.

        Raises:
            werkzeug.routing.BuildError: There is no such rule, and no function of `url_build_error_handlers` helps.
            ValueError: `_scheme` was given with `_external=False`.
            RuntimeError: `SERVER_NAME` is missing, outside of a request.
        """
        connection = current.get(None)
        if _method is None and _scheme is None and not _external and connection is not None and connection.app is self:
            plain = self._plain_url(connection, endpoint, values)
            if plain is not None:
                return plain if _anchor is None else f"{plain}#{quote(_anchor, safe=_SAFE_IN_ANCHOR)}"
        context = current_context("url_for()") if connection is not None else None
        if context is not None and context.has_request:
            adapter: Any = context.url_adapter
            blueprint = context.request.blueprint
            if endpoint[:1] == ".":
                endpoint = endpoint[1:] if blueprint is None else f"{blueprint}{endpoint}"
            external = _scheme is not None if _external is None else _external
        else:
            same = context is not None and context.app is self  # type: ignore[comparison-overlap]  # an app with more
            adapter = context.url_adapter if same and context is not None else self.create_url_adapter(None)
            if adapter is None:
                raise RuntimeError(
                    "Unable to build URLs outside an active request without 'SERVER_NAME' configured. Also configure "
                    "'APPLICATION_ROOT' and 'PREFERRED_URL_SCHEME' as needed."
                )
            external = True if _external is None else _external
        if _scheme is not None and not external:
            raise ValueError("When specifying '_scheme', '_external' must be True.")
        self.inject_url_defaults(endpoint, values)
        try:
            url: str = adapter.build(endpoint, values, method=_method, url_scheme=_scheme, force_external=external)
        except RoutingBuildError as error:
            values.update(_anchor=_anchor, _method=_method, _scheme=_scheme, _external=external)
            return self.handle_url_build_error(error, endpoint, values)
        return url if _anchor is None else f"{url}#{quote(_anchor, safe=_SAFE_IN_ANCHOR)}"
