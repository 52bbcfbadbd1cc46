"""Flask's way: context locals, templates, a session and error handlers."""

from __future__ import annotations

from fenrir import Blueprint, Fenrir, g, render_template, request, session

pages = Blueprint("pages", __name__)


@pages.get("/")
def home() -> str:
    return render_template("home.html")


@pages.get("/welcome")
def welcome() -> str:
    name = request.args.get("name", "Guest")
    session["visits"] = session.get("visits", 0) + 1
    g.shout = name.upper()
    return render_template("welcome.html", name=name, visits=session["visits"])


def invalid(error: ValueError):
    return {"error": str(error)}, 401


def register(app: Fenrir) -> None:
    app.register_blueprint(pages)
    app.exception(ValueError)(invalid)
