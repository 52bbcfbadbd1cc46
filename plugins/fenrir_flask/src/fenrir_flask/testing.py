"""Test tools: a client, a builder of WSGI environments, and a runner of commands."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from copy import copy
from importlib import metadata
from types import TracebackType
from typing import Any, Iterator, List, Optional, Type
from urllib.parse import urlsplit

import werkzeug.test
from click.testing import CliRunner, Result
from werkzeug.test import Client
from werkzeug.wrappers import Request as BaseRequest

from fenrir_wsgi import Environ

from .cli import ScriptInfo
from .serving import TESTED
from .sessions import SessionMixin


class EnvironBuilder(werkzeug.test.EnvironBuilder):
    """A builder of WSGI environments whose defaults come from an app's configuration.

    Args:
        app: The app.
        path: The path, or a URL.
        base_url: The URL of the app's root; by default of `SERVER_NAME`, `APPLICATION_ROOT`, `PREFERRED_URL_SCHEME`.
        subdomain: A part before `SERVER_NAME`.
        url_scheme: The scheme instead of the configured one.
        *args, **kwargs: As for Werkzeug's.
    """

    def __init__(
        self,
        app: Any,
        path: str = "/",
        base_url: Optional[str] = None,
        subdomain: Optional[str] = None,
        url_scheme: Optional[str] = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        if base_url is not None and (subdomain or url_scheme):
            raise AssertionError("Pass either `base_url`, or `subdomain` and `url_scheme`.")
        if base_url is None:
            host = app.config.get("SERVER_NAME") or "localhost"
            root = app.config["APPLICATION_ROOT"]
            url = urlsplit(path)
            if subdomain:
                host = f"{subdomain}.{host}"
            scheme = url_scheme or url.scheme or app.config["PREFERRED_URL_SCHEME"]
            base_url = f"{scheme}://{url.netloc or host}/{root.lstrip('/')}"
            path = url.path
            if url.query:
                path = f"{path}?{url.query}"
        self.app = app
        super().__init__(path, base_url, *args, **kwargs)

    def json_dumps(self, obj: Any, **kwargs: Any) -> str:
        """Serialize a value with the app's JSON provider."""
        return self.app.json.dumps(obj, **kwargs)  # type: ignore[no-any-return]


class FlaskClient(Client):
    """A client that calls the app without a server; what `app.test_client()` returns.

    In a `with` block the context of the last request is kept until the next one or the end of the block:
    `request`, `session` and `g` can be looked at.

    Attributes:
        environ_base: What the environment of each request has.
        preserve_context: Whether contexts are kept.
    """

    application: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.preserve_context = False
        self._new_contexts: List[Any] = []
        self._context_stack = ExitStack()
        self.environ_base: Environ = {
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_USER_AGENT": f"Werkzeug/{metadata.version('werkzeug')}",
        }

    @contextmanager
    def session_transaction(self, *args: Any, **kwargs: Any) -> Iterator[SessionMixin]:
        """Open the session that the client's cookies belong to, to be changed in the block and saved at its end.

        Args:
            *args, **kwargs: Of the request, as for `app.test_request_context`.

        Raises:
            TypeError: The client has no cookies.
            RuntimeError: The session can't be opened: the app has no secret key.
        """
        if self._cookies is None:
            raise TypeError("Cookies are disabled: create the client with use_cookies=True.")
        app = self.application
        context = app.test_request_context(*args, **kwargs)
        self._add_cookies_to_wsgi(context.request.environ)
        with context:
            found = app.session_interface.open_session(app, context.request)
        if found is None:
            raise RuntimeError("Session backend did not open a session. For the cookie's, set `app.secret_key`.")
        yield found
        response = app.response_class()
        if app.session_interface.is_null_session(found):
            return
        with context:
            app.session_interface.save_session(app, found, response)
        self._update_cookies_from_response(
            context.request.host.partition(":")[0], context.request.path, response.headers.getlist("Set-Cookie")
        )

    def _copy_environ(self, other: Environ) -> Environ:
        found = {**self.environ_base, **other, TESTED: True}
        if self.preserve_context:
            found["werkzeug.debug.preserve_context"] = self._new_contexts.append
        return found

    def _request_from_builder_args(self, args: Any, kwargs: Any) -> BaseRequest:
        kwargs["environ_base"] = self._copy_environ(kwargs.get("environ_base", {}))
        builder = EnvironBuilder(self.application, *args, **kwargs)
        try:
            return builder.get_request()
        finally:
            builder.close()

    def open(
        self, *args: Any, buffered: bool = False, follow_redirects: bool = False, **kwargs: Any
    ) -> werkzeug.test.TestResponse:
        """Make a request and return the response.

        Args:
            *args: A builder, an environment or a request; else path and so on, as for `EnvironBuilder`.
            buffered: Whether the whole body is read, and the response closed.
            follow_redirects: Whether redirects are followed.
            **kwargs: As for `EnvironBuilder`.
        """
        first = args[0] if args else None
        if isinstance(first, werkzeug.test.EnvironBuilder):
            builder = copy(first)
            builder.environ_base = self._copy_environ(dict(builder.environ_base or {}))
            request: BaseRequest = builder.get_request()
        elif isinstance(first, dict):
            request = EnvironBuilder.from_environ(
                first, app=self.application, environ_base=self._copy_environ({})
            ).get_request()
        elif isinstance(first, BaseRequest):
            request = copy(first)
            request.environ = self._copy_environ(request.environ)
        else:
            request = self._request_from_builder_args(args, kwargs)
        self._context_stack.close()  # that of the request before
        response = super().open(request, buffered=buffered, follow_redirects=follow_redirects)
        response.json_module = self.application.json
        while self._new_contexts:
            self._context_stack.enter_context(self._new_contexts.pop(0))
        return response

    def __enter__(self) -> FlaskClient:
        if self.preserve_context:
            raise RuntimeError("A client can't be entered twice.")
        self.preserve_context = True
        return self

    def __exit__(
        self,
        exc_type: Optional[Type[BaseException]],
        exc_value: Optional[BaseException],
        tb: Optional[TracebackType],
    ) -> None:
        self.preserve_context = False
        self._context_stack.close()


class FlaskCliRunner(CliRunner):
    """A runner of an app's commands; what `app.test_cli_runner()` returns.

    Args:
        app: The app.
        **kwargs: As for click's.
    """

    def __init__(self, app: Any, **kwargs: Any) -> None:
        self.app = app
        super().__init__(**kwargs)

    def invoke(self, cli: Any = None, args: Any = None, **kwargs: Any) -> Result:  # type: ignore[override]
        """Run a command of the app and return its result.

        Args:
            cli: The command or group; `app.cli` by default.
            args: The words of the command line.
            **kwargs: As for click's; `obj` is a `ScriptInfo` of the app by default.
        """
        if cli is None:
            cli = self.app.cli
        if "obj" not in kwargs:
            kwargs["obj"] = ScriptInfo(create_app=lambda: self.app)
        return super().invoke(cli, args, **kwargs)
