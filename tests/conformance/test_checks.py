# mypy: disallow-untyped-decorators=False
"""See to it that each conformance check finds a paradigm that does not keep to it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, AsyncIterator, Callable, Dict, List, Optional
from urllib.parse import quote

import pytest
from tests.conformance.kits import Make, Pairs, kernel, kernel_kit

from fenrir_core import App, BuildError, PlainTextResponse, Request, Response, StreamingResponse
from fenrir_core.authoring import ANY_METHODS
from fenrir_core.testing import CONFORMANCE, ParadigmKit, fixtures

KIT = kernel_kit("kernel", kernel)


def text_without_charset(app: Any, path: str, text: str) -> None:
    @app.get(path)
    async def give() -> Response:
        return Response(text, headers={"content-type": "text/plain"})


def text_for_post_too(app: Any, path: str, text: str) -> None:
    app.route(path, ["GET", "POST"])(lambda: text)


def text_for_websockets_too(app: Any, path: str, text: str) -> None:
    KIT.text(app, path, text)
    assert KIT.websocket is not None
    KIT.websocket(app, path)


def text_before_the_start_alone(app: Any, path: str, text: str) -> None:
    if not app.is_built:
        KIT.text(app, path, text)


def text_beside_the_table(app: Any, path: str, text: str) -> None:
    async def serve(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse(text).send(Request(scope, receive, send, {}, None))  # type: ignore[arg-type]

    app.mount(path, serve)


def text_at_the_root_alone(app: Any, path: str, text: str) -> None:
    @app.get(path)
    async def give(request: Request) -> Any:
        return (text, 200) if not request.root_path else ("not here", 404)


def echo_encoded(app: Any, path: str, name: str) -> None:
    @app.get(path)
    async def give(request: Request) -> Any:
        return {"value": quote(str(request.path_params[name]))}


def echo_with_hooks(app: Any, path: str, name: str) -> None:
    @app.get(path)
    async def give(request: Request) -> Any:
        return {"value": request.path_params[name], "settings": len(app.plugins.ask_all("fenrir_settings"))}


def echo_without_a_name(app: Any, path: str, name: str) -> None:
    async def give(request: Request) -> Any:
        return {"value": request.path_params[name]}

    app.register(replace(app.make_route(path, give), name=""))


def receive_without_limit(app: Any, path: str) -> None:
    @app.post(path, max_body=None)
    async def receive(request: Request) -> bytes:
        return await request.body()


def call_and_tell_errors(app: Any, path: str, function: Callable[[], str]) -> None:
    @app.get(path)
    def call() -> str:
        try:
            return function()
        except Exception as error:
            return str(error)


def call_once(app: Any, path: str, function: Callable[[], str]) -> None:
    answers = []

    @app.get(path)
    def call() -> Any:
        answers.append(answers[0] if answers else function())
        return answers[-1]


def call_twice(app: Any, path: str, function: Callable[[], str]) -> None:
    KIT.call(app, path, lambda: function() and function())


def headers_once(app: Any, path: str, pairs: Pairs) -> None:
    app.get(path)(lambda: ("ok", dict(pairs)))


def headers_washed(app: Any, path: str, pairs: Pairs) -> None:
    app.get(path)(lambda: ("ok", [(name, "".join(filter(str.isprintable, value))) for name, value in pairs]))


def stream_collected(app: Any, path: str, make: Make) -> None:
    @app.get(path)
    async def give() -> bytes:
        return b"".join([chunk async for chunk in make()])


def stream_without_errors(app: Any, path: str, make: Make) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        try:
            async for chunk in make():
                yield chunk
        except Exception:
            pass

    app.get(path)(lambda: StreamingResponse(chunks()))


def background_at_once(app: Any, path: str, function: Callable[[], None]) -> None:
    app.get(path)(lambda: function() or "ok")


def websocket_shouting(app: Any, path: str) -> None:
    @app.websocket(path)
    async def shout(websocket: Any) -> None:
        await websocket.accept()
        await websocket.send_text((await websocket.receive_text()).upper())


class Coarse(App):
    """Handle every exception by whichever handler was added first."""

    def add_exception_handler(self, matches: Any, handler: Any) -> None:
        """Add it for all there is."""
        super().add_exception_handler(Exception, handler)


class Quiet(App):
    """Answer every exception without a word about it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.add_exception_handler(Exception, lambda connection, error: PlainTextResponse("sorry", 500))


class Streaming(App):
    """Use up the body before any step runs."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Replace the body by nothing."""

        async def nothing() -> Any:
            return {"type": "http.request", "body": b""}

        await super().__call__(scope, nothing if scope["type"] == "http" else receive, send)


def inject_nothing(app: Any, path: str, default: Any) -> None:
    app.get(path)(lambda: "nothing")


def inject_at_the_build(app: Any, path: str, default: Any) -> None:
    app.get(path)(lambda: str(default))


def mix_as_a_mount(app: Any, prefix: str, text: str) -> None:
    inner = kernel()
    KIT.text(inner, "/hello", text)
    app.mount(prefix, inner)


def without_plugins(plugins: Any = (), **options: Any) -> App:
    return kernel(**options)


def sharing_handlers() -> Callable[..., App]:
    handlers: Any = []

    def make(**options: Any) -> App:
        app = kernel(**options)
        app.own_handlers = handlers
        return app

    return make


#: What one change to a sound kit is found by.
BROKEN: Dict[str, ParadigmKit] = {
    "answers_what_a_handler_gives": replace(KIT, text=text_without_charset),
    "passes_path_parameters_decoded": replace(KIT, echo=echo_encoded),
    "answers_methods_and_paths_that_are_not_there": replace(KIT, text=text_for_post_too),
    "hands_over_the_body_within_its_limit": replace(KIT, receive=receive_without_limit),
    "answers_errors_and_tells_no_secret": replace(KIT, call=call_and_tell_errors),
    "picks_the_most_specific_exception_handler": replace(KIT, make=lambda **options: Coarse(paradigms=(), **options)),
    "keeps_concurrent_requests_apart": replace(KIT, call=call_once),
    "forgets_the_state_of_a_request": replace(KIT, call=call_twice),
    "runs_blocking_handlers_beside_one_another": replace(KIT, blocking=lambda app, path, _: KIT.text(app, path, "x")),
    "runs_background_work_after_the_answer_in_its_context": replace(KIT, background=background_at_once),
    "keeps_repeated_headers": replace(KIT, headers=headers_once),
    "refuses_forged_headers": replace(KIT, headers=headers_washed),
    "streams_piece_by_piece": replace(KIT, stream=stream_collected),
    "answers_an_early_stream_error_with_a_status": replace(KIT, stream=stream_without_errors),
    "breaks_a_failing_stream_off": replace(KIT, stream=stream_without_errors),
    "talks_over_websockets": replace(KIT, websocket=websocket_shouting),
    "refuses_websockets_where_there_is_none": replace(KIT, text=text_for_websockets_too),
    "takes_or_refuses_late_routes": replace(KIT, text=text_before_the_start_alone),
    "keeps_two_apps_apart": replace(KIT, make=sharing_handlers()),
    "calls_no_hook_while_it_serves": replace(KIT, echo=echo_with_hooks),
    "runs_the_steps_of_other_plugins": replace(KIT, make=without_plugins),
    "starts_and_stops_in_order": replace(KIT, make=without_plugins),
    "shows_each_route_in_its_table": replace(KIT, text=text_beside_the_table),
    "builds_urls_by_name": replace(KIT, echo=echo_without_a_name),
    "is_served_under_a_prefix": replace(KIT, text=text_at_the_root_alone),
    "reports_unhandled_errors": replace(KIT, make=lambda **options: Quiet(paradigms=(), **options)),
    "keeps_the_body_that_a_plugin_needs": replace(KIT, make=lambda **options: Streaming(paradigms=(), **options)),
    "tells_observers_what_was_served": replace(KIT, text=text_beside_the_table),
    "fills_parameters_by_other_plugins": replace(KIT, inject=inject_at_the_build),
    "resolves_dependencies": replace(KIT, inject=inject_nothing),
    "mixes_into_a_hybrid_app": replace(KIT, mix=mix_as_a_mount),
    "is_described_by_openapi": replace(KIT, mix=mix_as_a_mount),
}
CHECKS = {check.__name__: check for check in CONFORMANCE}


def test_every_check_is_tried_with_a_paradigm_that_it_must_refuse() -> None:
    assert list(BROKEN) == list(CHECKS)


@pytest.mark.parametrize("name", BROKEN)
def test_a_check_finds_what_it_is_for(name: str) -> None:
    with pytest.raises((AssertionError, BuildError)):
        asyncio.run(CHECKS[name](BROKEN[name]))


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_tells_in_a_sentence_what_it_promises(name: str) -> None:
    assert CHECKS[name].promise.endswith(".")


def test_a_check_tells_what_a_kit_lacks_and_leaves_itself_out() -> None:
    kit = replace(KIT, stream=None)
    left_out = [check for check in CONFORMANCE if check.missing(kit)]
    assert [check.missing(kit) for check in left_out] == [("stream",)] * 3
    for check in left_out:
        asyncio.run(check(kit))


def test_what_else_is_installed_is_not_in_the_apps_of_the_checks() -> None:
    asked = []

    def make(**options: Any) -> App:
        asked.append(options["autoload"])
        return kernel(**options)

    for check in CONFORMANCE:
        asyncio.run(check(replace(KIT, make=make)))
    assert set(asked) == {False}


def text_for_any_method(app: Any, path: str, text: str) -> None:
    @app.route(path, ANY_METHODS)
    async def give_text() -> str:
        return text


def echo_text(app: Any, path: str, name: str) -> None:
    assert ":" not in path, "The kit has no typed templates."
    app.get(path.replace("{", "{the_"))(lambda request: {"value": request.path_params[f"the_{name}"]})


def plain(add: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of a kit that refuses templates with types."""

    def adding(app: Any, path: str, *given: Any) -> None:
        assert ":" not in path, "The kit has no typed templates."
        add(app, path, *given)

    return adding


def template(path: str) -> Optional[str]:
    return None if ":" in path else path.replace("{", "{the_")


#: A paradigm without types in its templates and without methods in its routes.
LOOSE = replace(
    KIT,
    text=text_for_any_method,
    echo=echo_text,
    call=plain(KIT.call),
    blocking=plain(KIT.call),
    template=template,
    any_method=True,
)


@pytest.mark.parametrize("name", CHECKS)
def test_a_paradigm_without_typed_templates_and_methods_can_pass(name: str) -> None:
    asyncio.run(CHECKS[name](LOOSE))


def test_a_kit_that_says_that_its_routes_answer_any_method_is_held_to_it() -> None:
    with pytest.raises(AssertionError, match="405"):
        asyncio.run(CHECKS["answers_methods_and_paths_that_are_not_there"](replace(KIT, any_method=True)))


def test_a_kit_without_a_template_for_plain_parameters_is_told() -> None:
    with pytest.raises(AssertionError, match="no template for /hello: `template` must return one"):
        asyncio.run(CHECKS["shows_each_route_in_its_table"](replace(KIT, template=lambda path: None)))


PAGE = Path(__file__).resolve().parents[2] / "docs" / "plugins" / "conformance.md"


def table(head: str) -> List[List[str]]:
    """Return the rows of the table of the page that begins like this."""
    _, _, rest = PAGE.read_text(encoding="utf-8").partition(head)
    lines = rest.split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_page_lists_every_check_with_what_it_needs_and_promises() -> None:
    rows = [[row[0].strip("`"), re.findall(r"\w+", row[1]), row[2]] for row in table("| Check |")]
    assert rows == [[check.__name__, list(check.needs), check.promise] for check in CONFORMANCE]


def test_the_page_lists_every_field_of_a_kit() -> None:
    assert {row[0].strip("`").partition("(")[0] for row in table("| Field |")} == {item.name for item in fields(KIT)}


def test_the_page_lists_every_fixture() -> None:
    source = Path(fixtures.__file__).read_text(encoding="utf-8")
    defined = re.findall(r"@pytest\.fixture.*\ndef (\w+)", source)
    assert sorted(row[0].strip("`") for row in table("| Fixture |")) == sorted(defined)
