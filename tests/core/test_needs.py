# mypy: disallow-untyped-decorators=False
"""What plugins need of the body: the needs of one leave to another what it asked for."""

from __future__ import annotations

from typing import Any, Iterable, List, Optional

import pytest

from fenrir_core import Call, Param, Resolver, RouteHook, hookimpl
from fenrir_core.testing import SyncClient, make_app

BOUNDARY = "frontier"
MULTIPART = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="f"; filename="f.txt"\r\n\r\nfile\r\n--{BOUNDARY}--\r\n'
).encode()
KINDS = {
    "multipart": (f"multipart/form-data; boundary={BOUNDARY}", MULTIPART),
    "urlencoded": ("application/x-www-form-urlencoded", b"a=1"),
}


class Signed(bytes):
    """The raw body."""


class Webhook:
    """A plugin whose parameter and step need the body as it was sent."""

    def __init__(self, *needs: str) -> None:
        self.needs = frozenset(needs)

    @hookimpl
    def fenrir_make_resolver(self, param: Param) -> Optional[Resolver]:
        if param.annotation is not Signed:
            return None
        return Resolver(lambda connection: Signed(connection.loaded_body), needs=self.needs)


class Step:
    """A plugin that needs something of the body of every route."""

    def __init__(self, *needs: str, around: bool = False) -> None:
        self.needs, self.around = frozenset(needs), around
        self.forms: List[Any] = []

    @hookimpl
    def fenrir_route_hooks(self) -> Iterable[RouteHook]:
        async def look(connection: Any) -> None:
            self.forms.append(connection.loaded_form.get("a"))

        async def call(connection: Any, call_next: Any) -> Any:
            return await call_next(connection)

        is_form = {"load", "form"}.intersection(self.needs)
        yield RouteHook(
            "step",
            before=Call.of(look) if is_form else None,
            needs=self.needs,
            around=call if self.around else None,
        )


@pytest.mark.parametrize("around", [False, True], ids=["plain", "around"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("others", [("load",), ("form",), ("load", "form"), ("body", "load")], ids="+".join)
@pytest.mark.parametrize("mine", [("body",), ("body", "form"), ("body", "load")], ids="+".join)
def test_the_body_is_kept_whatever_another_plugin_makes_of_it(mine: Any, others: Any, kind: str, around: bool) -> None:
    content_type, body = KINDS[kind]
    step = Step(*others, around=around)
    app = make_app([Webhook(*mine), step])

    @app.post("/hook")
    async def hook(body: Signed) -> bytes:
        return bytes(body)

    with SyncClient(app) as client:
        assert client.post("/hook", body=body, headers={"content-type": content_type}).body == body
    assert step.forms == ["1"]


def test_a_form_is_still_parsed_as_it_arrives_where_nothing_needs_the_body() -> None:
    app = make_app([Step("load")])

    @app.post("/")
    async def index() -> str:
        return "ok"

    (target,) = [target for target in app.compiled_routes if target.route.path == "/"]
    assert "await request.form()" in target.source
    assert target.source.count("accept_single_chunk") == 1


def test_a_step_around_an_endpoint_runs_before_the_body_is_read_where_no_step_needs_it() -> None:
    seen = []

    class Looks:
        @hookimpl
        def fenrir_route_hooks(self) -> Iterable[RouteHook]:
            async def look(connection: Any, call_next: Any) -> Any:
                seen.append(connection.is_loaded)
                return await call_next(connection)

            yield RouteHook("look", around=look)

    app = make_app([Webhook("body"), Looks()])

    @app.post("/")
    async def index(body: Signed) -> bytes:
        return bytes(body)

    with SyncClient(app) as client:
        assert client.post("/", body=b"abc").body == b"abc"
    assert seen == [False]
