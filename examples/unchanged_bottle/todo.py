"""A to-do list: the functions of Bottle's module, SQLite, templates, forms, static files and cookies.

`python todo.py` serves it with Bottle, `fenrir run --as bottle examples/unchanged_bottle/todo.py:app` with Fenrir.
"""

from __future__ import annotations

import os
import secrets
import sqlite3

from bottle import (
    TEMPLATE_PATH,
    abort,
    default_app,
    error,
    get,
    hook,
    post,
    redirect,
    request,
    response,
    route,
    run,
    static_file,
    template,
    url,
    view,
)

HERE = os.path.dirname(os.path.abspath(__file__))
TEMPLATE_PATH.insert(0, os.path.join(HERE, "views"))
# for one user: beside this file, unless it is told otherwise
DATABASE = os.environ.get("TODO_DATABASE", os.path.join(HERE, "todo.db"))
# without one of its own, what it has signed is worth nothing after a restart
SECRET = os.environ.get("TODO_SECRET") or secrets.token_hex(32)
FILTERS = {"open": "WHERE done = 0", "done": "WHERE done = 1", "all": ""}


def connect():
    connection = sqlite3.connect(DATABASE)
    connection.row_factory = sqlite3.Row
    connection.execute("CREATE TABLE IF NOT EXISTS task (id INTEGER PRIMARY KEY, title TEXT NOT NULL, done INTEGER)")
    return connection


@hook("before_request")
def open_database():
    request.db = connect()


@hook("after_request")
def close_database():
    request.db.commit()
    request.db.close()
    response.set_header("X-Tasks", "Bottle")


def task_or_404(number):
    task = request.db.execute("SELECT * FROM task WHERE id = ?", (number,)).fetchone()
    if task is None:
        abort(404, f"There is no task {number}.")
    return task


@route("/")
def home():
    redirect(url("tasks"))


@get("/tasks", name="tasks")
@view("tasks")
def tasks():
    show = request.query.show or request.get_cookie("show") or "open"
    if show not in FILTERS:
        abort(400, "Show what?")
    response.set_cookie("show", show, path="/")
    rows = request.db.execute(f"SELECT * FROM task {FILTERS[show]} ORDER BY id").fetchall()
    return {"tasks": rows, "show": show, "last": request.get_cookie("last", secret=SECRET), "title": "Tasks"}


@post("/tasks")
def add():
    title = request.forms.getunicode("title", "").strip()
    if not title:
        response.status = 422
        return template("message", title="Nothing to do", text="Give the task a title.")
    request.db.execute("INSERT INTO task (title, done) VALUES (?, 0)", (title,))
    response.set_cookie("last", title, secret=SECRET, path="/", httponly=True)
    return redirect(url("tasks"), 303)


@route("/tasks/<number:int>", method=["GET", "POST"], name="task")
def edit(number):
    task = task_or_404(number)
    if request.method == "POST":
        done = "done" in request.forms
        values = (request.forms.getunicode("title") or task["title"], done, number)
        request.db.execute("UPDATE task SET title = ?, done = ? WHERE id = ?", values)
        redirect(url("task", number=number))
    return template("task", task=task, title="Task")


@route("/tasks/<number:int>", method="DELETE")
def delete(number):
    task_or_404(number)
    request.db.execute("DELETE FROM task WHERE id = ?", (number,))
    response.status = 204


@get("/tasks.json")
def export():
    rows = request.db.execute("SELECT * FROM task ORDER BY id")
    return {"tasks": [{"title": row["title"], "done": bool(row["done"])} for row in rows]}


@post("/import")
def import_tasks():
    upload = request.files.get("file")
    if upload is None:
        abort(400, "Send a file.")
    titles = upload.file.read().decode("utf-8").splitlines()
    request.db.executemany("INSERT INTO task (title, done) VALUES (?, 0)", [(title,) for title in titles if title])
    return f"{len(titles)} of {upload.filename}"


@get("/static/<name:path>", name="static")
def static(name):
    return static_file(name, root=os.path.join(HERE, "static"))


@error(404)
@error(400)
def failed(problem):
    return template("message", title=problem.status_line, text=problem.body)


app = default_app()

if __name__ == "__main__":
    run(port=8080)
