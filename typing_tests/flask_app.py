"""An app in Flask's style."""

from __future__ import annotations

from typing import Any, Dict, Tuple, Union

from fenrir_flask import (
    Blueprint,
    Config,
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    session,
    url_for,
)

app = Flask(__name__, static_folder="static")
app.secret_key = "secret"
app.config.from_mapping(DEBUG=True)
pages = Blueprint("pages", __name__, url_prefix="/pages")


@app.before_request
def load() -> None:
    g.user = session.get("user")


@app.route("/", methods=["GET", "POST"])
def home() -> Union[str, Response]:
    if request.method == "POST":
        session["user"] = request.form["user"]
        flash("welcome")
    config: Config = current_app.config
    current_app.logger.info("debug is %s", config.get("DEBUG", False))
    if g.user is None:
        abort(401)
    return render_template("home.html", user=g.user, args=request.args.get("page"))


@pages.get("/<int:number>")
def page(number: int) -> Tuple[Dict[str, Any], int]:
    return {"number": number, "next": url_for("pages.page", number=number + 1)}, 200


@app.errorhandler(404)
def missing(error: Exception) -> Tuple[Any, int]:
    return jsonify(error=str(error)), 404


app.register_blueprint(pages)
app.add_url_rule("/again", view_func=home)
redirect("/")
