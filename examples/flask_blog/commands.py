"""Commands: `flask blog users`, `flask blog seed 20`."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from werkzeug.security import generate_password_hash

from .database import all_rows, change, get_db

blog = AppGroup("blog", help="Look after the blog.")


@blog.command("users")
def users() -> None:
    """List the users."""
    for row in all_rows("select name, (select count(*) from post where author = user.id) as posts from user"):
        click.echo(f"{row['name']}: {row['posts']}")


@blog.command("seed")
@click.argument("count", type=int)
@click.option("--author", default="ada")
def seed(count: int, author: str) -> None:
    """Write some posts."""
    number = change("insert into user (name, password) values (?, ?)", author, hash_of("secret"))
    for index in range(count):
        change("insert into post (author, title, body) values (?, ?, ?)", number, f"Post {index}", "Some words.")
    get_db().commit()
    click.echo(f"{count} posts by {author}")


def hash_of(password: str) -> str:
    # few rounds, as the tests of this example log in often: leave the method out in an app of your own
    return generate_password_hash(password, method="pbkdf2:sha256:1000")


def init_app(app) -> None:
    app.cli.add_command(blog)
