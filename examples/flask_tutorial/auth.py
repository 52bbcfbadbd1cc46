"""Accounts: registration, log-in by session, and the decorator that asks for one."""

from __future__ import annotations

import functools
import sqlite3

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from werkzeug.security import check_password_hash, generate_password_hash

from .database import get_db

bp = Blueprint("auth", __name__, url_prefix="/auth")


@bp.before_app_request
def load_user() -> None:
    number = session.get("user")
    g.user = None if number is None else get_db().execute("SELECT * FROM user WHERE id = ?", (number,)).fetchone()


def login_required(view):
    @functools.wraps(view)
    def wrapped(**kwargs):
        if g.user is None:
            return redirect(url_for("auth.login"))
        return view(**kwargs)

    return wrapped


@bp.route("/register", methods=("GET", "POST"))
def register():
    if request.method == "POST":
        name, password = request.form["name"], request.form["password"]
        error = None
        if not name:
            error = "A name is required."
        elif not password:
            error = "A password is required."
        if error is None:
            # few rounds, as the tests of this example log in often: leave the method out in an app of your own
            hashed = generate_password_hash(password, method="pbkdf2:sha256:1000")
            try:
                get_db().execute("INSERT INTO user (name, password) VALUES (?, ?)", (name, hashed))
                get_db().commit()
            except sqlite3.IntegrityError:
                error = f"{name} is taken."
            else:
                return redirect(url_for("auth.login"))
        flash(error)
    return render_template("auth/form.html", title="Register")


@bp.route("/login", methods=("GET", "POST"))
def login():
    if request.method == "POST":
        user = get_db().execute("SELECT * FROM user WHERE name = ?", (request.form["name"],)).fetchone()
        if user is not None and check_password_hash(user["password"], request.form["password"]):
            session.clear()
            session["user"] = user["id"]
            return redirect(url_for("index"))
        flash("Wrong name or password.")
    return render_template("auth/form.html", title="Log in")


@bp.route("/logout")
def logout():
    session.clear()
    return redirect(url_for("index"))
