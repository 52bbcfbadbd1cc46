"""The pages of the book."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.views import MethodView

from .accounts import login_required
from .database import get_database

bp = Blueprint("entries", __name__)


class TooLong(Exception):
    """An entry is over the limit."""


def add_entry(author: str, text: str) -> int:
    if len(text) > 200:
        raise TooLong("an entry has at most 200 characters")
    cursor = get_database().execute("insert into entry (author, text) values (?, ?)", (author, text))
    get_database().commit()
    return int(cursor.lastrowid or 0)


def find_entry(number: int):
    found = get_database().execute("select * from entry where id = ?", (number,)).fetchone()
    if found is None:
        abort(404)
    return found


@bp.route("/")
def index():
    page = request.args.get("page", 1, type=int)
    size = current_app.config["ENTRIES_PER_PAGE"]
    rows = get_database().execute("select * from entry order by id desc limit ? offset ?", (size, (page - 1) * size))
    return render_template("index.html", entries=rows.fetchall())


class EntryView(MethodView):
    decorators = [login_required]

    def get(self, number: int):
        return render_template("entry.html", entry=find_entry(number))

    def post(self, number: int):
        if find_entry(number)["author"] != g.user["name"]:
            abort(403)
        get_database().execute("delete from entry where id = ?", (number,))
        get_database().commit()
        flash("Gone.")
        return redirect(url_for("entries.index"))


bp.add_url_rule("/entries/<int:number>", view_func=EntryView.as_view("entry"))


@bp.post("/entries")
@login_required
def create():
    number = add_entry(g.user["name"], request.form["text"])
    return redirect(url_for("entries.entry", number=number))
