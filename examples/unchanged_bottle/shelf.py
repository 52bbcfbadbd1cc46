"""A shelf of documents: an app object with a plugin, a mounted app, Basic authentication, streams and JSON.

`python shelf.py` serves it with Bottle, `fenrir run --as bottle examples/unchanged_bottle/shelf.py:app` with Fenrir.
"""

from __future__ import annotations

import functools

from bottle import Bottle, HTTPError, HTTPResponse, auth_basic, request, response, run

app = Bottle()
admin = Bottle()
DOCUMENTS = {"readme": "Read me.\nThen do.\n", "notes": "Grüße\n"}


class Timed:
    """A plugin of API 2 that counts the calls of each route."""

    name = "timed"
    api = 2

    def setup(self, app):
        self.calls = app.config.setdefault("timed.calls", 0)

    def apply(self, callback, route):
        if route.config.get("untimed"):
            return callback

        @functools.wraps(callback)
        def counted(*args, **kwargs):
            self.calls += 1
            response.set_header("X-Calls", str(self.calls))
            return callback(*args, **kwargs)

        return counted

    def close(self):
        self.calls = 0


def slug_filter(config):
    return r"[a-z]+", lambda text: text, lambda text: text.lower()


app.install(Timed())
app.router.add_filter("slug", slug_filter)


@app.get("/documents")
def index():
    return {"documents": sorted(DOCUMENTS), "page": int(request.query.get("page", 1))}


@app.get("/documents/<name:slug>", name="document")
def document(name):
    if name not in DOCUMENTS:
        raise HTTPError(404, f"No document {name}.")
    response.content_type = "text/plain; charset=utf-8"
    return (line + "\n" for line in DOCUMENTS[name].splitlines())


@app.put("/documents/<name:slug>", untimed=True)
def save(name):
    if not request.json or "text" not in request.json:
        raise HTTPResponse({"error": "text is missing"}, 400)
    created = name not in DOCUMENTS
    DOCUMENTS[name] = request.json["text"]
    response.status = 201 if created else 200
    response.set_header("Location", app.get_url("document", name=name))
    return {"name": name, "size": len(request.body.read())}


@app.route("/echo/<path:path>", method="ANY")
def echo(path):
    return [request.method, " ", request.path, " ", request.query_string, " ", path]


@admin.get("/")
@auth_basic(lambda user, password: (user, password) == ("ann", "secret"))
def administration():
    return f"Hello {request.auth[0]}, this is {request.script_name}"


@admin.get("/boom")
def boom():
    raise HTTPResponse("gone", 410, X_Reason="moved away")


app.mount("/admin", admin)


@app.error(404)
def missing(problem):
    response.content_type = "text/plain"
    return f"404: {problem.body}"


if __name__ == "__main__":
    run(app, port=8080)
