"""A guest book, written for Flask and unchanged: `fenrir run --as flask "app:create_app()"`."""

from __future__ import annotations

import os
import time

from flask import Flask, g, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from . import accounts, api, entries
from .database import close_database


def create_app(database: str = ":memory:") -> Flask:
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY=os.environ.get("SECRET_KEY", "for development alone"),
        DATABASE=database,
        ENTRIES_PER_PAGE=10,
    )
    app.register_blueprint(accounts.bp)
    app.register_blueprint(entries.bp)
    app.register_blueprint(api.bp)
    app.teardown_appcontext(close_database)

    @app.before_request
    def start_clock() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def add_headers(response):
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Server-Timing"] = f"app;dur={(time.perf_counter() - g.started) * 1000:.1f}"
        return response

    @app.errorhandler(404)
    def not_found(error: HTTPException):
        if request.path.startswith("/api/"):
            return jsonify(error="not found", path=request.path), 404
        return render_template("error.html", title="Not found"), 404

    @app.errorhandler(entries.TooLong)
    def too_long(error: entries.TooLong):
        return {"error": str(error)}, 422

    @app.template_filter("shout")
    def shout(text: str) -> str:
        return f"{text.upper()}!"

    @app.context_processor
    def site():
        return {"site_title": "The guest book"}

    return app
