"""Path templates: five syntaxes, one form, and URLs built from them."""

from __future__ import annotations

import datetime
import re
import uuid
from typing import Any, Dict, FrozenSet
from urllib.parse import unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fenrir_core.exceptions import BuildError, CannotBuildURL
from fenrir_core.routing import DEFAULT_CONVERTERS, PathConverter, Router, Template, parse_template


def parse(path: str, names: FrozenSet[str] = frozenset(), **more: PathConverter) -> Template:
    return parse_template(path, {**DEFAULT_CONVERTERS, **more}, names, "shop.py:12 (show)")


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("/", "/"),
        ("/items/", "/items/"),
        ("/items/{item_id}", "/items/{item_id}"),
        ("/items/{item_id:int}", "/items/{item_id:int}"),
        ("/items/{item_id:int(min=1)}", "/items/{item_id:int(min=1)}"),
        ("/items/<item_id>", "/items/{item_id}"),
        ("/items/<item_id:int>", "/items/{item_id:int}"),
        ("/items/<int:item_id>", "/items/{item_id:int}"),
        ("/items/<int(min=1):item_id>", "/items/{item_id:int(min=1)}"),
        ("/items/<string(length=2):code>", "/items/{code:str(length=2)}"),
        ("/items/<code:string>", "/items/{code}"),
        ("/files/<name:path>", "/files/{name:path}"),
        ("/files/<path:name>", "/files/{name:path}"),
        ("/files/<path:path>", "/files/{path:path}"),
        ("/x/<name:re:[a-z]+>", "/x/{name:re:[a-z]+}"),
        ("/x/<name:[a-z]+>", "/x/{name:re:[a-z]+}"),
        ("/x/<name:jpg|png>", "/x/{name:re:jpg|png}"),
        ("/x/{name:[a-z]{2,3}}", "/x/{name:re:[a-z]{2,3}}"),
        ("/x/<regex('[a-z]+'):name>", "/x/{name:re:[a-z]+}"),
        ("/x/<regex(a:b):name>", "/x/{name:re:a:b}"),
        (r"/x/<name:re:a\>b>", r"/x/{name:re:a\>b}"),
        ("/x/<name:re:(?<=x)y>", "/x/{name:re:(?<=x)y}"),
        ("/x/{name:re:[]{]+}", "/x/{name:re:[]{]+}"),
        ("/x/{name:re:[^]}]+}", "/x/{name:re:[^]}]+}"),
        ("/x/<name:re:[0-9]+/[a-z]+>/y", "/x/{name:re:[0-9]+/[a-z]+}/y"),
        ("/{name}.{ext}", "/{name}.{ext}"),
        ("/at/{lat:float},{lon:float}", "/at/{lat:float},{lon:float}"),
        ("/v<major:int>.<int:minor>", "/v{major:int}.{minor:int}"),
        ("/mixed/{a}/<b>/<int:c>", "/mixed/{a}/{b}/{c:int}"),
        ("/on/<day:ymd>", "/on/{day:date}"),
        ("/café", "/café"),
    ],
)
def test_every_syntax_becomes_the_one_form(written: str, canonical: str) -> None:
    template = parse(written)

    assert template.canonical == canonical
    assert template.source == written
    assert parse(canonical).canonical == canonical


@pytest.mark.parametrize(
    ("path", "names", "canonical"),
    [
        ("/<date:slug>", {"date"}, "/{date:slug}"),
        ("/<date:slug>", {"slug", "other"}, "/{slug:date}"),
        ("/<uuid:path>", {"uuid"}, "/{uuid:path}"),
    ],
)
def test_the_handlers_parameters_decide_where_both_halves_are_types(path: str, names: Any, canonical: str) -> None:
    assert parse(path, frozenset(names)).canonical == canonical


@pytest.mark.parametrize("names", [frozenset(), frozenset({"date", "slug"})])
def test_two_types_that_nothing_decides_are_an_error_that_shows_both_ways_out(names: FrozenSet[str]) -> None:
    with pytest.raises(BuildError, match=re.escape("{date:slug}")) as caught:
        parse("/<date:slug>", names)

    assert "{slug:date}" in str(caught.value)
    assert "ambiguous" in str(caught.value)


def test_a_known_type_wins_whatever_the_parameters_are_called() -> None:
    assert parse("/<int:item>", frozenset({"int"})).canonical == "/{item:int}"


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("items", "write '/items'"),
        ("", "write '/'"),
        ("/{a", "never closed"),
        ("/<a", "never closed"),
        ("/a}", "closes nothing"),
        ("/a>", "closes nothing"),
        ("/{}", "no name"),
        ("/<>", "no name"),
        ("/<:re:[a-z]>", "no name"),
        ("/{1a}", "not a Python identifier"),
        ("/{a-b}", "not a Python identifier"),
        ("/{a:}", "after the colon"),
        ("/{a}/{a}", "'a' twice"),
        ("/{a}{b}", "nothing between"),
        ("/{a:path}/{b:path}", "several parameters that span"),
        ("/{a:itn}", "did you mean 'int'"),
        ("/<a:itn>", "did you mean 'int'"),
        ("/<itn:a>", "did you mean 'int'"),
        ("/<itn(1):a>", "did you mean 'int'"),
        ("/{a:nonsense}", "known are alpha, date"),
        ("/{a:uuid(4)}", "takes none"),
        ("/{a:re:[}", "never closed"),
        ("/{a:re:*}", "not a regular expression"),
    ],
)
def test_a_template_that_cannot_be_read_names_itself_its_place_and_the_remedy(path: str, problem: str) -> None:
    with pytest.raises(BuildError, match=re.escape(problem)) as caught:
        parse(path)

    assert "shop.py:12 (show)" in str(caught.value)
    assert repr(path) in str(caught.value)


def test_the_hint_leaves_out_the_half_that_the_handler_names() -> None:
    with pytest.raises(BuildError, match="unknown converter 'itn':"):
        parse("/<itn:date_>", frozenset({"date_"}))


def test_a_converter_of_a_plugin_is_known_and_gets_its_arguments() -> None:
    def any_of(text: str) -> PathConverter:
        return PathConverter(f"any({text})", "|".join(text.split(",")), str, str, factory=any_of)

    template = parse("/<any(red,blue):colour>", any=any_of("x"))

    assert template.canonical == "/{colour:any(red,blue)}"
    assert template.params[0].converter.regex == "red|blue"


def test_arguments_may_follow_an_equals_sign() -> None:
    def ext(text: str) -> PathConverter:
        return PathConverter(f"ext={text}", text, str, str, factory=ext)

    assert parse("/<file:ext=jpg|png>", ext=ext(".+")).params[0].converter.regex == "jpg|png"


def test_a_template_tells_what_it_is_made_of() -> None:
    template = parse("/items/{item_id:int}/{name}.{ext}/")

    assert [param.name for param in template.params] == ["item_id", "name", "ext"]
    assert [segment.literal for segment in template.segments] == ["items", None, None]
    assert template.openapi == "/items/{item_id}/{name}.{ext}/"
    assert template.trailing_slash
    assert not template.is_static


def test_the_root_is_static_and_has_no_slash_to_leave_out() -> None:
    root = parse("/")

    assert (root.is_static, root.trailing_slash, root.segments) == (True, False, ())


def test_literal_text_is_percent_encoded_in_a_url() -> None:
    assert parse("/café au lait/100%").build({}) == "/caf%C3%A9%20au%20lait/100%25"


def test_a_slash_stays_in_a_url_only_where_the_parameter_spans_segments() -> None:
    assert parse("/{a}/{b:path}").build({"a": "x/y", "b": "x/y"}) == "/x%2Fy/x/y"


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({}, "needs a value for parameter 'item_id'"),
        ({"item_id": 1, "page": 2}, "has no parameter 'page'"),
        ({"item_id": "x"}, "parameter 'item_id' (int) can't be 'x'"),
    ],
)
def test_a_url_that_cannot_be_built_says_why(values: Dict[str, Any], problem: str) -> None:
    with pytest.raises(CannotBuildURL, match=re.escape(problem)) as caught:
        parse("/items/{item_id:int}").build(values)

    assert "'/items/{item_id:int}'" in str(caught.value)


@pytest.mark.parametrize(("path", "value"), [("/{x}", ".."), ("/{x}", "."), ("/f/{x:path}", "a/../b"), ("/.{x}", ".")])
def test_a_url_never_gets_a_dot_segment(path: str, value: str) -> None:
    with pytest.raises(CannotBuildURL, match="clients remove"):
        parse(path).build({"x": value})


TEXT = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=10)
VALUES = {
    "str": TEXT,
    "int": st.integers(),
    "float": st.floats(allow_nan=False, allow_infinity=False),
    "path": TEXT,
    "uuid": st.uuids(),
    "slug": st.from_regex("[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True),
    "alpha": st.from_regex("[a-zA-Z]+", fullmatch=True),
    "date": st.dates(),
}


@given(data=st.data(), first=st.sampled_from(sorted(set(VALUES) - {"path"})), last=st.sampled_from(sorted(VALUES)))
def test_a_built_url_leads_back_to_the_same_values(data: st.DataObject, first: str, last: str) -> None:
    values = {"a": data.draw(VALUES[first]), "b": data.draw(VALUES[last])}
    template = parse(f"/x/{{a:{first}}}/{{b:{last}}}")
    assume({".", ".."}.isdisjoint([values["a"], *str(values["b"]).split("/")]))
    router = Router("strict")
    router.add("GET", template, "target")
    router.freeze()

    url = template.build(values)

    assert url.isascii()
    assert router.match("GET", unquote(url), url.encode()).params == values


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/{y:int}-{m:int}", {"y": 2024, "m": 5}),
        ("/{name}.{ext}", {"name": "archive.tar", "ext": "gz"}),
        ("/v{id:uuid}/{day:date}.txt", {"id": uuid.UUID(int=7), "day": datetime.date(2024, 5, 6)}),
        ("/{p:path}/edit", {"p": "wiki/start page"}),
    ],
)
def test_a_url_of_several_parameters_in_a_segment_leads_back(path: str, values: Dict[str, Any]) -> None:
    router = Router()
    router.add("GET", parse(path), "target")
    router.freeze()

    assert router.match("GET", unquote(parse(path).build(values))).params == values
