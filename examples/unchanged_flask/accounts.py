"""Accounts: registration, login by session, and the decorator that asks for one."""

from __future__ import annotations

import functools
import sqlite3

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from werkzeug.security import check_password_hash, generate_password_hash

from .database import get_database

bp = Blueprint("accounts", __name__, url_prefix="/accounts")


@bp.before_app_request
def load_user() -> None:
    name = session.get("user")
    g.user = None if name is None else get_database().execute("select * from user where name = ?", (name,)).fetchone()


def login_required(view):
    @functools.wraps(view)
    def wrapped(*args, **values):
        if g.user is None:
            return redirect(url_for("accounts.login", next=request.path))
        return view(*args, **values)

    return wrapped


@bp.route("/register", methods=("GET", "POST"))
def register():
    if request.method == "POST":
        name, password = request.form["name"], request.form["password"]
        try:
            hashed = generate_password_hash(password, method="pbkdf2:sha256:1000")
            get_database().execute("insert into user (name, password) values (?, ?)", (name, hashed))
            get_database().commit()
        except sqlite3.IntegrityError:
            flash(f"{name} is taken.", "error")
        else:
            flash("Welcome! Now log in.")
            return redirect(url_for(".login"))
    return render_template("form.html", title="Register", action=url_for("accounts.register"))


@bp.route("/login", methods=("GET", "POST"))
def login():
    if request.method == "POST":
        found = get_database().execute("select * from user where name = ?", (request.form["name"],)).fetchone()
        if found is not None and check_password_hash(found["password"], request.form["password"]):
            session.clear()
            session["user"] = found["name"]
            return redirect(request.args.get("next") or url_for("entries.index"))
        flash("Wrong name or password.", "error")
    return render_template("form.html", title="Log in", action=request.full_path)


@bp.post("/logout")
def logout():
    session.clear()
    return redirect(url_for("entries.index"))
