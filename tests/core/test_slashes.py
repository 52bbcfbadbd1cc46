"""Slashes: at the end of a path, doubled, and encoded inside of a value."""

from __future__ import annotations

from typing import Any

import pytest
from tests.asgi import fetch, kernel_app

from fenrir_core import App, Request


def make_app(**settings: Any) -> App:
    app = kernel_app(**settings)

    @app.route("/bare", ("GET", "POST"))
    async def bare() -> Any:
        return "bare"

    @app.get("/dir/")
    async def directory() -> Any:
        return "dir"

    @app.get("/users/{name}")
    async def user(request: Request) -> Any:
        return request.path_params

    @app.get("/files/{rest:path}")
    async def file(request: Request) -> Any:
        return request.path_params

    @app.get("/pairs/{a}-{b}.{ext}")
    async def pair(request: Request) -> Any:
        return request.path_params

    return app


# ------------------------------------------------------------ at the end


@pytest.mark.parametrize(("path", "location"), [("/bare/", "/bare"), ("/dir", "/dir/"), ("/users/x/", "/users/x")])
def test_the_other_form_is_redirected_to_the_registered_one(path: str, location: str) -> None:
    answer = fetch(make_app(), path=path)
    assert (answer.status, answer.headers["location"]) == (308, location)


def test_a_redirect_keeps_query_and_method_and_encoding() -> None:
    answer = fetch(make_app(), "POST", "/bare/", query="a=%20b&c")
    assert (answer.status, answer.headers["location"]) == (308, "/bare?a=%20b&c")
    assert fetch(make_app(), path="/users/a%20%C3%A9%3F/").headers["location"] == "/users/a%20%C3%A9%3F"


def test_a_redirect_keeps_the_prefix_of_a_proxy() -> None:
    answer = fetch(make_app(), path="/api/bare/", scope={"root_path": "/api"})
    assert answer.headers["location"] == "/api/bare"


def test_a_redirect_never_leaves_the_host() -> None:
    for path in ("//evil.test/bare/", "//bare/", "/\\bare/", "//evil.test/%2f.."):
        answer = fetch(make_app(), path=path)
        assert answer.status == 404


def test_the_strict_policy_knows_one_form_and_the_lenient_both() -> None:
    strict, lenient = make_app(trailing_slash="strict"), make_app(trailing_slash="accept")
    assert [fetch(strict, path=path).status for path in ("/bare", "/bare/", "/dir/", "/dir")] == [200, 404, 200, 404]
    assert [fetch(lenient, path=path).status for path in ("/bare", "/bare/", "/dir/", "/dir")] == [200] * 4


def test_a_route_can_have_a_policy_of_its_own() -> None:
    app = make_app()

    @app.get("/loose", strict_slashes=False)
    async def loose() -> Any:
        return "loose"

    @app.get("/tight", strict_slashes=True)
    async def tight() -> Any:
        return "tight"

    assert fetch(app, path="/loose/").text == "loose"
    assert fetch(app, path="/tight/").status == 404


@pytest.mark.parametrize("path", ["//bare", "/bare//", "/users//", "/users//x", "//"])
def test_doubled_slashes_are_not_joined(path: str) -> None:
    assert fetch(make_app(), path=path).status == 404


# ------------------------------------------------------------ inside of a value


@pytest.mark.parametrize("path", ["/users/a%2Fb", "/users/a%2fb"])
def test_an_encoded_slash_is_part_of_the_value(path: str) -> None:
    assert fetch(make_app(), path=path).text == '{"name":"a/b"}'


def test_without_a_raw_path_an_encoded_slash_can_not_be_told_from_a_plain_one() -> None:
    assert fetch(make_app(), path="/users/a%2Fb", scope={"raw_path": None}).status == 404


def test_an_encoded_slash_does_not_reach_a_static_route() -> None:
    app = make_app()

    @app.get("/admin/panel")
    async def panel() -> Any:
        return "panel"

    assert fetch(app, path="/admin%2Fpanel").status == 404


def test_what_is_encoded_twice_is_decoded_once() -> None:
    assert fetch(make_app(), path="/users/a%252Fb").text == '{"name":"a%2Fb"}'


def test_a_spanning_value_has_its_slashes() -> None:
    assert fetch(make_app(), path="/files/a/b%2Fc//d").text == '{"rest":"a/b/c//d"}'


# ------------------------------------------------------------ odd values


def test_several_parameters_in_a_segment_are_cut_as_documented() -> None:
    assert fetch(make_app(), path="/pairs/x-y.tar.gz").text == '{"a":"x","b":"y","ext":"tar.gz"}'


@pytest.mark.parametrize(
    "path", ["/users/%00", "/users/%FF", "/users/%C3%28", "/users/%", "/users/%zz", "/users/%0D%0A"]
)
def test_odd_bytes_in_a_path_never_break_the_app(path: str) -> None:
    answer = fetch(make_app(), path=path)
    assert (answer.status, answer.error) == (200, None)


def test_numbers_are_ascii_digits_of_a_sane_length() -> None:
    app = kernel_app()

    @app.get("/n/{n:int}")
    async def number(request: Request) -> Any:
        return request.path_params["n"] + 1

    @app.get("/n/{n:float}")
    async def decimal(request: Request) -> Any:
        return "float"

    @app.get("/n/{n}")
    async def text() -> Any:
        return "text"

    cases = {
        "41": "42",
        "-1": "0",
        "007": "8",
        "1.5": "float",
        "%D9%A3": "text",
        "1_0": "text",
        "1e5": "text",
        "nan": "text",
        "9" * 30: "1" + "0" * 30,
    }
    assert {value: fetch(app, path="/n/" + value).text for value in cases} == cases
    assert fetch(app, path="/n/" + "9" * 5000).status in (200, 404)
