"""Alembic: migrations that the lifespan runs, before requests read the tables."""

from __future__ import annotations

import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, AsyncIterator, Optional

from alembic import command
from alembic.config import Config
from fastapi import FastAPI, Response
from sqlalchemy import create_engine, inspect, text

PACKAGE = "alembic"
FOLDER = Path(tempfile.mkdtemp())
URL = f"sqlite:///{FOLDER / 'app.db'}"
config = Config(str(FOLDER / "alembic.ini"))
config.set_main_option("script_location", str(FOLDER / "migrations"))
config.set_main_option("sqlalchemy.url", URL)
config.stdout = open(FOLDER / "log", "w")
engine = create_engine(URL)


def write_migration(name: str, before: Optional[str], up: str, down: str) -> None:
    lines = [
        "from alembic import op",
        "import sqlalchemy as sa",
        f"revision, down_revision = {name!r}, {before!r}",
        f"def upgrade(): {up}",
        f"def downgrade(): {down}",
    ]
    (FOLDER / "migrations/versions" / f"{name}.py").write_text("\n".join(lines))


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    command.init(config, str(FOLDER / "migrations"))
    write_migration("a", None, "op.create_table('pet', sa.Column('name', sa.String()))", "op.drop_table('pet')")
    write_migration("b", "a", "op.add_column('pet', sa.Column('age', sa.Integer()))", "op.drop_column('pet', 'age')")
    command.upgrade(config, "a")
    yield


app = FastAPI(lifespan=lifespan)


@app.post("/upgrade/{to}")
def upgrade(to: str) -> Any:
    command.upgrade(config, to)
    return "done"


@app.post("/downgrade/{to}")
def downgrade(to: str) -> Any:
    command.downgrade(config, to)
    return "done"


@app.get("/columns")
def columns() -> Any:
    return {table: [column["name"] for column in inspect(engine).get_columns(table)] for table in tables()}


@app.get("/revision")
def revision(response: Response) -> Any:
    with engine.connect() as connection:
        found = connection.execute(text("select version_num from alembic_version")).scalar()
    response.headers["x-revision"] = str(found)
    return found


def tables() -> Any:
    return sorted(inspect(engine).get_table_names())


HEADERS = ("x-revision",)
REQUESTS = [
    ("GET", "/columns"),
    ("GET", "/revision"),
    ("POST", "/upgrade/head"),
    ("GET", "/revision"),
    ("GET", "/columns"),
    ("POST", "/upgrade/nowhere"),
    ("POST", "/downgrade/a"),
    ("GET", "/columns"),
    ("POST", "/downgrade/base"),
    ("GET", "/columns"),
]
