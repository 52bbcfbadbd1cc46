"""The path converters of Fenrir's plugins in Bottle's rules."""

from __future__ import annotations

from typing import Any, Iterator

import pytest
from tests.asgi import fetch

from fenrir_bottle import Bottle, RouterUnknownModeError, RouteSyntaxError
from fenrir_core import PathConverter, hookimpl


def of_length(argument: str) -> PathConverter:
    length = int(argument)
    return PathConverter(f"digits({argument})", f"[0-9]{{{length}}}", str, str)


def parse_hexadecimal(text: str) -> int:
    if text.startswith("0"):
        raise ValueError("leading zero")
    return int(text, 16)


class Converters:
    @hookimpl
    def fenrir_path_converters(self) -> Iterator[PathConverter]:
        yield PathConverter("hexadecimal", "(?:[0-9a-f])+", parse_hexadecimal, lambda value: f"{value:x}")
        yield PathConverter("digits", "[0-9]+", str, str, factory=of_length)
        yield PathConverter("anything", ".+", str, str, multi_segment=True)


@pytest.fixture
def app() -> Bottle:
    return Bottle(plugins=[Converters()], autoload=False)


@pytest.mark.parametrize(
    ("rule", "path", "value"),
    [
        ("/<item:hexadecimal>", "/ff", 255),
        ("/<hexadecimal:item>", "/ff", 255),
        ("/{item:hexadecimal}", "/ff", 255),
        ("/x-<item:hexadecimal>.html", "/x-a0.html", 160),
        ("/<item:digits>", "/123", "123"),
        ("/<item:digits:4>", "/0042", "0042"),
        ("/<item:anything>/end", "/a/b/end", "a/b"),
    ],
)
def test_a_rule_takes_a_converter(app: Bottle, rule: str, path: str, value: Any) -> None:
    app.get(rule, callback=lambda item: repr(item))
    assert fetch(app, path=path).text == repr(value)


@pytest.mark.parametrize(
    ("rule", "path", "status"),
    [("/<item:hexadecimal>", "/xyz", 404), ("/<item:digits:4>", "/42", 404), ("/<item:hexadecimal>", "/0f", 400)],
    ids=["no match", "an argument that narrows", "refused by its function, as a filter"],
)
def test_a_path_may_not_fit(app: Bottle, rule: str, path: str, status: int) -> None:
    app.get(rule, callback=lambda item: repr(item))
    assert fetch(app, path=path).status == status


def test_a_url_is_built_with_it(app: Bottle) -> None:
    app.get("/items/<item:hexadecimal>", name="item", callback=lambda item: "")
    assert app.get_url("item", item=255) == "/items/ff"


@pytest.mark.parametrize("rule", ["/<item:digits:four>", "/<item:hexadecimal:4>"])
def test_a_wrong_argument_is_refused(app: Bottle, rule: str) -> None:
    with pytest.raises(RouteSyntaxError, match="path converter"):
        app.get(rule, callback=lambda item: "")


def test_a_converter_that_no_plugin_has_is_refused_with_the_known_ones(app: Bottle) -> None:
    with pytest.raises(RouterUnknownModeError, match="hexadecimal"):
        app.get("/<item:octal>", callback=lambda item: "")
