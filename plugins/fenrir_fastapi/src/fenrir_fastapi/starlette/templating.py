"""Jinja templates that have the request in their context."""

from __future__ import annotations

from typing import Any, Callable, List, Mapping, Optional, Sequence

from fenrir_core import Connection, current
from fenrir_core.authoring import Receive, Scope, Send, template_context

from .background import BackgroundTask
from .requests import Request
from .responses import HTMLResponse
from .types import NamedValues, Values

try:
    import jinja2
except ImportError as error:
    raise ImportError("Templates need jinja2: install it with `pip install jinja2`.") from error

__all__ = ["Jinja2Templates"]


class _TemplateResponse(HTMLResponse):
    """A rendered template, with the template and its context."""

    def __init__(self, template: Any, context: Values, **options: Any) -> None:
        self.template, self.context = template, context
        super().__init__(template.render(context), **options)

    async def send_all(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response; a test client is sent the template and its context besides."""
        await send_debug(self, scope, send)
        await super().send_all(scope, receive, send)

    async def send(self, connection: Connection) -> None:
        """Send the response of an app's request."""
        await send_debug(self, connection.scope, connection.send)
        await super().send(connection)


async def send_debug(response: _TemplateResponse, scope: Scope, send: Send) -> None:
    """Send the template and its context where the client asks for them."""
    if "http.response.debug" in (scope.get("extensions") or {}):
        info = {"template": response.template, "context": response.context}
        await send({"type": "http.response.debug", "info": info})


class Jinja2Templates:
    """The templates of a folder.

    Args:
        directory: The folder or folders.
        context_processors: Functions of the request whose result is added to the context.
        env: A Jinja environment, instead of `directory`.
        env_options: Options of the environment; HTML is escaped by default.
    """

    def __init__(
        self,
        directory: Any = None,
        *,
        context_processors: Optional[Sequence[Callable[[Request], NamedValues]]] = None,
        env: Optional[jinja2.Environment] = None,
        **env_options: Any,
    ) -> None:
        assert bool(directory) != bool(env), "either 'directory' or 'env' arguments must be passed"
        self.context_processors = list(context_processors or ())
        if env is None:
            folders: List[Any] = list(directory) if isinstance(directory, (list, tuple)) else [directory]
            env_options.setdefault("loader", jinja2.FileSystemLoader(folders))
            env_options.setdefault("autoescape", True)
            env = jinja2.Environment(**env_options)
        self.env = env
        self.env.globals.setdefault("url_for", _url_for)

    def get_template(self, name: str) -> jinja2.Template:
        """Return a template by its name."""
        return self.env.get_template(name)

    def TemplateResponse(
        self,
        request: Any = None,
        name: Any = None,
        context: Optional[Values] = None,
        status_code: int = 200,
        headers: Optional[Mapping[str, str]] = None,
        media_type: Optional[str] = None,
        background: Optional[BackgroundTask] = None,
    ) -> HTMLResponse:
        """Return a rendered template as the response.

        The context has `request`, what the context processors return, and the names that plugins share with all
        templates (`fenrir_template_context`, Flask's context processors).

        Args:
            request: The request.
            name: The template's name.
            context: Values for it.
            status_code, headers, media_type, background: As for `Response`.
        """
        if isinstance(request, str):  # COMPAT: Starlette before 0.29: name, then the context with the request
            request, name, context = (name or {}).get("request"), request, name
        connection = current.get(None)
        shared = {} if connection is None else template_context(connection)
        values = {**shared, "request": request, **(context or {})}
        for processor in self.context_processors:
            values.update(processor(request))
        return _TemplateResponse(
            self.get_template(name),
            values,
            status_code=status_code,
            headers=headers,
            media_type=media_type,
            background=background,
        )


@jinja2.pass_context
def _url_for(context: Any, name: str, /, **path_params: Any) -> Any:
    return context["request"].url_for(name, **path_params)
