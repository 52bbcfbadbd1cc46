"""Who is logged in, and the token that forms carry."""

from __future__ import annotations

import functools
import secrets

from flask import abort, flash, g, redirect, request, session, url_for

from .database import one_row


def token() -> str:
    if "token" not in session:
        session["token"] = secrets.token_urlsafe(16)
    return session["token"]


def load_user() -> None:
    number = session.get("user")
    g.user = None if number is None else one_row("select * from user where id = ?", number)


def check_token() -> None:
    if request.method == "POST" and request.blueprint != "api":
        if not secrets.compare_digest(request.form.get("token", ""), session.get("token", "-")):
            abort(400, "The form is too old: load the page again.")


def login_required(view):
    @functools.wraps(view)
    def wrapped(*args, **kwargs):
        if g.user is None:
            flash("Log in first.", "error")
            return redirect(url_for("accounts.login", next=request.path))
        kwargs["user"] = g.user  # the view has one argument more than its rule
        return view(*args, **kwargs)

    return wrapped


def init_app(app) -> None:
    app.before_request(load_user)
    app.before_request(check_token)
    app.jinja_env.globals["token"] = token
