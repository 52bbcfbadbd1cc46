"""Notes: everybody reads them, their owners change them."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.exceptions import abort

from .auth import login_required
from .database import get_db

bp = Blueprint("notes", __name__)
_SELECT = "SELECT note.*, user.name FROM note JOIN user ON note.owner = user.id"


@bp.route("/")
def index():
    return render_template("notes/index.html", notes=get_db().execute(f"{_SELECT} ORDER BY note.id DESC").fetchall())


def find(number: int, for_owner: bool = True):
    note = get_db().execute(f"{_SELECT} WHERE note.id = ?", (number,)).fetchone()
    if note is None:
        abort(404, f"There is no note {number}.")
    if for_owner and note["owner"] != g.user["id"]:
        abort(403)
    return note


def save(sql: str, *values) -> bool:
    """Save a note from the form; tell the user if it has no title."""
    if not request.form["title"]:
        flash("A title is required.")
        return False
    get_db().execute(sql, (request.form["title"], request.form["text"], *values))
    get_db().commit()
    return True


@bp.route("/create", methods=("GET", "POST"))
@login_required
def create():
    if request.method == "POST" and save("INSERT INTO note (title, text, owner) VALUES (?, ?, ?)", g.user["id"]):
        return redirect(url_for("notes.index"))
    return render_template("notes/form.html", title="New note", note=None)


@bp.route("/<int:number>/update", methods=("GET", "POST"))
@login_required
def update(number: int):
    note = find(number)
    if request.method == "POST" and save("UPDATE note SET title = ?, text = ? WHERE id = ?", number):
        return redirect(url_for("notes.index"))
    return render_template("notes/form.html", title="Edit", note=note)


@bp.route("/<int:number>/delete", methods=("POST",))
@login_required
def delete(number: int):
    find(number)
    get_db().execute("DELETE FROM note WHERE id = ?", (number,))
    get_db().commit()
    return redirect(url_for("notes.index"))
