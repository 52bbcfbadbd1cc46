"""Posts: list, search, one with its comments, writing, editing, deleting."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for

from ..database import all_rows, change, one_row
from ..security import login_required
from .pictures import save_picture

bp = Blueprint("posts", __name__)
POSTS = """select post.*, user.name, (select group_concat(name, ' ') from tag where tag.post = post.id) as tags,
    (select count(*) from comment where comment.post = post.id) as comments
    from post join user on user.id = post.author"""


def find(number: int, user=None):
    post = one_row(f"{POSTS} where post.id = ?", number)
    if post is None:
        abort(404, f"There is no post {number}.")
    if user is not None and post["author"] != user["id"]:
        abort(403)
    return post


def page_of(where: str = "1", *values):
    size = current_app.config["POSTS_PER_PAGE"]
    page = request.args.get("page", 1, type=int)
    rows = all_rows(
        f"{POSTS} where {where} order by post.id desc limit ? offset ?", *values, size + 1, (page - 1) * size
    )
    return rows[:size], page, len(rows) > size


@bp.route("/")
def index():
    rows, page, more = page_of()
    return render_template("index.html", title="Posts", posts=rows, page=page, more=more)


@bp.route("/tags/<tag>/")
def tagged(tag: str):
    rows, page, more = page_of("post.id in (select post from tag where name = ?)", tag)
    return render_template("index.html", title=f"Tag {tag}", posts=rows, page=page, more=more)


@bp.route("/search")
def search():
    words = request.args.get("q", "")
    rows, page, more = page_of("title like ? or body like ?", f"%{words}%", f"%{words}%")
    return render_template("index.html", title=f"Search for {words}", posts=rows, page=page, more=more)


@bp.route("/posts/<int:number>/", methods=["GET", "POST"])
def show(number: int):
    if request.method == "POST":
        return comment(number=number)
    comments = all_rows(
        "select comment.*, user.name from comment join user on user.id = comment.author where post = ?", number
    )
    return render_template("post.html", post=find(number), comments=comments)


@login_required
def comment(number: int, user):
    find(number)
    if not request.form["body"].strip():
        flash("Say something.", "error")
    else:
        change("insert into comment (post, author, body) values (?, ?, ?)", number, user["id"], request.form["body"])
        flash("Thank you.")
    return redirect(url_for(".show", number=number, _anchor="comments"))


def save_tags(number: int) -> None:
    change("delete from tag where post = ?", number)
    for name in sorted({*request.form["tags"].lower().split()}):
        change("insert into tag (post, name) values (?, ?)", number, name)


@bp.route("/posts/new", methods=["GET", "POST"])
@login_required
def write(user):
    if request.method == "POST":
        if request.form["title"].strip():
            number = change(
                "insert into post (author, title, body, picture) values (?, ?, ?, ?)",
                user["id"],
                request.form["title"],
                request.form["body"],
                save_picture(request.files.get("picture")),
            )
            save_tags(number)
            flash("Published.")
            return redirect(url_for(".show", number=number))
        flash("A title, please.", "error")
    return render_template("write.html", title="Write", post=None)


@bp.route("/posts/<int:number>/edit", methods=["GET", "POST"])
@login_required
def edit(number: int, user):
    post = find(number, user)
    if request.method == "POST":
        change("update post set title = ?, body = ? where id = ?", request.form["title"], request.form["body"], number)
        save_tags(number)
        flash("Changed.")
        return redirect(url_for(".show", number=number))
    return render_template("write.html", title="Edit", post=post)


@bp.post("/posts/<int:number>/delete")
@login_required
def delete(number: int, user):
    find(number, user)
    for table, key in (("tag", "post"), ("comment", "post"), ("post", "id")):
        change(f"delete from {table} where {key} = ?", number)
    flash("Deleted.")
    return redirect(url_for(".index"))
