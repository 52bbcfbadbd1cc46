"""Templates, URLs and flashed messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import pytest

from fenrir import (
    Blueprint,
    Fenrir,
    flash,
    g,
    get_flashed_messages,
    render_template,
    render_template_string,
    session,
    stream_template,
    url_for,
)
from fenrir_core import NoRequest
from fenrir_flask import Flask


@pytest.fixture
def app(tmp_path: Path) -> Any:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text("<p>{{ name }} {{ g.x }} {{ request.args.q }}</p>")
    (tmp_path / "templates" / "page.txt").write_text("{{ name }}")
    made = Fenrir(secret_key="key")
    made.root_path = str(tmp_path)
    return made


def test_a_template_has_its_values_and_the_locals_escaped(app: Any, browse: Any) -> None:
    @app.get("/")
    async def index() -> str:
        g.x = "<g>"
        return render_template("page.html", name="<n>")

    answer = browse(app).get("/?q=<q>")

    assert answer.text == "<p>&lt;n&gt; &lt;g&gt; &lt;q&gt;</p>"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_a_text_template_is_not_escaped_and_a_string_is(app: Any, browse: Any) -> None:
    @app.get("/")
    def index() -> Any:
        return [render_template("page.txt", name="<n>"), render_template_string("{{ name }}", name="<n>")]

    assert browse(app).get("/").json() == ["<n>", "&lt;n&gt;"]


def test_a_missing_template_names_the_folders(app: Any, browse: Any) -> None:
    @app.get("/")
    def index() -> str:
        return render_template("missing.html")

    @app.exception(jinja2.TemplateNotFound)
    def explain(error: jinja2.TemplateNotFound) -> Any:
        return str(error), 500

    text = browse(app).get("/").text

    assert "missing.html" in text and str(Path(app.root_path) / "templates") in text


def test_the_first_template_that_there_is_is_taken(app: Any, browse: Any) -> None:
    @app.get("/")
    def index() -> str:
        return render_template(["missing.html", "page.txt"], name="n")

    assert browse(app).get("/").text == "n"


def test_a_template_can_be_streamed(app: Any, browse: Any) -> None:
    @app.get("/")
    def index() -> Any:
        return stream_template("page.html", name="n")

    assert browse(app).get("/?q=q").text == "<p>n  q</p>"


def test_filters_tests_globals_and_context_processors_are_in_templates(app: Any, browse: Any) -> None:
    @app.template_filter("twice")
    def double(value: int) -> int:
        return value * 2

    @app.template_test
    def small(value: int) -> bool:
        return value < 10

    @app.template_global()
    def seven() -> int:
        return 7

    @app.context_processor
    def colours() -> Any:
        return {"colour": "red", "given": "no"}

    app.config["KEY"] = "value"
    source = (
        "{{ seven()|twice }} {{ 3 is small }} {{ colour }} {{ given }} {{ config.KEY }} {{ url_for('index', a=1) }}"
    )

    @app.get("/")
    def index() -> str:
        return render_template_string(source, given="yes")

    assert browse(app).get("/").text == "14 True red yes value /?a=1"


def test_a_blueprint_extends_the_templates_of_the_app(app: Any, browse: Any) -> None:
    blueprint = Blueprint("shop", __name__)

    @blueprint.app_template_filter("twice")
    def double(value: str) -> str:
        return value * 2

    @blueprint.app_template_test
    def short(value: str) -> bool:
        return len(value) < 4

    @blueprint.app_template_global()
    def sep() -> str:
        return "-"

    @app.get("/")
    def index() -> str:
        return render_template_string("{{ 'a' | twice }}{{ sep() }}{{ 'a' is short }}")

    app.register_blueprint(blueprint)

    assert browse(app).get("/").text == "aa-True"


def test_a_template_that_does_not_use_the_session_does_not_open_it(app: Any, browse: Any) -> None:
    @app.get("/")
    def index() -> str:
        return render_template("page.html", name="n")

    assert "vary" not in browse(app).get("/").headers


def test_tojson_is_safe_in_a_script(app: Any, browse: Any) -> None:
    @app.get("/")
    def index() -> str:
        return render_template_string("{{ value|tojson }}", value={"a": "</script>"})

    assert browse(app).get("/").text == '{"a": "\\u003c/script\\u003e"}'


def test_rendering_outside_of_requests_says_so() -> None:
    with pytest.raises(NoRequest, match=r"^render_template\(\)"):
        render_template("page.html")


def test_url_for_builds_paths_queries_anchors_and_absolute_urls(browse: Any) -> None:
    app = Fenrir()

    @app.get("/pets/<int:pet>")
    def pet(pet: int) -> str:
        return ""

    @app.get("/")
    def index() -> Any:
        return [
            url_for("pet", pet=7),
            url_for("pet", pet=7, q="a b", none=None, _anchor="top"),
            url_for("pet", pet=7, _external=True),
            url_for("pet", pet=7, _scheme="https"),
        ]

    assert browse(app).get("/").json() == [
        "/pets/7",
        "/pets/7?q=a+b#top",
        "http://test/pets/7",
        "https://test/pets/7",
    ]


def test_url_for_of_a_mounted_app_has_the_prefix(browse: Any) -> None:
    inner, outer = Fenrir(), Fenrir()

    @inner.get("/x")
    def index() -> str:
        return url_for("index")

    outer.mount("/in ner", inner)

    assert browse(outer).get("/in%20ner/x").text == "/in%20ner/x"


def test_a_flashed_message_is_shown_once(browse: Any) -> None:
    app = Fenrir(secret_key="key")

    @app.get("/flash")
    def tell() -> str:
        flash("saved")
        flash("lost", "error")
        return ""

    @app.get("/show")
    def show() -> Any:
        return [get_flashed_messages(), get_flashed_messages(with_categories=True, category_filter=["error"])]

    browser = browse(app)
    browser.get("/flash")

    assert browser.get("/show").json() == [["saved", "lost"], [["error", "lost"]]]
    assert browser.get("/show").json() == [[], []]
    assert session._get_current_object is not None  # type: ignore[attr-defined]


def test_the_loading_of_templates_is_explained(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "here.html").write_text("here")
    app = Flask("explained", root_path=str(tmp_path))
    app.config["EXPLAIN_TEMPLATE_LOADING"] = True
    blueprint = Blueprint("shop", "explained", root_path=str(tmp_path), template_folder="other")
    blueprint.add_url_rule("/<name>", "page", lambda name: render_template(name))
    app.register_blueprint(blueprint)
    caplog.set_level("INFO", "explained")
    assert app.test_client().get("/here.html").text == "here"
    assert "application 'explained'" in caplog.text and "blueprint 'shop'" in caplog.text
    assert "-> found (" in caplog.text and str(tmp_path / "other") in caplog.text
    caplog.clear()
    assert app.test_client().get("/gone.html").status_code == 500
    assert "could not be found" in caplog.text and "belongs to the blueprint 'shop'" in caplog.text
