"""CSRF tokens, for browsers that send neither Sec-Fetch-Site nor Origin."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, Optional
from urllib.parse import urlencode

import pytest
from tests.plugins.security.apps import KEY, add, ask, drive, each_class, make, say, under_tls

from fenrir import Fenrir, render_template_string
from fenrir_bottle import template
from fenrir_core import HTMLResponse, NoRequest, Request, Response
from fenrir_core.testing import Answer, Client
from fenrir_fastapi import FastAPI
from fenrir_fastapi.templating import Jinja2Templates
from fenrir_security import csrf_field, csrf_token, rotate_session

FORM = "application/x-www-form-urlencoded"


def with_form(paradigm: str, **settings: Any) -> Any:
    """Return an app with a page that has a token, and a form that takes it."""
    app = make(paradigm, **{"csrf": True, "security_key": KEY, **settings})
    add(app, "/form", "GET", lambda: csrf_token())
    add(app, "/send", "POST", say("sent"))
    return app


async def token_of(client: Client, path: str = "/form") -> str:
    return (await client.get(path)).text.strip('"')


async def post(client: Client, token: Optional[str], field: str = "csrf_token", **more: str) -> Answer:
    body = urlencode({"name": "ada", **({} if token is None else {field: token})})
    return await client.post("/send", headers={"content-type": FORM, **more}, body=body)


@each_class
def test_a_form_with_the_token_is_taken(paradigm: str) -> None:
    async def steps(client: Client) -> None:
        token = await token_of(client)
        assert (await post(client, token)).status == 200
        assert (await post(client, token)).status == 200  # more than once

    drive(steps, with_form(paradigm))


@each_class
def test_a_header_with_the_token_is_taken(paradigm: str) -> None:
    async def steps(client: Client) -> None:
        headers = {"x-csrf-token": await token_of(client), "content-type": "application/json"}
        assert (await client.post("/send", headers=headers, body="{}")).status == 200

    drive(steps, with_form(paradigm))


@each_class
def test_a_multipart_form_with_the_token_is_taken(paradigm: str) -> None:
    async def steps(client: Client) -> None:
        token = await token_of(client)
        files = {"file": ("a.txt", b"content")}
        assert (await client.post("/send", form={"csrf_token": token}, files=files)).status == 200
        assert (await client.post("/send", form={"csrf_token": "x"}, files=files)).status == 403

    drive(steps, with_form(paradigm))


@each_class
def test_a_form_without_a_right_token_is_refused(paradigm: str) -> None:
    async def steps(client: Client) -> None:
        await token_of(client)
        for token in ("", "x", "x" * 64, "é", "A" * 64, "a.b"):
            answer = await post(client, token)
            assert (token, answer.status) == (token, 403) and "not the one of this session" in answer.text
        missing = await post(client, None)
        assert missing.status == 403 and "has no CSRF token" in missing.text

    drive(steps, with_form(paradigm))


def test_the_token_of_another_client_is_refused() -> None:
    app = with_form("fenrir")

    async def steps(client: Client) -> None:
        other = Client(app)
        await token_of(client)
        assert (await post(client, await token_of(other))).status == 403

    drive(steps, app)


def test_a_token_without_the_cookie_is_refused() -> None:
    async def steps(client: Client) -> None:
        token = await token_of(client)
        client.cookies.clear()
        assert (await post(client, token)).status == 403

    drive(steps, with_form("fenrir"))


def test_a_cookie_that_another_key_has_signed_is_refused() -> None:
    async def steps(client: Client) -> None:
        other = Client(with_form("fenrir", security_key="another key, not so secret"))
        token = await token_of(other)
        client.cookies["csrf"] = other.cookies["csrf"]
        assert (await post(client, token)).status == 403

    drive(steps, with_form("fenrir"))


def test_a_cookie_that_is_junk_is_refused() -> None:
    async def steps(client: Client) -> None:
        token = await token_of(client)
        for cookie in ("", "x", "x.y", ".", "AAAA.AAAA", "é.é", "a" * 5000):
            header = f"csrf={cookie}".encode().decode("latin-1")
            assert (cookie, (await post(client, token, cookie=header)).status) == (cookie, 403)

    drive(steps, with_form("fenrir"))


def test_each_page_has_another_text_of_the_same_token() -> None:
    async def steps(client: Client) -> None:
        tokens = {await token_of(client) for _ in range(5)}
        assert len(tokens) == 5
        for token in tokens:
            assert (await post(client, token)).status == 200

    drive(steps, with_form("fenrir"))


def test_the_cookie_is_sent_once_and_hidden_from_scripts() -> None:
    async def steps(client: Client) -> None:
        first, second = await client.get("/form"), await client.get("/form")
        assert re.fullmatch(r"csrf=[^;]+; Path=/; HttpOnly; SameSite=Lax", first.headers["set-cookie"])
        assert "set-cookie" not in second.headers
        assert first.headers["vary"] == second.headers["vary"] == "Cookie"

    drive(steps, with_form("fenrir"))


def test_under_tls_no_other_host_can_set_the_cookie() -> None:
    (answer,) = ask(under_tls(with_form("fenrir")), ("GET", "/form"))
    assert re.fullmatch(r"__Host-csrf=[^;]+; Path=/; Secure; HttpOnly; SameSite=Lax", answer.headers["set-cookie"])


def test_a_page_without_a_token_sets_no_cookie() -> None:
    app = with_form("fenrir")
    app.get("/plain")(say())
    (answer,) = ask(app, ("GET", "/plain"))
    assert "set-cookie" not in answer.headers and "vary" not in answer.headers


def test_a_browser_that_says_where_it_comes_from_needs_no_token() -> None:
    async def steps(client: Client) -> None:
        assert (await post(client, None, origin="http://test")).status == 200

    drive(steps, with_form("fenrir"))


def test_a_token_does_not_help_a_request_of_another_site() -> None:
    async def steps(client: Client) -> None:
        token = await token_of(client)
        assert (await post(client, token, origin="https://evil.example")).status == 403

    drive(steps, with_form("fenrir"))


def test_a_handler_still_reads_the_body_in_every_way() -> None:
    app = with_form("fenrir")

    @app.post("/body")
    async def body(request: Request) -> Any:
        return Response(await request.body())

    @app.post("/stream", stream=True)
    async def stream(request: Request) -> Any:
        return Response(b"".join([chunk async for chunk in request.stream()]))

    async def asgi(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": message["body"]})

    app.mount("/asgi", asgi)

    async def steps(client: Client) -> None:
        token = await token_of(client)
        part = f'--X\r\ncontent-disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n--X--\r\n'
        urlencoded = urlencode({"csrf_token": token, "a": "1"})
        forms = [
            (FORM, urlencoded, ("/body", "/stream", "/asgi/x")),
            # a route without `stream=True` has a multipart body as a form only, with this guard or without
            ("multipart/form-data; boundary=X", part, ("/stream", "/asgi/x")),
        ]
        for kind, sent, paths in forms:
            for path in paths:
                answer = await client.post(path, headers={"content-type": kind}, body=sent)
                assert (path, answer.status, answer.text) == (path, 200, sent)

    drive(steps, app)


@pytest.mark.parametrize("paradigm", ["fenrir", "flask"])
def test_flasks_secret_key_signs_where_there_is_no_other(paradigm: str) -> None:
    app = with_form(paradigm, security_key=None)
    app.secret_key = "set later"

    async def steps(client: Client) -> None:
        assert (await post(client, await token_of(client))).status == 200

    drive(steps, app)


def test_without_a_key_there_is_no_token_and_the_error_says_what_to_set() -> None:
    app = with_form("fenrir", security_key=None)

    async def steps(_: Client) -> None:
        with pytest.raises(RuntimeError, match="no key to sign CSRF tokens with. Set `security_key`"):
            await Client(app).get("/form")

    drive(steps, app)


def test_where_the_protection_is_off_there_is_no_token() -> None:
    app = Fenrir(security_key=KEY)
    app.get("/form")(lambda: csrf_token())

    async def steps(_: Client) -> None:
        with pytest.raises(RuntimeError, match=r"csrf_token\(\) needs CSRF protection, which is off in this app"):
            await Client(app).get("/form")

    drive(steps, app)


def test_outside_a_request_there_is_no_token() -> None:
    with pytest.raises(NoRequest, match=r"csrf_token\(\) was used outside a request"):
        csrf_token()


def test_a_short_key_is_an_error_when_it_is_set() -> None:
    with pytest.raises(Exception, match="at least 16 characters"):
        Fenrir(security_key="short")


# ---------------------------------------------------------------- templates

FIELD = re.compile(r'<input type="hidden" name="csrf_token" value="([A-Za-z0-9_=-]+)">')


def check_field(app: Any, path: str = "/page") -> None:
    async def steps(client: Client) -> None:
        found = FIELD.search((await client.get(path)).text)
        assert found and (await post(client, found[1])).status == 200

    drive(steps, app)


@pytest.mark.parametrize("paradigm", ["fenrir", "flask"])
def test_flask_templates_have_the_field(paradigm: str) -> None:
    app = with_form(paradigm)
    app.route("/page")(lambda: render_template_string("<form>{{ csrf_field() }}</form>"))
    check_field(app)


@pytest.mark.parametrize("paradigm", ["fenrir", "flask", "bottle"])
def test_bottle_templates_have_the_field(paradigm: str) -> None:
    app = with_form(paradigm)
    add(app, "/page", "GET", lambda: template("<form>{{!csrf_field()}}</form>"))
    check_field(app)


def test_starlette_templates_have_the_field(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<form>{{ csrf_field() }}</form>")
    templates = Jinja2Templates(directory=str(tmp_path))
    app = FastAPI(csrf=True, security_key=KEY)
    add(app, "/send", "POST", say("sent"))

    @app.get("/page")
    async def page(request: Request) -> Any:
        return templates.TemplateResponse(request, "page.html")

    check_field(app)


def test_a_handler_can_call_it_as_a_function() -> None:
    app = with_form("fastapi")

    @app.get("/page")
    async def page() -> Any:
        return HTMLResponse(f"<form>{csrf_field()}</form>")

    check_field(app)


# ---------------------------------------------------------------- sessions


def test_a_token_may_be_bound_to_the_id_of_a_session() -> None:
    async def steps(client: Client) -> None:
        client.cookies["sid"] = "one"
        token = await token_of(client)
        assert (await post(client, token)).status == 200
        client.cookies["sid"] = "two"
        assert (await post(client, token)).status == 403
        assert (await post(client, await token_of(client))).status == 200

    drive(steps, with_form("fenrir", csrf_session_cookie="sid"))


@pytest.mark.parametrize("before", [True, False])
def test_rotating_the_session_makes_old_tokens_worthless(before: bool) -> None:
    app = with_form("fenrir", secret_key="secret")

    @app.post("/login")
    def login() -> str:
        from fenrir import session

        session["user"] = "ada"
        token = csrf_token() if before else ""
        rotate_session()
        return token or csrf_token()

    async def steps(client: Client) -> None:
        old = await token_of(client)
        answer = await client.post("/login", headers={"origin": "http://test"})
        assert len([line for line in answer.headers.getlist("set-cookie") if line.startswith("csrf=")]) == 1
        assert (await post(client, old)).status == 403
        assert (await post(client, await token_of(client))).status == 200

    drive(steps, app)


def test_a_new_client_that_logs_in_gets_one_cookie() -> None:
    app = with_form("fenrir", secret_key="secret")

    @app.post("/login")
    def login() -> str:
        from fenrir import session

        session["user"] = "ada"
        csrf_token()
        rotate_session()
        return csrf_token()

    async def steps(client: Client) -> None:
        answer = await client.post("/login", headers={"origin": "http://test"})
        assert len([line for line in answer.headers.getlist("set-cookie") if line.startswith("csrf=")]) == 1
        assert (await post(client, answer.text)).status == 200

    drive(steps, app)


def test_the_template_names_are_there_only_where_their_part_is_on() -> None:
    found: Dict[str, Any] = {}
    for name, settings in {"none": {}, "csrf": {"csrf": True}, "headers": {"security_headers": True}}.items():
        app = Fenrir(security_key=KEY, **settings)
        app.get("/")(lambda: render_template_string("{{ csrf_token is defined }} {{ csp_nonce is defined }}"))
        (answer,) = ask(app, ("GET", "/"))
        found[name] = answer.text
    assert found == {"none": "False False", "csrf": "True False", "headers": "False True"}
