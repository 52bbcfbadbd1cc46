"""One SQLite connection an app context, as Flask's tutorial keeps it."""

from __future__ import annotations

import sqlite3

from flask import current_app, g

SCHEMA = """
create table if not exists user (id integer primary key, name text unique not null, password text not null);
create table if not exists entry (
    id integer primary key, author text not null, text text not null, created timestamp default current_timestamp
);
"""


def get_database() -> sqlite3.Connection:
    if "database" not in g:
        g.database = sqlite3.connect(current_app.config["DATABASE"], check_same_thread=False)
        g.database.row_factory = sqlite3.Row
        g.database.executescript(SCHEMA)
    return g.database


def close_database(error=None) -> None:
    database = g.pop("database", None)
    if database is not None:
        database.close()
