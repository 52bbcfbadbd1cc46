"""Media handlers of forms, and errors of middleware components, in Falcon's own app."""

from __future__ import annotations

from typing import Any

import pytest
from tests.plugins.falcon.test_falcon_app import ask

import fenrir_falcon as falcon
from fenrir_core import NotFound
from fenrir_falcon import media


class _Own(media.BaseHandler):
    """A media handler that shows what it was given."""

    def deserialize(self, stream: Any, content_type: Any, content_length: Any) -> Any:
        return {"own": stream.read().decode(), "type": content_type, "length": content_length}


class _OwnForm(media.URLEncodedFormHandler):
    def deserialize(self, stream: Any, content_type: Any, content_length: Any) -> Any:
        return {"fields": super().deserialize(stream, content_type, content_length)}


class _Media:
    async def on_post(self, req: Any, resp: Any) -> None:
        resp.media = await req.get_media()

    async def on_put(self, req: Any, resp: Any) -> None:
        found = await req.get_media()
        resp.media = {"params": req.params, "media": found}


class _SyncMedia:
    def on_post(self, req: Any, resp: Any) -> None:
        resp.media = req.get_media()


URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"
PART = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n'


def _posted(resource: Any, handlers: Any, kind: str, body: bytes, method: str = "POST", **options: Any) -> Any:
    app = falcon.App()
    for name, value in options.items():
        setattr(app.req_options, name, value)
    app.req_options.media_handlers.update(handlers)
    app.add_route("/", resource)
    return ask(app, method, "/", content=body, headers={"content-type": kind}).json()


@pytest.mark.parametrize("resource", [_Media(), _SyncMedia()], ids=["async", "sync"])
@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        (_Own(), {"own": "a=1,2&b=", "type": URLENCODED, "length": 8}),
        (_OwnForm(), {"fields": {"a": "1,2", "b": ""}}),
        (media.URLEncodedFormHandler(), {"a": "1,2", "b": ""}),
        (media.URLEncodedFormHandler(keep_blank=False, csv=True), {"a": ["1", "2"]}),
    ],
    ids=["another class", "a subclass", "the default", "options"],
)
def test_the_apps_handler_of_urlencoded_forms_is_used(resource: Any, handler: Any, expected: Any) -> None:
    assert _posted(resource, {URLENCODED: handler}, URLENCODED, b"a=1,2&b=") == expected


def test_the_handler_of_urlencoded_forms_decides_about_blank_fields_and_not_the_option_of_the_query() -> None:
    assert _posted(_Media(), {}, URLENCODED, b"a=1&b=", keep_blank_qs_values=False) == {"a": "1", "b": ""}


@pytest.mark.parametrize("resource", [_Media(), _SyncMedia()], ids=["async", "sync"])
def test_the_apps_handler_of_multipart_forms_is_given_the_body(resource: Any) -> None:
    found = _posted(resource, {"multipart/form-data": _Own()}, MULTIPART, PART)
    assert found == {"own": PART.decode(), "type": MULTIPART, "length": len(PART)}


@pytest.mark.parametrize("resource", [_Media(), _SyncMedia()], ids=["async", "sync"])
def test_a_handler_of_multipart_forms_leaves_the_others_alone(resource: Any) -> None:
    assert _posted(resource, {"multipart/form-data": _Own()}, URLENCODED, b"a=1&a=2") == {"a": ["1", "2"]}


def test_form_fields_are_parameters_beside_an_own_handler() -> None:
    handlers = {"multipart/form-data": _Own(), URLENCODED: _OwnForm()}
    with pytest.warns(falcon.DeprecatedWarning):
        found = _posted(_Media(), handlers, URLENCODED, b"a=1", "PUT", auto_parse_form_urlencoded=True)
    assert found == {"params": {"a": "1"}, "media": {"fields": {"a": "1"}}}


# ---------------------------------------------------------------- errors of middleware components


class _WithDict(Exception):
    """No HTTP error, whatever its attributes are."""

    status = "418 I'm a teapot"

    def to_dict(self) -> Any:
        return {"title": "secret"}


@pytest.mark.parametrize(
    ("error", "status", "shown"),
    [
        (_WithDict(), 500, "500 Internal Server Error"),
        (falcon.HTTPForbidden(title="closed"), 403, "closed"),
        (NotFound("gone"), 404, "404 Not Found"),
    ],
    ids=["not an HTTP error", "Falcon's", "the kernel's"],
)
def test_the_class_decides_which_error_of_process_response_is_answered(error: Any, status: int, shown: str) -> None:
    class Component:
        async def process_response(self, req: Any, resp: Any, resource: Any, req_succeeded: bool) -> None:
            raise error

    class Outer:
        async def process_response(self, req: Any, resp: Any, resource: Any, req_succeeded: bool) -> None:
            resp.set_header("x-succeeded", str(req_succeeded))

    app = falcon.App(middleware=[Outer(), Component()])
    app.add_route("/", _Media())
    answer = ask(app, "POST", "/", json={})
    assert (answer.status_code, answer.json()["title"], answer.headers["x-succeeded"]) == (status, shown, "False")


def test_a_status_raised_by_process_response_is_answered() -> None:
    class Component:
        async def process_response(self, req: Any, resp: Any, resource: Any, req_succeeded: bool) -> None:
            raise falcon.HTTPStatus(202, text="later")

    app = falcon.App(middleware=[Component()])
    app.add_route("/", _Media())
    answer = ask(app, "POST", "/", json={})
    assert (answer.status_code, answer.text) == (202, "later")
