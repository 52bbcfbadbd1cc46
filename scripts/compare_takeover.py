"""Take public applications over, unchanged, and compare what they answer with what they answer alone.

    python scripts/compare_takeover.py flaskr DIR       the tutorial of Flask's repository, examples/tutorial
    python scripts/compare_takeover.py library DIR      the repository mdn/django-locallibrary-tutorial

DIR is a checkout. Each side runs in a process of its own, in a copy with a new database, and gets the same requests
from a client that keeps its cookies. The library needs Django, whitenoise, dj-database-url and python-dotenv.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

import httpx

HERE = "http://127.0.0.1"
#: Headers that differ from one server, or one moment, to the next.
_OTHERS = frozenset(("date", "server", "connection", "expires", "transfer-encoding", "set-cookie"))
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Step(NamedTuple):
    """A request; the fields of a form make it a POST."""

    path: str
    form: Optional[Dict[str, str]] = None
    method: str = "GET"


FLASKR = [
    Step("/"), Step("/hello"), Step("/create"), Step("/auth/register"),
    Step("/auth/register", {"username": "ada", "password": "a"}),
    Step("/auth/register", {"username": "ada", "password": "b"}),
    Step("/auth/login", {"username": "ada", "password": "no"}),
    Step("/auth/login", {"username": "ada", "password": "a"}),
    Step("/create", {"title": "", "body": "x"}), Step("/create", {"title": "Tschüß & co", "body": "<b>ä</b>"}),
    Step("/"), Step("/1/update"), Step("/1/update", {"title": "new", "body": "text"}), Step("/2/update"),
    Step("/1/delete"), Step("/static/style.css"), Step("/", method="HEAD"), Step("/hello", method="OPTIONS"),
    Step("/auth/logout"), Step("/create"), Step("/missing"),
]  # fmt: skip
LIBRARY = [
    Step("/"), Step("/catalog/"), Step("/catalog/books/"), Step("/catalog/books/?page=2"), Step("/catalog/book/1"),
    Step("/catalog/book/999"), Step("/catalog/authors/"), Step("/catalog/author/1"), Step("/catalog/mybooks/"),
    Step("/accounts/login/?next=/catalog/mybooks/"),
    Step("/accounts/login/?next=/catalog/mybooks/", {"username": "ada", "password": "wrong"}),
    Step("/accounts/login/?next=/catalog/mybooks/", {"username": "ada", "password": "lovelace"}),
    Step("/catalog/mybooks/"), Step("/catalog/author/create/"),
    Step("/catalog/author/create/", {"first_name": "Ö", "last_name": "B", "date_of_death": "11/11/2023"}),
    Step("/catalog/author/2"), Step("/admin/"), Step("/admin/catalog/book/"), Step("/catalog/books", method="HEAD"),
    Step("/static/missing.css"), Step("/missing"),
]  # fmt: skip


# ------------------------------------------------------------ one side


def flaskr() -> Any:
    """Return the application, with a new database."""
    app = importlib.import_module("flaskr").create_app()
    with app.app_context():
        importlib.import_module("flaskr.db").init_db()
    return app


def library() -> Any:
    """Return the application, with a new database, a user and some books."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "locallibrary.settings"
    importlib.import_module("django").setup()
    command: Any = importlib.import_module("django.core.management").call_command
    command("migrate", verbosity=0)
    command("collectstatic", interactive=False, verbosity=0)
    models: Any = importlib.import_module("catalog.models")
    user = importlib.import_module("django.contrib.auth").get_user_model()
    user.objects.create_superuser("ada", password="lovelace")
    author = models.Author.objects.create(first_name="Mary", last_name="Shelley")
    for number in range(12):
        models.Book.objects.create(title=f"Book {number}", author=author, summary="About it", isbn=f"{number:013}")
    return importlib.import_module("locallibrary.wsgi").application


SITES: Dict[str, Tuple[Any, List[Step]]] = {"flaskr": (flaskr, FLASKR), "library": (library, LIBRARY)}


def taken_over(legacy: Any) -> Any:
    """Return an app that has taken an application over, and has a route of its own."""
    from fenrir import Fenrir

    app = Fenrir()
    app.take_over(legacy)

    @app.get("/api/new/{number}")
    async def new(number: int) -> int:
        return number

    return app


def ask_alone(app: Any, steps: List[Step]) -> List[Any]:
    """Send the requests to a WSGI application."""
    told, token = [], ""
    with httpx.Client(transport=httpx.WSGITransport(app, raise_app_exceptions=False), base_url=HERE) as client:
        for step in steps:
            answer = client.request(**_request(step, token))
            token = _token(answer, token)
            told.append(_told(answer))
    return told


async def ask_taken(app: Any, steps: List[Step]) -> List[Any]:
    """Send the requests to an ASGI application."""
    told, token = [], ""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url=HERE) as client:
        assert (await client.get("/api/new/7")).json() == 7
        for step in steps:
            answer = await client.request(**_request(step, token))
            token = _token(answer, token)
            told.append(_told(answer))
    return told


def _request(step: Step, token: str) -> Dict[str, Any]:
    if step.form is None:
        return {"method": step.method, "url": step.path}
    form = {**step.form, "csrfmiddlewaretoken": token} if token else step.form
    return {"method": "POST", "url": step.path, "data": form}


def _token(answer: httpx.Response, token: str) -> str:
    found = _TOKEN.search(answer.text)
    return found[1] if found else token


def _told(answer: httpx.Response) -> Any:
    """Return what of an answer must be the same on both sides."""
    headers = sorted((name.lower(), value) for name, value in answer.headers.items() if name.lower() not in _OTHERS)
    cookies = [
        [name.partition("=")[0], *(part for part in attributes if not part.lower().startswith("expires="))]
        for name, *attributes in (line.split("; ") for line in answer.headers.get_list("set-cookie"))
    ]
    body = _UUID.sub("UUID", _TOKEN.sub("TOKEN", answer.text))
    return [answer.status_code, headers, cookies, body]


# ------------------------------------------------------------ both sides


def compare(name: str, folder: Path) -> int:
    """Print what differs, request by request, and return how many requests do."""
    sides: Dict[str, List[Any]] = {}
    environment = {**os.environ, "PYTHONHASHSEED": "0"}  # sets are in the same order
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "site"  # of which pages and tags tell the name
        for side in ("alone", "taken"):
            shutil.rmtree(str(copy), ignore_errors=True)
            shutil.copytree(str(folder), str(copy))
            command = [sys.executable, str(Path(__file__).resolve()), name, str(copy), "--side", side]
            done = subprocess.run(
                command, cwd=str(copy), env=environment, stdout=subprocess.PIPE, encoding="utf-8", check=True
            )
            sides[side] = json.loads(done.stdout.splitlines()[-1])
    differing = 0
    for step, alone, taken in zip(SITES[name][1], sides["alone"], sides["taken"]):
        method = "POST" if step.form is not None else step.method
        parts = zip(("status", "headers", "cookies", "body"), alone, taken)
        differences = [f"{part}: {one!r} and {other!r}" for part, one, other in parts if one != other]
        differing += bool(differences)
        print(f"{method:7} {step.path:45} {alone[0]}  {'; '.join(differences)[:2000] or 'equal'}")
    print(f"{name}: {len(sides['alone']) - differing} of {len(sides['alone'])} equal")
    return differing


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=list(SITES))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--side", choices=["alone", "taken"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side is None:
        return 1 if compare(given.name, given.folder.resolve()) else 0
    sys.path.insert(0, str(given.folder))
    make, steps = SITES[given.name]
    app = make()
    told = ask_alone(app, steps) if given.side == "alone" else asyncio.run(ask_taken(taken_over(app), steps))
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
