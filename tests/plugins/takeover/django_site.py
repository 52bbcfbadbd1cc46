"""A Django project with a login, taken over with the recipe of docs/takeover.md; prints what each request answered.

Django has one configuration a process, so this is one of its own: ``python -m tests.plugins.takeover.django_site``.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Dict, List, Tuple

import django
from django.conf import settings
from tests.asgi import Server, run

from fenrir import Depends, Fenrir

PAGE = Path(__file__).resolve().parents[3] / "docs" / "takeover.md"
Told = List[Tuple[str, int, Any]]


def recipe() -> ModuleType:
    """Return the recipe of the documentation as a module."""
    found = re.search(r'```python title="django_login.py"\n(.*?)```', PAGE.read_text("utf-8"), re.S)
    assert found is not None
    module = ModuleType("django_login")
    sys.modules["django_login"] = module
    exec(compile(found[1], "django_login.py", "exec"), vars(module))
    return module


def configure(folder: str) -> None:
    """Set Django up with a database of its own and one user."""
    apps = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
    middleware = ["sessions.middleware.SessionMiddleware", "auth.middleware.AuthenticationMiddleware"]
    settings.configure(
        ALLOWED_HOSTS=["*"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{folder}/site.db"}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        INSTALLED_APPS=apps,
        MIDDLEWARE=[f"django.contrib.{name}" for name in middleware],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        ROOT_URLCONF=(),
        SECRET_KEY="a key for tests alone",
        USE_TZ=True,
    )
    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    User.objects.create_user("ada", password="lovelace")


def legacy() -> Any:
    """Return the Django application: login, logout, who is logged in, and a cart in the session."""
    from django.contrib import auth
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import JsonResponse
    from django.urls import path

    def login(request: Any) -> Any:
        user = auth.authenticate(username="ada", password="lovelace")
        auth.login(request, user)
        request.session["cart"] = ["rope"]
        return JsonResponse({})

    def logout(request: Any) -> Any:
        auth.logout(request)
        return JsonResponse({})

    def who(request: Any) -> Any:
        return JsonResponse({"user": request.user.username, "cart": request.session.get("cart")})

    def password(request: Any) -> Any:
        request.user.set_password("another")
        request.user.save()
        return JsonResponse({})

    views = {"login": login, "logout": logout, "who": who, "password": password}
    settings.ROOT_URLCONF = tuple(path(name, view) for name, view in views.items())
    return WSGIHandler()


def taken(login: ModuleType) -> Fenrir:
    """Return the app that takes the project over."""
    from django.contrib import auth

    app = Fenrir()
    app.take_over(legacy())

    @app.get("/new/who")
    def who(session: Any = Depends(login.django_session), user: Any = Depends(login.django_user)) -> Any:
        return {"user": user.username, "cart": session.get("cart")}

    @app.post("/new/cart")
    def add(session: Any = Depends(login.django_session)) -> Any:
        session["cart"] = [*session.get("cart", []), "sail"]
        return {}

    @app.post("/new/logout")
    def logout(session: Any = Depends(login.django_session)) -> Any:
        auth.logout(SimpleNamespace(session=session))
        return {}

    return app


async def visit(app: Fenrir) -> Told:
    """Send the requests of one client, which keeps its cookies."""
    server = Server(app)
    cookies: Dict[str, str] = {}
    told: Told = []
    await server.startup()
    for method, path in [
        ("GET", "/new/who"), ("GET", "/login"), ("GET", "/new/who"), ("POST", "/new/cart"), ("GET", "/who"),
        ("POST", "/new/logout"), ("GET", "/who"), ("GET", "/new/who"),
        ("GET", "/login"), ("GET", "/logout"), ("GET", "/new/who"),
        ("GET", "/login"), ("GET", "/password"), ("GET", "/new/who"),
    ]:  # fmt: skip
        sent = {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {}
        answer = await server.ask(method, path, headers={"host": "testserver", **sent})
        for line in answer.headers.getlist("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            cookies[name] = value.strip('"')
        told.append((f"{method} {path}", answer.status, json.loads(answer.text)))
    await server.shutdown()
    return told


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        configure(place)
        print(json.dumps(run(visit(taken(recipe())))))
