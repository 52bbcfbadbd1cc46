"""The database: SQLite, one connection for each request."""

from __future__ import annotations

import sqlite3

from flask import current_app, g

SCHEMA = """
create table if not exists user (id integer primary key, name text unique not null, password text not null,
    about text not null default '');
create table if not exists post (id integer primary key, author integer not null references user (id),
    written text not null default current_timestamp, title text not null, body text not null, picture text);
create table if not exists tag (post integer not null references post (id), name text not null,
    primary key (post, name));
create table if not exists comment (id integer primary key, post integer not null references post (id),
    author integer not null references user (id), body text not null);
"""


def get_db() -> sqlite3.Connection:
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["DATABASE"])
        g.db.row_factory = sqlite3.Row
    return g.db


def all_rows(sql: str, *values):
    return get_db().execute(sql, values).fetchall()


def one_row(sql: str, *values):
    return get_db().execute(sql, values).fetchone()


def change(sql: str, *values) -> int:
    """Execute a statement in the transaction of this request, which is committed if the request succeeds."""
    return get_db().execute(sql, values).lastrowid


def close(error=None) -> None:
    db = g.pop("db", None)
    if db is not None:
        if error is None:
            db.commit()
        db.close()


def init_app(app) -> None:
    app.teardown_appcontext(close)
    with app.app_context():
        get_db().executescript(SCHEMA)
