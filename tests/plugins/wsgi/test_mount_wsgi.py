"""`mount_wsgi`: its arguments, and which requests reach the application."""

from __future__ import annotations

import asyncio
from typing import Any, Dict

import pytest
from tests.plugins.wsgi.mounted_apps import EMPTY, ask, echo, mounted, recorder, talk

from fenrir import Fenrir
from fenrir_core import BuildError
from fenrir_core.testing import Client

# ---------------------------------------------------------------- registration


@pytest.mark.parametrize(
    "arguments, keywords",
    [
        ((echo,), {"prefix": "/legacy"}),
        ((echo, "/legacy"), {}),
        (("/legacy", echo), {}),
        (("/legacy",), {"wsgi_app": echo}),
        ((), {"prefix": "/legacy/", "wsgi_app": echo}),
    ],
)
def test_the_application_and_the_prefix_may_come_in_any_order(arguments: Any, keywords: Any) -> None:
    app = Fenrir()
    app.mount_wsgi(*arguments, **keywords)
    assert ask(app, "/legacy/x").text == "GET /legacy /x "


@pytest.mark.parametrize(
    "arguments, keywords, message",
    [
        ((), {}, "no WSGI application"),
        ((echo,), {}, "no prefix"),
        (("/legacy",), {}, "no WSGI application"),
        ((echo, "/a"), {"prefix": "/b"}, "more than one prefix"),
        ((echo, echo), {"prefix": "/b"}, "more than one WSGI application"),
        ((echo, "legacy"), {}, "must start with '/'"),
        ((echo,), {"prefix": 7}, "the prefix 7 is not a str"),
        ((42, "/legacy"), {}, "42 is not callable"),
        ((Fenrir(), "/legacy"), {}, "is an ASGI application"),
    ],
)
def test_a_wrong_mount_is_refused_where_it_stands(arguments: Any, keywords: Any, message: str) -> None:
    with pytest.raises(BuildError, match=message) as caught:
        Fenrir().mount_wsgi(*arguments, **keywords)
    assert f"{__file__}:" in str(caught.value)


# ---------------------------------------------------------------- where it answers


@pytest.mark.parametrize(
    "path, info", [("/legacy", ""), ("/legacy/", "/"), ("/legacy/a/b", "/a/b"), ("/legacy/a%20b%2Fc/", "/a b/c/")]
)
def test_the_path_is_split_between_script_name_and_path_info(path: str, info: str) -> None:
    assert ask(mounted(echo), path).text == f"GET /legacy {info} "


def test_a_path_that_only_begins_like_the_prefix_is_not_caught() -> None:
    assert ask(mounted(echo), "/legacyx").status == 404


def test_a_route_of_the_app_wins_over_the_mount() -> None:
    app = mounted(echo)

    @app.get("/legacy/new")
    def new() -> str:
        return "new"

    assert ask(app, "/legacy/new").text == "new"


def test_a_mount_at_the_root_answers_what_no_route_does() -> None:
    app = mounted(echo, "/")

    @app.get("/new")
    def new() -> str:
        return "new"

    assert ask(app, "/new").text == "new"
    assert ask(app, "/old/x").text == "GET  /old/x "


def test_the_longest_of_several_prefixes_wins() -> None:
    app = mounted(echo)
    app.mount_wsgi(echo, "/legacy/deeper")
    assert ask(app, "/legacy/deeper/x").text == "GET /legacy/deeper /x "
    assert ask(app, "/legacy/other").text == "GET /legacy /other "


def test_a_mount_inside_a_mounted_app_knows_both_prefixes() -> None:
    outer = Fenrir()
    outer.mount("/outer", mounted(echo))
    assert ask(outer, "/outer/legacy/x").text == "GET /outer/legacy /x "


def test_a_server_that_leaves_its_root_path_out_of_the_path_is_understood() -> None:
    seen: Dict[str, Any] = {}
    talk(mounted(recorder(seen)), {"path": "/legacy/x", "raw_path": b"/legacy/x", "root_path": "/app"}, [EMPTY])
    assert (seen["SCRIPT_NAME"], seen["PATH_INFO"]) == ("/app/legacy", "/x")


def test_a_websocket_under_the_prefix_is_refused() -> None:
    sent = talk(mounted(echo), {"type": "websocket", "path": "/legacy/x"}, [{"type": "websocket.connect"}])
    assert sent[0]["type"] == "websocket.close"


def test_many_requests_at_once_never_cross() -> None:
    app = mounted(echo)

    async def go() -> None:
        async with Client(app) as client:
            paths = [f"/legacy/{index}" for index in range(300)]
            answers = await asyncio.gather(
                *[client.post(path, body=path, headers={"content-length": str(len(path))}) for path in paths]
            )
        assert [answer.text for answer in answers] == [f"POST /legacy {path[7:]} {path}" for path in paths]

    asyncio.run(go())
