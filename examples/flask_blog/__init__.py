"""A blog of some size, written for Flask: accounts, posts, comments, tags, search, pictures, a feed, an API, commands.

Without a change it runs on Fenrir: `fenrir run --as flask "flask_blog:create_app()"`.
"""

from __future__ import annotations

import os
from datetime import datetime

from flask import Flask, g, session

from . import commands, database, errors, security
from .views import accounts, api, authors, feed, pictures, posts


class Config:
    SECRET_KEY = os.environ.get("SECRET_KEY", "for development alone")
    DATABASE = os.environ.get("DATABASE", "blog.db")
    PICTURES = os.environ.get("PICTURES", "pictures")
    POSTS_PER_PAGE = 5
    MAX_CONTENT_LENGTH = 2 * 1024 * 1024
    SESSION_COOKIE_SAMESITE = "Lax"


def create_app(**config: object) -> Flask:
    app = Flask(__name__)
    app.config.from_object(Config)
    app.config.from_mapping(config)
    for part in (database, errors, security, commands):
        part.init_app(app)
    for view in (accounts, authors, posts, pictures, feed):
        app.register_blueprint(view.bp)
    app.register_blueprint(api.bp, url_prefix="/api")

    @app.template_filter()
    def day(value: str) -> str:
        return datetime.strptime(value[:10], "%Y-%m-%d").strftime("%d %B %Y")

    @app.template_global()
    def plural(count: int, word: str) -> str:
        return f"{count} {word}" if count == 1 else f"{count} {word}s"

    @app.context_processor
    def everywhere() -> dict:
        return {"blog": "Northern notes", "theme": session.get("theme", "light"), "me": g.get("user")}

    @app.after_request
    def harden(response):
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.content_security_policy.default_src = "'self'"
        response.vary.add("Cookie")
        return response

    return app
