"""Accounts: registration, login, logout, the theme."""

from __future__ import annotations

import re
import sqlite3

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from werkzeug.security import check_password_hash

from ..commands import hash_of
from ..database import change, one_row
from ..security import login_required

bp = Blueprint("accounts", __name__, url_prefix="/accounts")


@bp.route("/register", methods=["GET", "POST"])
def register():
    if request.method == "POST":
        name, password = request.form["name"].strip(), request.form["password"]
        if not name or len(password) < 4:
            flash("A name, and a password of four characters, please.", "error")
        else:
            try:
                change("insert into user (name, password) values (?, ?)", name, hash_of(password))
            except sqlite3.IntegrityError:
                flash(f"{name} is taken.", "error")
            else:
                flash(f"Welcome, {name}! Now log in.")
                return redirect(url_for(".login"))
    return render_template("account.html", title="Register")


@bp.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "POST":
        found = one_row("select * from user where name = ?", request.form["name"])
        if found is not None and check_password_hash(found["password"], request.form["password"]):
            theme = session.get("theme")
            session.clear()
            session["user"], session.permanent = found["id"], "remember" in request.form
            if theme:
                session["theme"] = theme
            flash(f"Hello, {found['name']}!")
            target = request.args.get("next", "")
            is_own = re.fullmatch(r"(/[\w.-]+)+/?", target)  # and not the URL of another site
            response = make_response(redirect(target if is_own else url_for("posts.index")))
            response.set_cookie("last_name", found["name"], max_age=86400, httponly=True, samesite="Lax")
            return response
        flash("Wrong name or password.", "error")
    return render_template("account.html", title="Log in", name=request.cookies.get("last_name", ""))


@bp.post("/logout")
def logout():
    session.clear()
    flash("Bye.")
    return redirect(url_for("posts.index"))


@bp.post("/about")
@login_required
def about(user):
    change("update user set about = ? where id = ?", request.form["about"], user["id"])
    flash("Saved.")
    return redirect(url_for("authors.page", name=user["name"]))


@bp.post("/theme/<any(light, dark):theme>")
def theme(theme: str):
    session["theme"] = theme
    return redirect(request.referrer or url_for("posts.index"))
