"""URLs of `url_for`: their queries, fragments and prefixes are encoded as by Flask 3.1 with Werkzeug 3.1."""

from __future__ import annotations

from typing import Any, Callable, Dict

import pytest
from tests.asgi import fetch

from fenrir import Fenrir
from fenrir_flask import Flask, render_template_string, request, url_for

#: What the values of a URL become, in Flask 3.1 too.
URLS = [
    ({"q": "a/b"}, "/?q=a/b"),
    ({"next": "/shop?page=2&sort=name#top"}, "/?next=/shop?page%3D2%26sort%3Dname%23top"),
    ({"q": "a b&c=d+e%"}, "/?q=a+b%26c%3Dd%2Be%25"),
    ({"q": ["a", "b/c"]}, "/?q=a&q=b/c"),
    ({"q": ":@!$'()*,;~-._"}, "/?q=:@!$'()*,;~-._"),
    ({"q": 'é☃"[]{}|\\^`<>'}, "/?q=%C3%A9%E2%98%83%22%5B%5D%7B%7D%7C%5C%5E%60%3C%3E"),
    ({"q": "%2F"}, "/?q=%252F"),
    ({"a/b": "c"}, "/?a/b=c"),
    ({"q": ""}, "/?q="),
    ({"q": None}, "/"),
    ({"_anchor": "a/b c?d#e&f%'é"}, "/#a/b%20c?d#e&f%'%C3%A9"),
    ({"q": "x", "_external": True}, "http://testserver/?q=x"),
]
APPS: Dict[str, Callable[[], Any]] = {"Flask": lambda: Flask(__name__), "hybrid": Fenrir}


@pytest.mark.parametrize("kind", APPS)
@pytest.mark.parametrize(("values", "expected"), URLS, ids=lambda value: str(value)[:40])
def test_the_query_and_the_fragment_are_encoded_as_flasks(kind: str, values: Dict[str, Any], expected: str) -> None:
    app = APPS[kind]()
    app.add_url_rule("/", "home", lambda: url_for("home", **values))
    assert fetch(app).text == expected


@pytest.mark.parametrize("kind", APPS)
def test_a_query_is_read_as_it_was_written(kind: str) -> None:
    app, text = APPS[kind](), "/a b?c=d&e#f%2F+ü;é"
    app.add_url_rule("/", "home", lambda: url_for("home", q=text))
    app.add_url_rule("/read", "read", lambda: request.args["q"])
    assert fetch(app, path="/read", query=fetch(app).text.partition("?")[2]).text == text


@pytest.mark.parametrize("kind", APPS)
def test_a_template_has_the_same_urls(kind: str) -> None:
    app = APPS[kind]()
    app.add_url_rule("/", "home", lambda: render_template_string("{{ url_for('home', q='a/b')|safe }}"))
    assert fetch(app).text == "/?q=a/b"


@pytest.mark.parametrize("kind", APPS)
def test_values_in_the_path_stay_in_their_segment(kind: str) -> None:
    app = APPS[kind]()
    app.add_url_rule("/<p>", "one", lambda p: url_for("one", p="a/b?c:@", q="a/b"))
    # COMPAT: Werkzeug leaves a slash in a value as it is
    assert fetch(app, path="/x").text == {"Flask": "/a/b%3Fc:@?q=a/b"}.get(kind, "/a%2Fb%3Fc:@?q=a/b")


@pytest.mark.parametrize("kind", APPS)
def test_the_prefix_of_the_app_is_encoded_alike_in_all_urls(kind: str) -> None:
    app = APPS[kind]()
    app.add_url_rule("/", "home", lambda: " ".join([url_for("home"), request.url_root, request.base_url]))
    found = fetch(app, path="/a:b@/", scope={"root_path": "/a:b@"}).text.split()
    assert found == ["/a:b@/", "http://testserver/a:b@/", "http://testserver/a:b@/"]
