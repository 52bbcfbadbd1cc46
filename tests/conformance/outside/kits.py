# mypy: disable-error-code="no-untyped-def, no-untyped-call, type-arg, import-not-found, import-untyped, misc"
"""How the two outside paradigms write the handlers of the conformance checks."""

from __future__ import annotations

import importlib
import re
from typing import Any, Callable, Dict, Optional

from fenrir_core.testing import ParadigmKit

PARAMETER = re.compile(r"{(\w+)}")


def untyped(path: str) -> Optional[str]:
    """Return a template without types as it is; with one there is none."""
    return None if ":" in path else path


def specs_kit() -> ParadigmKit:
    web = importlib.import_module("acme_specs.web")

    def add(app: Any, path: str, function: Callable[..., Any], method: str = "get") -> None:
        kind = type("Handler", (web.RequestHandler,), {method: function})
        app.add_handlers([(PARAMETER.sub("([^/]+)", path), kind)])

    def text(app: Any, path: str, text: str) -> None:
        add(app, path, lambda self: self.write(text))

    def echo(app: Any, path: str, name: str) -> None:
        async def get(self, name):
            self.write({"value": name})

        add(app, path, get)

    def receive(app: Any, path: str) -> None:
        add(app, path, lambda self: self.write(self.request.body), "post")

    def call(app: Any, path: str, function: Callable[[], str]) -> None:
        def get(self, number=""):
            self.write(function())

        add(app, path, get)

    def headers(app: Any, path: str, pairs: Any) -> None:
        def get(self):
            for name, value in pairs:
                self.add_header(name, value)

        add(app, path, get)

    def inject(app: Any, path: str, default: Any) -> None:
        async def get(self, value=default):
            self.write(str(value))

        add(app, path, get)

    def mix(app: Any, prefix: str, text: str) -> None:
        kind = type("Mixed", (web.RequestHandler,), {"get": lambda self: self.write(text)})
        app.mount(prefix, web.Rules([(r"/hello", kind)]))

    return ParadigmKit(
        "specs", lambda **options: web.Application(**options), text, echo, receive, call,
        blocking=call, headers=headers, inject=inject, mix=mix, template=untyped,
    )  # fmt: skip


def urlconf_kit() -> ParadigmKit:
    urls = importlib.import_module("acme_urlconf.urls")
    views = importlib.import_module("acme_urlconf.views")
    project = importlib.import_module("acme_urlconf.project_app")

    def template(path: str) -> str:
        return re.sub(r"{(\w+)(?::(\w+))?}", lambda found: f"<{found[2] or 'str'}:{found[1]}>", path)

    def add(app: Any, path: str, view: Callable[..., Any]) -> None:
        app.add_urls([urls.path(template(path)[1:], view)])

    def text(app: Any, path: str, text: str) -> None:
        add(app, path, lambda request: views.HttpResponse(text))

    def echo(app: Any, path: str, name: str) -> None:
        async def name_view(request, name):
            return views.JsonResponse({"value": name})

        async def count_view(request, count):
            return views.JsonResponse({"value": count})

        add(app, path, {"name": name_view, "count": count_view}[name])

    def receive(app: Any, path: str) -> None:
        add(app, path, lambda request: views.HttpResponse(request.body))

    def call(app: Any, path: str, function: Callable[[], str]) -> None:
        def view(request, number=0):
            return views.HttpResponse(function())

        add(app, path, view)

    def headers(app: Any, path: str, pairs: Any) -> None:
        def view(request):
            response = views.HttpResponse("ok")
            for name, value in pairs:
                response.headers.add(name, value)
            return response

        add(app, path, view)

    def stream(app: Any, path: str, make: Any) -> None:
        async def view(request):
            return views.StreamingHttpResponse(make())

        add(app, path, view)

    def inject(app: Any, path: str, default: Any) -> None:
        async def view(request, value=default):
            return views.HttpResponse(str(value))

        add(app, path, view)

    def mix(app: Any, prefix: str, text: str) -> None:
        app.mount(prefix, urls.URLConf([urls.path("hello", lambda request: views.HttpResponse(text))]))

    return ParadigmKit(
        "urlconf", lambda **options: project.Project(**options), text, echo, receive, call, blocking=call,
        headers=headers, stream=stream, inject=inject, mix=mix, template=template, any_method=True,
    )  # fmt: skip


OUTSIDE: Dict[str, Callable[[], ParadigmKit]] = {"specs": specs_kit, "urlconf": urlconf_kit}
