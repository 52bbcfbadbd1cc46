"""The same as JSON and CSV."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, request, stream_with_context

from .database import get_database
from .entries import add_entry, find_entry

bp = Blueprint("api", __name__, url_prefix="/api")


@bp.get("/entries")
def listed():
    rows = get_database().execute("select id, author, text from entry order by id").fetchall()
    return jsonify([dict(row) for row in rows])


@bp.get("/entries/<int:number>")
def one(number: int):
    row = find_entry(number)
    return {"id": row["id"], "author": row["author"], "text": row["text"]}


@bp.post("/entries")
def create():
    given = request.get_json()
    number = add_entry(given["author"], given["text"])
    response = make_response({"id": number}, 201)
    response.headers["Location"] = f"/api/entries/{number}"
    response.set_cookie("last", str(number), httponly=True)
    return response


@bp.get("/entries.csv")
def export():
    def lines():
        yield "id,author\n"
        for row in get_database().execute("select id, author from entry order by id"):
            yield f"{row['id']},{row['author']}\n"

    return Response(stream_with_context(lines()), mimetype="text/csv")


@bp.get("/agent")
def agent():
    return {"method": request.method, "host": request.host, "agent": request.headers.get("User-Agent", "")}
