"""An app with applications of real frameworks mounted in it, of WSGI and of ASGI, for requests over real servers.

The WSGI applications answer the same paths, each as its framework does, within the validator of PEP 3333. Of the
ASGI applications see `tests.hybrid.real_mounts`. `/events` returns what has happened.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import logging
import warnings
from pathlib import Path
from typing import Any, AsyncIterator, Callable, Dict, Iterator, List
from wsgiref.validate import validator

from tests.hybrid.real_mounts import MAKERS

from fenrir_core import App
from fenrir_wsgi import mount_wsgi

events: List[str] = []
PIECE = b"0123456789abcdef" * 1024
FILE = Path(__file__)


def hashed(stream: Any) -> str:
    """Return the size and the hash of a body, read in pieces."""
    digest, size = hashlib.sha256(), 0
    for part in iter(lambda: stream.read(65536), b""):
        digest.update(part)
        size += len(part)
    return f"{size} {digest.hexdigest()}"


#: A form for a file, as each framework's templates make it.
FORM = '<form action="{{ action }}" method="post" enctype="multipart/form-data">{{ token }}</form>'


def received(name: str, file: Any) -> str:
    """Return what was sent with the form."""
    return f"{name} {hashed(file)}"


def endless(site: str) -> Iterator[bytes]:
    """Yield for ever, and note the end."""
    try:
        while True:
            yield PIECE
    finally:
        events.append(f"{site} closed")


def broken() -> Iterator[bytes]:
    """Fail after more than waits for a client that takes nothing, so that the first bytes were sent."""
    for _ in range(64):
        yield PIECE
    raise LookupError("in the middle")


# ------------------------------------------------------------ WSGI


def flask_site() -> Any:
    """Return the application of Flask."""
    import flask

    app = flask.Flask("site")
    app.secret_key = "a key for tests alone"

    @app.route("/where/<path:rest>")
    def where(rest: str) -> Any:
        return {"rest": rest, "url": flask.url_for("where", rest=rest, _external=True), "seen": flask.request.url}

    @app.route("/twice")
    def twice() -> Any:
        answer = flask.Response(flask.request.headers.get("x-tag", ""))
        answer.set_cookie("a", "1")
        answer.set_cookie("b", "2")
        answer.headers.add("Link", "</1>")
        answer.headers.add("Link", "</2>")
        return answer

    @app.route("/visits")
    def visits() -> Any:
        flask.session["visits"] = flask.session.get("visits", 0) + 1
        return str(flask.session["visits"])

    @app.route("/form", methods=["GET", "POST"])
    def form() -> Any:
        if flask.request.method == "POST":
            return received(flask.request.form["name"], flask.request.files["file"].stream)
        return flask.render_template_string(FORM, action=flask.url_for("form"))

    app.add_url_rule("/hash", "hash", lambda: hashed(flask.request.stream), methods=["POST"])
    app.add_url_rule("/endless", "endless", lambda: flask.Response(endless("flask")))
    app.add_url_rule("/late", "late", lambda: flask.Response(broken()))
    app.add_url_rule("/boom", "boom", lambda: 1 / 0)
    app.add_url_rule("/file", "file", lambda: flask.send_file(FILE, mimetype="text/plain"))
    return app


def bottle_site() -> Any:
    """Return the application of Bottle."""
    import bottle

    app = bottle.Bottle()

    @app.route("/where/<rest:path>", name="where")
    def where(rest: str) -> Any:
        built = bottle.request.urlparts
        url = f"{built.scheme}://{built.netloc}{app.get_url('where', rest=rest)}"
        return {"rest": rest, "url": url, "seen": bottle.request.url}

    @app.route("/twice")
    def twice() -> str:
        bottle.response.set_cookie("a", "1")
        bottle.response.set_cookie("b", "2")
        bottle.response.add_header("Link", "</1>")
        bottle.response.add_header("Link", "</2>")
        return bottle.request.get_header("x-tag") or ""

    @app.route("/visits")
    def visits() -> str:
        count = int(bottle.request.get_cookie("visits", default="0", secret="key")) + 1
        bottle.response.set_cookie("visits", str(count), secret="key", path="/")
        return str(count)

    @app.route("/form", ["GET", "POST"], name="form")
    def form() -> Any:
        if bottle.request.method == "POST":
            return received(bottle.request.forms.name, bottle.request.files.file.file)
        return bottle.template(FORM, action=app.get_url("form"), token="")

    app.route("/hash", "POST", lambda: hashed(bottle.request["wsgi.input"]))
    app.route("/endless", "GET", lambda: endless("bottle"))
    app.route("/late", "GET", broken)
    app.route("/boom", "GET", lambda: 1 / 0)
    app.route("/file", "GET", lambda: bottle.static_file(FILE.name, str(FILE.parent), mimetype="text/plain"))
    return app


def django_site() -> Any:
    """Return the application of Django; call it after `django_app` of the ASGI applications, whose URLs it keeps."""
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import FileResponse, HttpResponse, JsonResponse, StreamingHttpResponse
    from django.middleware.csrf import get_token
    from django.template import Context, Engine
    from django.urls import path, reverse
    from django.views.decorators.csrf import csrf_protect
    from django.views.decorators.gzip import gzip_page

    def where(request: Any, rest: str) -> Any:
        url = request.build_absolute_uri(reverse("where", kwargs={"rest": rest}))
        return JsonResponse({"rest": rest, "url": url, "seen": request.build_absolute_uri()})

    def twice(request: Any) -> Any:
        answer = HttpResponse(request.headers.get("x-tag", ""))
        answer.set_cookie("a", "1")
        answer.set_cookie("b", "2")
        answer.headers["Link"] = "</1>, </2>"  # which Django's headers can't have twice
        return answer

    def visits(request: Any) -> Any:
        request.session["visits"] = request.session.get("visits", 0) + 1
        return HttpResponse(str(request.session["visits"]))

    @gzip_page
    @csrf_protect
    def form(request: Any) -> Any:
        if request.method == "POST":
            return HttpResponse(received(request.POST["name"], request.FILES["file"]))
        values = {"action": reverse("form"), "token": get_token(request)}
        page = Engine().from_string(FORM + "<p>a page that is worth compressing</p>" * 20)
        return HttpResponse(page.render(Context(values)))

    views: Dict[str, Callable[[Any], Any]] = {
        "form": form,
        "twice": twice,
        "visits": visits,
        "hash": lambda request: HttpResponse(hashed(request)),
        "endless": lambda request: StreamingHttpResponse(endless("django")),
        "late": lambda request: StreamingHttpResponse(broken()),
        "boom": lambda request: 1 / 0,
        "file": lambda request: FileResponse(FILE.open("rb"), content_type="text/plain"),
    }
    own = [path(name, view, name=name) for name, view in views.items()]
    settings.ROOT_URLCONF = (*settings.ROOT_URLCONF, path("where/<path:rest>", where, name="where"), *own)
    return WSGIHandler()


def configure_django() -> None:
    """Configure Django for both of its applications."""
    import django
    from django.conf import settings

    settings.configure(
        ALLOWED_HOSTS=["*"],
        MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
        LOGGING_CONFIG=None,
        ROOT_URLCONF=(),
        SECRET_KEY="a key for tests alone",
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        USE_TZ=True,
    )
    django.setup()


def telling(site: Any) -> Any:
    """Return a WSGI application that tells the path's variables in headers, as hexadecimal bytes."""

    def application(environ: Dict[str, Any], start_response: Any) -> Any:
        told = [(f"X-{name.title()}", environ[name].encode("latin-1").hex()) for name in ("SCRIPT_NAME", "PATH_INFO")]

        def start(status: str, headers: List[Any], *rest: Any) -> Any:
            return start_response(status, [*headers, *told], *rest)

        return site(environ, start)

    return application


def echo(environ: Dict[str, Any], start_response: Any) -> Iterator[bytes]:
    """Return each line of the body before the next one is read."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return iter(lambda: environ["wsgi.input"].readline(), b"")


def legacy(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
    """Answer whatever the app has no route for, without reading the body."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Allow", "POST, OPTIONS")])
    return [f"legacy {environ['REQUEST_METHOD']} {environ['SCRIPT_NAME']}|{environ['PATH_INFO']}".encode()]


#: The WSGI applications that can be made here, by their prefixes.
SITES = {"flask": flask_site, "bottle": bottle_site, "django": django_site}
ASGI_LOGS: Dict[str, List[str]] = {}


@contextlib.asynccontextmanager
async def lifespan(app: App) -> AsyncIterator[None]:
    """Print at the end what the lifespans of the ASGI applications have noted."""
    yield
    print(
        "lifespans:",
        {name: [line for line in log if line in ("started", "stopped")] for name, log in ASGI_LOGS.items()},
    )


app = App(paradigms=(), autoload=False, lifespan=lifespan)


@app.get("/text")
async def text() -> Any:
    return "some text"


@app.get("/events")
async def read_events() -> Any:
    return [*events, *(f"{name} {line}" for name, log in ASGI_LOGS.items() for line in log)]


def _mount_all() -> None:
    logging.getLogger("django.request").disabled = True
    if importlib.util.find_spec("django"):
        configure_django()
    for name, (make, _) in MAKERS.items():
        if importlib.util.find_spec(name):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                mounted, ASGI_LOGS[name] = make()
            app.mount(f"/asgi/{name}", mounted)
    for name, make_site in SITES.items():
        if importlib.util.find_spec(name):
            site = telling(make_site())
            mount_wsgi(app, validator(site), prefix=f"/{name}", max_body=8 << 20)
            mount_wsgi(app, validator(site), prefix=f"/é/{name}")
    mount_wsgi(app, validator(echo), prefix="/echo")
    mount_wsgi(app, validator(legacy), prefix="/")


_mount_all()
