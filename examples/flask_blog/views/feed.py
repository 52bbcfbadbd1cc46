"""The feed, as a stream of XML."""

from __future__ import annotations

from flask import Blueprint, Response, request, stream_with_context, url_for
from markupsafe import escape

from ..database import get_db

bp = Blueprint("feed", __name__)


@bp.get("/feed.xml")
def feed():
    def lines():
        yield f'<?xml version="1.0"?><rss version="2.0"><channel><title>Posts</title><link>{request.url_root}</link>'
        for row in get_db().execute("select id, title from post order by id desc limit 20"):
            link = url_for("posts.show", number=row["id"], _external=True)
            yield f"<item><title>{escape(row['title'])}</title><link>{link}</link></item>"
        yield "</channel></rss>"

    return Response(stream_with_context(lines()), mimetype="application/rss+xml")
