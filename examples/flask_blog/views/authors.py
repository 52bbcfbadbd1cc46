"""The pages of authors: each view has the author that the path names."""

from __future__ import annotations

from flask import Blueprint, abort, g, render_template

from ..database import one_row
from .posts import page_of

bp = Blueprint("authors", __name__, url_prefix="/authors/<name>")


@bp.url_value_preprocessor
def find_author(endpoint, values) -> None:
    g.author_name = values.pop("name")


@bp.url_defaults
def keep_author(endpoint, values) -> None:
    values.setdefault("name", g.get("author_name"))


@bp.before_request
def load_author() -> None:
    g.author = one_row("select * from user where name = ?", g.author_name)
    if g.author is None:
        abort(404, f"There is no author {g.author_name}.")


@bp.route("/")
def page():
    rows, number, more = page_of("user.name = ?", g.author["name"])
    return render_template("author.html", author=g.author, posts=rows, page=number, more=more)
