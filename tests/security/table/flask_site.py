"""The endpoints of the table in Flask's way."""

from __future__ import annotations

from typing import Any

import fenrir_flask as flask

from .sites import KEY, PUBLIC, fail, number, shown, surrogate


def flask_site() -> Any:
    """Return a Flask app."""
    app = flask.Flask("hostile", static_folder=str(PUBLIC), static_url_path="/static")
    app.secret_key = KEY
    request: Any = flask.request

    @app.get("/query")
    def query() -> Any:
        return {"a": request.args.get("a")}

    @app.get("/path/<value>")
    def path(value: str) -> Any:
        return {"a": value}

    @app.post("/form")
    def form() -> Any:
        files = {name: file.filename for name, file in request.files.items()}
        return {"fields": request.form.to_dict(), "files": files}

    @app.post("/json")
    def json() -> Any:
        return {"got": request.get_json()}

    @app.get("/cookies")
    def cookies() -> Any:
        return dict(request.cookies)

    @app.route("/facts", methods=["GET", "POST"])
    def facts() -> Any:
        names = (
            "authorization accept_mimetypes accept_languages accept_charsets accept_encodings range if_range if_match"
            " if_none_match if_modified_since if_unmodified_since date content_type mimetype mimetype_params is_json"
            " content_length content_encoding content_md5 host host_url url base_url root_url full_path cookies"
            " access_route remote_addr is_secure max_forwards origin referrer user_agent pragma cache_control"
            " access_control_request_headers access_control_request_method scheme server query_string args values"
        )
        best = request.accept_mimetypes.best_match(["text/html", "application/json"])
        language = request.accept_languages.best_match(["de", "en"])
        return {**shown(request, names), "best": best, "language": language, "json": request.get_json(silent=True)}

    @app.get("/out/<way>")
    def out(way: str) -> Any:
        v = request.args.get("v", "")
        response = flask.make_response("body")
        if way == "header":
            response.headers["X-Out"] = v
        elif way == "cookie":
            response.set_cookie("c", v)
        elif way == "redirect":
            return flask.redirect("/there/" + v)
        elif way == "type":
            response.content_type = "text/" + v
        elif way == "download":
            return flask.send_file(PUBLIC / "a.txt", download_name=v or None, as_attachment=True)
        elif way == "text":
            return surrogate(v)
        elif way == "json":
            return flask.jsonify(text=surrogate(v))
        elif way == "number":
            return {"number": number(v)}
        elif way == "tuple":
            return "body", 200, {"X-Out": v}
        elif way == "location":
            response.location = "/there/" + v
        return response

    @app.get("/files/<path:name>")
    def files(name: str) -> Any:
        return flask.send_from_directory(PUBLIC, name)

    @app.get("/file")
    def file() -> Any:
        return flask.send_file(PUBLIC / "a.txt")

    @app.get("/boom/<path:rest>")
    def boom(rest: str) -> Any:
        fail()

    @app.get("/session")
    def session() -> Any:
        return {"n": flask.session.get("n")}

    return app
