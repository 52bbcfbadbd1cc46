"""The posts as JSON: class-based views, with HTTP Basic for changes and entity tags for readers."""

from __future__ import annotations

from flask import Blueprint, abort, jsonify, request, url_for
from flask.views import MethodView
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized
from werkzeug.security import check_password_hash

from ..database import all_rows, change, one_row
from .posts import POSTS, find

bp = Blueprint("api", __name__)


def as_json(row) -> dict:
    return {
        "id": row["id"],
        "title": row["title"],
        "body": row["body"],
        "author": row["name"],
        "tags": (row["tags"] or "").split(),
        "url": url_for("posts.show", number=row["id"], _external=True),
    }


def user_of_request():
    given = request.authorization
    if given is not None and given.type == "basic":
        found = one_row("select * from user where name = ?", given.username)
        if found is not None and check_password_hash(found["password"], given.password):
            return found
    raise Unauthorized("Send a name and a password.", www_authenticate=WWWAuthenticate("basic", {"realm": "blog"}))


class Posts(MethodView):
    def get(self):
        response = jsonify([as_json(row) for row in all_rows(f"{POSTS} order by post.id")])
        response.add_etag()
        return response.make_conditional(request)

    def post(self):
        user, given = user_of_request(), request.get_json()
        if not given.get("title"):
            abort(422, "`title` is missing.")
        number = change(
            "insert into post (author, title, body) values (?, ?, ?)", user["id"], given["title"], given.get("body", "")
        )
        return as_json(find(number)), 201, {"Location": url_for("api.post", number=number)}


class Post(MethodView):
    def get(self, number: int):
        return as_json(find(number))

    def delete(self, number: int):
        find(number, user_of_request())
        change("delete from post where id = ?", number)
        return "", 204


bp.add_url_rule("/posts", view_func=Posts.as_view("posts"))
bp.add_url_rule("/posts/<int:number>", view_func=Post.as_view("post"))
