"""Pages about errors; JSON for clients of the API."""

from __future__ import annotations

from flask import json, render_template, request
from werkzeug.exceptions import HTTPException


def init_app(app) -> None:
    @app.errorhandler(HTTPException)
    def page(error: HTTPException):
        if request.path.startswith("/api/"):
            response = error.get_response()  # it has the headers of the error, such as WWW-Authenticate
            response.data = json.dumps({"error": error.name, "detail": error.description})
            response.content_type = "application/json"
            return response
        return render_template("error.html", error=error), error.code
