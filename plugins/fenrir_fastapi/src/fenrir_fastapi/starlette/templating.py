"""Jinja templates that are given the request."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

from .background import BackgroundTask
from .requests import Request
from .responses import HTMLResponse

try:
    import jinja2
except ImportError as error:
    raise ImportError("Templates need jinja2: install it with `pip install jinja2`.") from error

__all__ = ["Jinja2Templates"]


class _TemplateResponse(HTMLResponse):
    """A rendered template, with what it was rendered from."""

    def __init__(self, template: Any, context: Dict[str, Any], **options: Any) -> None:
        self.template, self.context = template, context
        super().__init__(template.render(context), **options)


class Jinja2Templates:
    """Render the templates of a folder.

    Args:
        directory: The folder or folders.
        context_processors: Called with the request; what they give joins the context.
        env: An environment of one's own, instead of `directory`.
        env_options: Options of the environment; it escapes HTML by default.
    """

    def __init__(
        self,
        directory: Any = None,
        *,
        context_processors: Optional[Sequence[Callable[[Request], Mapping[str, Any]]]] = None,
        env: Optional[jinja2.Environment] = None,
        **env_options: Any,
    ) -> None:
        assert bool(directory) != bool(env), "Give either the argument 'directory' or 'env'."
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
        context: Optional[Dict[str, Any]] = None,
        status_code: int = 200,
        headers: Optional[Mapping[str, str]] = None,
        media_type: Optional[str] = None,
        background: Optional[BackgroundTask] = None,
    ) -> HTMLResponse:
        """Render a template as the answer; the context has `request` and what the processors give.

        Args:
            request: The request.
            name: The template's name.
            context: Values for it.
            status_code, headers, media_type, background: Of the answer.
        """
        if isinstance(request, str):  # the old order: name, context with the request
            request, name, context = (name or {}).get("request"), request, name
        values = dict(context or {})
        values.setdefault("request", request)
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
