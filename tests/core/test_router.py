"""The router: precedence, methods, slashes, mounts, encoded slashes, and its cost."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Sequence, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.counting import calls_of

from fenrir_core.exceptions import BuildError, DuplicateRoute
from fenrir_core.routing import DEFAULT_CONVERTERS, Match, PathConverter, Router, Template, parse_template


def template(path: str) -> Template:
    return parse_template(path, DEFAULT_CONVERTERS)


def routed(*routes: str, slashes: str = "redirect") -> Router:
    """Make a router of ``"GET /path"`` lines; each is its own target."""
    router = Router(slashes)
    for route in routes:
        method, path = route.split(" ", 1)
        router.add(method, template(path), route)
    router.freeze()
    return router


def got(router: Router, method: str, path: str, raw_path: Optional[bytes] = None) -> Tuple[Any, Dict[str, Any]]:
    match = router.match(method, path, raw_path)
    return match.target, match.params


# ---- precedence


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(
    ("path", "winner"),
    [
        ("/fixed", "GET /fixed"),
        ("/v1.txt", "GET /{name}.txt"),
        ("/a.b", "GET /{name}.{ext}"),
        ("/2024-05-06", "GET /{x:date}"),
        ("/0b5c5f0e-9d5c-4a53-8f0c-3f1d2f6b7a10", "GET /{x:uuid}"),
        ("/7", "GET /{x:int}"),
        ("/7.", "GET /{x:float}"),
        ("/qq", "GET /{x:re:q+}"),
        ("/abc", "GET /{x:alpha}"),
        ("/abc-7", "GET /{x:slug}"),
        ("/abc_7", "GET /{x}"),
        ("/abc_7/more", "GET /{x:path}"),
    ],
)
def test_the_more_specific_parameter_wins_whatever_the_order_of_registration(
    path: str, winner: str, backwards: bool
) -> None:
    routes = [
        "GET /fixed",
        "GET /{name}.txt",
        "GET /{name}.{ext}",
        "GET /{x:date}",
        "GET /{x:uuid}",
        "GET /{x:int}",
        "GET /{x:float}",
        "GET /{x:re:q+}",
        "GET /{x:alpha}",
        "GET /{x:slug}",
        "GET /{x}",
        "GET /{x:path}",
    ]
    router = routed(*(reversed(routes) if backwards else routes))

    assert router.match("GET", path).target == winner


def test_between_equals_the_first_one_registered_wins() -> None:
    assert got(routed("GET /{a:re:[a-f]+}", "GET /{b:re:[a-z]+}"), "GET", "/abc") == (
        "GET /{a:re:[a-f]+}",
        {"a": "abc"},
    )
    assert got(routed("GET /{b:re:[a-z]+}", "GET /{a:re:[a-f]+}"), "GET", "/abc") == (
        "GET /{b:re:[a-z]+}",
        {"b": "abc"},
    )


def test_the_router_goes_back_where_the_more_specific_way_ends_nowhere() -> None:
    router = routed("GET /a/b/c", "GET /a/{x}/d", "GET /{x}/b/e", "GET /{x:path}")

    assert got(router, "GET", "/a/b/d") == ("GET /a/{x}/d", {"x": "b"})
    assert got(router, "GET", "/a/b/e") == ("GET /{x}/b/e", {"x": "a"})
    assert got(router, "GET", "/a/b/f") == ("GET /{x:path}", {"x": "a/b/f"})


def test_two_converters_at_one_level_each_get_their_text() -> None:
    router = routed("GET /users/{id:int}", "GET /users/{name}")

    assert got(router, "GET", "/users/7") == ("GET /users/{id:int}", {"id": 7})
    assert got(router, "GET", "/users/bob") == ("GET /users/{name}", {"name": "bob"})
    assert got(router, "GET", "/users/٣") == ("GET /users/{name}", {"name": "٣"})
    assert got(router, "GET", "/users/" + "9" * 5000)[0] == "GET /users/{name}"


def test_routes_that_differ_in_the_parameters_name_share_a_path() -> None:
    router = routed("GET /users/{id:int}", "PUT /users/{user_id:int}")

    assert got(router, "GET", "/users/7")[1] == {"id": 7}
    assert got(router, "PUT", "/users/7")[1] == {"user_id": 7}
    assert router.match("POST", "/users/7").allowed == ("GET", "PUT")


def test_a_parser_that_refuses_lets_the_next_route_try() -> None:
    def even(text: str) -> int:
        if int(text) % 2:
            raise ValueError("odd")
        return int(text)

    router = Router()
    known = {**DEFAULT_CONVERTERS, "even": PathConverter("even", "[0-9]+", even, str, rank=5)}
    for path in ("/{x:even}", "/{x:int}", "/v{x:even}", "/{x}"):
        router.add("GET", parse_template(path, known), path)
    router.freeze()

    assert [router.match("GET", path).target for path in ("/2", "/3", "/v2", "/v3")] == [
        "/{x:even}",
        "/{x:int}",
        "/v{x:even}",
        "/{x}",
    ]


# ---- several parameters in a segment, parameters that span segments


@pytest.mark.parametrize(
    ("route", "path", "params"),
    [
        ("/{name}.{ext}", "/archive.tar.gz", {"name": "archive.tar", "ext": "gz"}),
        ("/at/{lat:float},{lon:float}", "/at/-1.5,7", {"lat": -1.5, "lon": 7.0}),
        ("/{y:int}-{m:int}-{d:int}", "/2024-5-6", {"y": 2024, "m": 5, "d": 6}),
        ("/{a}-{b}-{c}", "/1-2-3-4", {"a": "1-2", "b": "3", "c": "4"}),
        ("/{p:path}", "/a/b", {"p": "a/b"}),
        ("/{p:path}", "//a", {"p": "/a"}),
        ("/{p:path}/edit", "/a/b/edit", {"p": "a/b"}),
        ("/{p:path}.{ext}", "/a.x/b.txt", {"p": "a.x/b", "ext": "txt"}),
        ("/v{p:path}/{id:int}/", "/v1/2/3/", {"p": "1/2", "id": 3}),
        ("/{p:re:[a-z]+/[a-z]+}/{q}", "/a/b/c", {"p": "a/b", "q": "c"}),
    ],
)
def test_several_parameters_are_told_apart(route: str, path: str, params: Dict[str, Any]) -> None:
    assert got(routed("GET " + route), "GET", path) == ("GET " + route, params)


def test_more_text_after_a_spanning_parameter_goes_first() -> None:
    router = routed("GET /{p:path}", "GET /{p:path}/edit", "GET /{p:path}/{id:int}")

    assert got(router, "GET", "/a/edit") == ("GET /{p:path}/edit", {"p": "a"})
    assert got(router, "GET", "/a/7") == ("GET /{p:path}/{id:int}", {"p": "a", "id": 7})
    assert got(router, "GET", "/a/b") == ("GET /{p:path}", {"p": "a/b"})


@pytest.mark.parametrize(
    "route", ["/{a}-{b}-{c}-{d:int}", "/{a}-{b}.json", "/{a:slug}-{b:slug}-{c:int}", "/{p:path}/x"]
)
def test_a_hostile_path_takes_no_time_to_speak_of(route: str) -> None:
    router = routed("GET " + route)
    hostile = ["-" * 1000 + "!", "a-" * 500 + "!", "-" * 60_000 + "!", "a-" * 30_000 + "!", "a/" * 30_000 + "!"]

    # The time limit of the test is the judge.
    assert [router.match("GET", "/" + text).target for text in hostile] == [None] * 5


def test_a_segment_over_the_limit_does_not_match_text_and_parameters() -> None:
    router = routed("GET /{name}.{ext}")

    assert router.match("GET", "/" + "a" * 1020 + ".txt").target is not None
    assert router.match("GET", "/" + "a" * 1021 + ".txt").target is None


def test_expressions_that_cannot_be_joined_are_a_build_error() -> None:
    known = {**DEFAULT_CONVERTERS, "bad": PathConverter("bad", "(?P<x>a)", str, str)}

    with pytest.raises(BuildError, match="can't be joined"):
        Router().add("GET", parse_template("/{a:bad}-{b:bad}", known), "target")


# ---- methods


def test_a_method_that_the_path_does_not_have_learns_which_it_has() -> None:
    router = routed("GET /a", "POST /a", "DELETE /{x}", "WEBSOCKET /a")

    assert router.match("PUT", "/a") == Match(None, {}, ("DELETE", "GET", "POST"))
    assert router.match("", "/a").allowed == ("DELETE", "GET", "POST")


def test_a_method_missing_at_the_specific_route_is_served_by_the_less_specific_one() -> None:
    router = routed("GET /users/me", "PUT /users/{name}")

    assert got(router, "PUT", "/users/me") == ("PUT /users/{name}", {"name": "me"})


def test_a_path_for_websockets_only_is_not_found_by_http() -> None:
    assert routed("WEBSOCKET /ws").match("GET", "/ws") == Match(None, {})


@pytest.mark.parametrize("derived_first", [False, True])
def test_an_explicit_method_replaces_a_derived_one(derived_first: bool) -> None:
    router = Router()
    for derived in (derived_first, not derived_first):
        router.add("HEAD", template("/a"), "derived" if derived else "explicit", derived=derived)
    router.freeze()

    assert router.match("HEAD", "/a").target == "explicit"


def test_the_first_of_two_derived_targets_stays() -> None:
    router = Router()
    router.add("OPTIONS", template("/a"), 1, derived=True)
    router.add("OPTIONS", template("/a"), 2, derived=True)
    router.freeze()

    assert router.match("OPTIONS", "/a").target == 1


def test_methods_are_registered_in_any_case() -> None:
    assert routed("get /a").match("GET", "/a").target == "get /a"


@pytest.mark.parametrize(
    ("first", "second"),
    [("/a", "/a"), ("/u/{a:int}", "/u/<int:b>"), ("/{a}.{b}", "/{c}.{d}"), ("/{a:path}/x", "/{b:path}/x")],
)
def test_an_equivalent_template_with_the_same_method_is_a_duplicate(first: str, second: str) -> None:
    router = Router()
    router.add("GET", template(first), "one")

    with pytest.raises(DuplicateRoute) as caught:
        router.add("GET", template(second), "two")

    error = caught.value
    assert (error.method, error.path, error.first, error.second) == ("GET", second, "one", "two")


# ---- slashes


@pytest.mark.parametrize(("route", "path"), [("/items", "/items/"), ("/items/", "/items"), ("/{x:int}/", "/7")])
def test_the_other_slash_redirects_by_default(route: str, path: str) -> None:
    match = routed("GET " + route).match("GET", path)

    assert match.target is None
    assert match.redirect == (path[:-1] if path.endswith("/") else path + "/")


@pytest.mark.parametrize(("route", "path"), [("/items", "/items/"), ("/items/", "/items"), ("/p/{x:path}/", "/p/a/b")])
def test_the_accept_policy_serves_both_forms(route: str, path: str) -> None:
    assert routed("GET " + route, slashes="accept").match("GET", path).target == "GET " + route


def test_the_strict_policy_finds_nothing_at_the_other_form() -> None:
    assert routed("GET /items", slashes="strict").match("GET", "/items/") == Match(None, {})


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (None, (None, "/a")),
        (True, (None, None)),
        ("strict", (None, None)),
        (False, ("target", None)),
        ("accept", ("target", None)),
        ("redirect", (None, "/a")),
    ],
)
def test_a_route_may_have_its_own_policy(own: Any, expected: Any) -> None:
    router = Router()
    router.add("GET", template("/a"), "target", strict_slashes=own)
    router.freeze()
    match = router.match("GET", "/a/")

    assert (match.target, match.redirect) == expected


def test_a_route_of_its_own_wins_over_the_accepted_form_of_another() -> None:
    router = routed("GET /a", "GET /a/", slashes="accept")

    assert [router.match("GET", path).target for path in ("/a", "/a/")] == ["GET /a", "GET /a/"]


def test_a_spanning_parameter_keeps_its_last_slash() -> None:
    assert got(routed("GET /f/{p:path}", slashes="accept"), "GET", "/f/a/")[1] == {"p": "a/"}


def test_a_served_path_is_never_redirected() -> None:
    assert got(routed("GET /a/", "GET /{x}"), "GET", "/a") == ("GET /{x}", {"x": "a"})


def test_a_redirect_is_percent_encoded() -> None:
    router = routed("GET /{x}/")

    assert router.match("GET", "/a b\r\nü").redirect == "/a%20b%0D%0A%C3%BC/"
    assert router.match("GET", "/a/b", b"/a%2Fb").redirect == "/a%2Fb/"


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/"])
def test_a_redirect_never_leads_to_another_host(path: str) -> None:
    assert routed("GET /{p:re:.*/.*}", "GET /{x}").match("GET", path).redirect is None


def test_an_unknown_policy_is_a_build_error() -> None:
    with pytest.raises(BuildError, match="write 'redirect'"):
        Router("loose")


# ---- the path itself


def test_the_empty_path_is_the_root() -> None:
    assert routed("GET /").match("GET", "").target == "GET /"


@pytest.mark.parametrize("path", ["*", "x/users", "users", "//users", "/users//", "/Users"])
def test_a_path_that_only_looks_alike_is_not_found(path: str) -> None:
    assert routed("GET /users").match("GET", path).target is None


@pytest.mark.parametrize("raw", [b"/x/a%2Fb", b"/x/a%2fb", b"/x/a%2fb?q=%2F"])
def test_an_encoded_slash_stays_inside_a_value(raw: bytes) -> None:
    assert got(routed("GET /x/{name}", "GET /x/{a}/{b}"), "GET", "/x/a/b", raw)[1] == {"name": "a/b"}


def test_an_encoded_slash_is_decoded_in_a_spanning_parameter() -> None:
    router = routed("GET /f/{p:path}")

    assert got(router, "GET", "/f/a/b c/ü", b"/f/a%2Fb%20c/%C3%BC")[1] == {"p": "a/b c/ü"}


def test_an_encoded_slash_does_not_make_a_static_path() -> None:
    assert routed("GET /a/b").match("GET", "/a/b", b"/a%2Fb").target is None


def test_without_an_encoded_slash_the_decoded_path_counts() -> None:
    assert got(routed("GET /x/{name}"), "GET", "/x/a b", b"/x/a%20b")[1] == {"name": "a b"}


# ---- static table


def test_the_static_table_has_the_whole_answer_for_a_path() -> None:
    router = routed("GET /users/me", "PUT /users/{name}", "GET /users/{name}", "GET /", "GET /x/")

    assert router.static == {
        "/users/me": {"GET": ("GET /users/me", {}), "PUT": ("PUT /users/{name}", {"name": "me"})},
        "/": {"GET": ("GET /", {})},
        "/x/": {"GET": ("GET /x/", {})},
    }


def test_match_answers_static_paths_too() -> None:
    assert got(routed("GET /a/b"), "GET", "/a/b") == ("GET /a/b", {})


# ---- mounts


def test_the_longest_mounted_prefix_wins_after_the_routes() -> None:
    router = Router()
    router.add("GET", template("/api/own"), "own")
    for prefix in ("/api", "/api/v1/", "/"):
        router.add_mount(prefix, prefix)
    router.freeze()

    assert router.match("GET", "/api/own").target == "own"
    assert router.match("GET", "/api/v1/x").mount == ("/api/v1/", "/api/v1", "/x")
    assert router.match("GET", "/api/v1").mount == ("/api/v1/", "/api/v1", "")
    assert router.match("GET", "/api/v10").mount == ("/api", "/api", "/v10")
    assert router.match("GET", "/other").mount == ("/", "", "/other")


def test_a_mount_serves_the_methods_that_a_route_lacks() -> None:
    router = Router()
    router.add("GET", template("/old/page"), "page")
    router.add_mount(template("/old"), "old")
    router.freeze()

    mount = ("old", "/old", "/page")
    assert router.match("POST", "/old/page") == Match(None, {}, (), None, mount)
    assert router.match("OPTIONS", "/old/page") == Match(None, {}, ("GET",), None, mount)


@pytest.mark.parametrize(("policy", "redirect"), [("redirect", "/old%C3%A9/"), ("strict", None), ("accept", None)])
def test_a_mount_that_needs_a_slash_has_not_the_prefix_alone(policy: str, redirect: Optional[str]) -> None:
    router = Router(policy)
    router.add_mount("/old\u00e9", "old", needs_slash=True)
    router.freeze()

    assert router.match("GET", "/old\u00e9") == Match(None, {}, (), redirect, None)
    assert router.match("GET", "/old\u00e9/").mount == ("old", "/old\u00e9", "/")


def test_the_prefix_of_a_mount_that_needs_a_slash_is_left_to_an_outer_one() -> None:
    router = Router()
    router.add_mount("/a/b", "inner", needs_slash=True)
    router.add_mount("/a", "outer")
    router.freeze()

    assert router.match("GET", "/a/b").mount == ("outer", "/a", "/b")


def test_an_encoded_slash_does_not_reach_a_mount() -> None:
    router = Router()
    router.add_mount("/old/app", "old")
    router.freeze()

    assert router.match("GET", "/old/app/x", b"/old%2Fapp/x").mount is None


@pytest.mark.parametrize(
    ("route", "path"),
    [
        ("/{rest:path}", "/old/x"),
        ("/{a}/x", "/old/x"),
        ("/old/x", "/old/x"),
        ("/old/{a}", "/old/x"),
        ("/old{a}/x", "/olde/x"),
        ("/{a}/x/{b:int}", "/old/x/1"),
    ],
)
def test_a_route_precedes_a_mount_of_one_segment(route: str, path: str) -> None:
    router = Router()
    router.add("GET", template(route), "route")
    router.add_mount("/old", "old")
    router.freeze()

    assert router.match("GET", path).target == "route"


@pytest.mark.parametrize("path", ["old/x", "//old/x", "/olds/x", "/OLD/x", "/o/ld/x", "/"])
def test_a_mount_of_one_segment_serves_its_segment_only(path: str) -> None:
    router = Router()
    router.add("GET", template("/page"), "page")
    router.add_mount("/old", "old")
    router.freeze()

    assert router.match("GET", path).mount is None


@pytest.mark.parametrize(
    ("path", "raw_path", "mount"),
    [
        ("/old/x", b"/old%2Fx", None),
        ("/old/a/b", b"/old/a%2Fb", ("old", "/old", "/a/b")),
        ("/old/\u00e9", b"/old/%C3%A9", ("old", "/old", "/\u00e9")),
        ("/old/", b"/old/", ("old", "/old", "/")),
        ("/old//x", b"/old//x", ("old", "/old", "//x")),
        ("/old", b"/old", ("old", "/old", "")),
    ],
)
def test_a_mount_of_one_segment_gets_what_follows_it(
    path: str, raw_path: bytes, mount: Optional[Tuple[str, str, str]]
) -> None:
    router = Router()
    router.add_mount("/old", "old")
    router.freeze()

    assert router.match("GET", path, raw_path).mount == mount


@pytest.mark.parametrize("prefix", ["legacy", "/{x}", "/<x>"])
def test_a_mount_prefix_is_plain_text_from_the_root(prefix: str) -> None:
    with pytest.raises(BuildError, match="write '/legacy'"):
        Router().add_mount(prefix, "target")


def test_a_prefix_is_mounted_once() -> None:
    router = Router()
    router.add_mount("/a", 1)

    with pytest.raises(DuplicateRoute, match="MOUNT /a"):
        router.add_mount("/a/", 2)


def test_a_frozen_router_takes_nothing_more() -> None:
    router = routed()
    router.freeze()

    with pytest.raises(RuntimeError, match="frozen"):
        router.add("GET", template("/a"), 1)
    with pytest.raises(RuntimeError, match="frozen"):
        router.add_mount("/a", 1)


# ---- cost


@pytest.mark.parametrize("path", ["/users/7/posts", "/users/7/none", "/none"])
def test_a_match_does_the_same_work_among_10_and_10000_routes(path: str) -> None:
    few, many = (
        routed(
            "GET /users/{id:int}/posts",
            *(f"GET /{part}{i}/{{id:int}}" for i in range(size) for part in ("r", "users/7/")),
        )
        for size in (5, 5000)
    )

    assert calls_of(few, path) == calls_of(many, path)


# ---- against a naive reference

SHAPES = ["a", "b", "a.b", "{%s:int}", "{%s:float}", "{%s:alpha}", "{%s:slug}", "{%s:re:[ab7]+}", "{%s}", "a{%s}"]
SHAPES += ["{%s}.{%sx}", "{%s:int}.{%sx}", "{%s}b"]
TAILS = ["", "{%s:path}", "a{%s:path}", "{%s:path}/b", "{%s:path}/{%sx:int}", "{%s:path}.b/"]
SEGMENTS = st.sampled_from(["a", "b", "a.b", "7", "7.5", "7.b", "ab", "a-b", "-", "a.b.b", "", "é"])
PATHS = st.lists(SEGMENTS, max_size=4).map(lambda parts: "/" + "/".join(parts))
REGEXES = {"str": "[^/]+", "path": ".+"}


@st.composite
def route_lists(draw: st.DrawFn) -> List[Tuple[str, str]]:
    routes = []
    for _ in range(draw(st.integers(1, 8))):
        parts = draw(st.lists(st.sampled_from(SHAPES), max_size=3)) + draw(st.lists(st.sampled_from(TAILS), max_size=1))
        named = [part.replace("%s", f"p{index}") for index, part in enumerate(parts)]
        routes.append((draw(st.sampled_from(["GET", "POST"])), "/" + "/".join(named)))
    return routes


def keys_of(path: str) -> List[Tuple[int, ...]]:
    """Return the documented precedence of each segment of a template; the lowest goes first."""
    keys: List[Tuple[int, ...]] = []
    parts = path[1:].split("/")
    for index, part in enumerate(parts):
        text = len(re.sub(r"\{[^}]*\}", "", part))
        if ":path}" in part:
            rest = "/".join(parts[index:])
            keys.append((3, -len(re.sub(r"\{[^}]*\}", "", rest))))
            break
        if "{" not in part:
            keys.append((0,))
        elif text:
            keys.append((1, -text))
        else:
            kind = part.strip("{}").partition(":")[2] or "str"
            keys.append((2, ["int", "float", "re:[ab7]+", "alpha", "slug", "str"].index(kind)))
    return keys


def naive(routes: Sequence[Tuple[str, str]], method: str, path: str) -> Tuple[Any, Dict[str, Any], Tuple[str, ...]]:
    """Try every template by itself, in the documented order."""
    candidates = []
    for method_of, route in routes:
        params = template(route).params
        regex = re.escape(route)
        for param in params:
            text = f"{{{param.name}}}" if param.converter.name == "str" else f"{{{param.name}:{param.converter.name}}}"
            part = REGEXES.get(param.converter.name, param.converter.regex)
            regex = regex.replace(re.escape(text), f"(?P<{param.name}>{part})")
        found = re.fullmatch(regex, path)
        if found:
            values = {param.name: param.converter.parse(found[param.name]) for param in params}
            shapes = [[re.sub(r"\{p\d", "{", part) for part in r[1:].split("/")] for _, r in routes]
            own = shapes[[r for _, r in routes].index(route)]
            # Ties go to the edge that was registered first: the first route that starts the same way.
            order = []
            for index, key in enumerate(keys_of(route)):
                same = own if key[0] == 3 else own[: index + 1]
                order.append((key, next(n for n, shape in enumerate(shapes) if shape[: len(same)] == same)))
            candidates.append((order, method_of, (method_of, route), values))
    candidates.sort(key=lambda candidate: candidate[0])
    for _, method_of, target, values in candidates:
        if method_of == method:
            return target, values, ()
    return None, {}, tuple(sorted({candidate[1] for candidate in candidates}))


@given(routes=route_lists(), paths=st.lists(PATHS, min_size=1, max_size=6), method=st.sampled_from(["GET", "POST"]))
def test_matching_agrees_with_trying_every_template(
    routes: List[Tuple[str, str]], paths: List[str], method: str
) -> None:
    router = Router("strict")
    kept = []
    for method_of, route in routes:
        try:
            router.add(method_of, template(route), (method_of, route))
            kept.append((method_of, route))
        except DuplicateRoute:
            pass
    router.freeze()

    for path in paths:
        match = router.match(method, path)
        expected = naive(kept, method, path)
        assert (match.target, match.params, match.allowed) == expected
        if path in router.static:
            target, params = router.static[path].get(method, (None, {}))
            assert (target, params) == expected[:2]
