"""The session in its signed cookie."""

from __future__ import annotations

import logging
from datetime import datetime, timezone
from typing import Any
from uuid import UUID

import pytest
from itsdangerous import URLSafeTimedSerializer
from markupsafe import Markup

from fenrir import Fenrir, session
from fenrir_flask.json.tag import TaggedJSONSerializer


def counting(**settings: Any) -> Any:
    app = Fenrir(**settings)

    @app.get("/count")
    async def count() -> Any:
        session["n"] = session.get("n", 0) + 1
        return session["n"]

    @app.get("/read")
    def read() -> Any:
        return {"n": session.get("n"), "new": session.new}

    @app.get("/clear")
    def clear() -> str:
        session.clear()
        return ""

    @app.get("/none")
    def none() -> str:
        return ""

    @app.get("/fail")
    def fail() -> str:
        session["n"] = 99
        raise ValueError("after the change")

    return app


def test_a_session_lasts_over_requests(browse: Any) -> None:
    browser = browse(counting(secret_key="key"))

    assert [browser.get("/count").json() for _ in range(3)] == [1, 2, 3]
    assert browser.get("/read").json() == {"n": 3, "new": False}


def test_the_cookie_is_hidden_from_scripts_and_from_other_sites_requests(browse: Any) -> None:
    cookie = browse(counting(secret_key="key")).get("/count").headers["set-cookie"]

    assert cookie.startswith("session=") and cookie.endswith("; HttpOnly; Path=/; SameSite=Lax")


def test_only_a_change_sends_the_cookie_and_only_a_look_makes_the_answer_vary(browse: Any) -> None:
    browser = browse(counting(secret_key="key"))

    headers = [browser.get(path).headers for path in ("/count", "/read", "/none")]

    assert ["set-cookie" in one for one in headers] == [True, False, False]
    assert [one.get("vary") for one in headers] == ["Cookie", "Cookie", None]


def test_a_route_that_leaves_the_session_alone_does_no_work_for_it(browse: Any) -> None:
    app = counting(secret_key="key")
    source = next(target.source for target in app.compiled_routes if target.route.path == "/none")

    assert "session" not in source and "after" not in source


def test_a_session_is_saved_although_the_request_fails(browse: Any) -> None:
    browser = browse(counting(secret_key="key"))

    assert browser.get("/fail").status_code == 500
    assert browser.get("/read").json()["n"] == 99


def test_an_emptied_session_deletes_the_cookie(browse: Any) -> None:
    browser = browse(counting(secret_key="key"))
    browser.get("/count")

    cookie = browser.get("/clear").headers["set-cookie"]

    assert "Max-Age=0" in cookie
    assert browser.get("/read").json() == {"n": None, "new": True}


@pytest.mark.parametrize("value", ["forged", "eyJuIjo1fQ.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb", ".", "é"])
def test_a_forged_cookie_is_an_empty_session(browse: Any, value: str) -> None:
    browser = browse(counting(secret_key="key"))

    answer = browser.get("/read", headers={"cookie": f"session={value}".encode()})

    assert answer.json()["n"] is None


def test_a_cookie_signed_with_another_key_is_refused_and_with_a_former_one_accepted(browse: Any) -> None:
    old = browse(counting(secret_key="old"))
    old.get("/count")
    cookie = {"cookie": f"session={old.client.cookies['session']}"}

    assert browse(counting(secret_key="new")).get("/read", headers=cookie).json()["n"] is None
    rotated = counting(secret_key="new", secret_key_fallbacks=["old"])
    assert browse(rotated).get("/read", headers=cookie).json()["n"] == 1


def test_an_expired_cookie_is_an_empty_session(browse: Any) -> None:
    browser = browse(counting(secret_key="key", permanent_session_lifetime=-1))
    browser.get("/count")

    assert browser.get("/read").json()["n"] is None


def test_without_a_secret_key_reading_gives_nothing_and_writing_names_the_setting(browse: Any) -> None:
    app = counting()

    @app.exception(RuntimeError)
    def explain(error: RuntimeError) -> str:
        return str(error)

    browser = browse(app)
    assert browser.get("/read").json() == {"n": None, "new": False}
    assert "`app.secret_key = ...`" in browser.get("/count").text


def test_the_key_comes_from_the_attribute_the_configuration_or_the_environment(monkeypatch: Any) -> None:
    monkeypatch.setenv("SECRET_KEY", "from the environment")
    app = Fenrir()
    seen = [app.secret_key]
    app.secret_key = "attribute"
    seen.append(app.config["SECRET_KEY"])
    app.config["SECRET_KEY"] = "configuration"

    assert [*seen, app.settings["secret_key"]] == ["from the environment", "attribute", "configuration"]


def test_a_permanent_session_has_an_end_and_is_renewed(browse: Any) -> None:
    app = counting(secret_key="key")

    @app.get("/stay")
    def stay() -> str:
        session.permanent = True
        return ""

    browser = browse(app)
    assert "Expires=" in browser.get("/stay").headers["set-cookie"]
    assert "Expires=" in browser.get("/read").headers["set-cookie"]


def test_a_change_that_comes_too_late_is_reported(browse: Any, caplog: Any) -> None:
    app = counting(secret_key="key")

    @app.get("/stream")
    async def stream() -> Any:
        async def pieces() -> Any:
            yield "one"
            session["n"] = 1
            yield "two"

        session.get("n")
        return pieces()

    with caplog.at_level(logging.WARNING, "fenrir.flask"):
        assert browse(app).get("/stream").text == "onetwo"
    assert "changed after the headers were sent" in caplog.text


def test_the_cookie_is_one_that_flask_reads(browse: Any) -> None:
    browser = browse(counting(secret_key="key"))
    browser.get("/count")
    reader = URLSafeTimedSerializer(
        "key",
        salt="cookie-session",
        signer_kwargs={"key_derivation": "hmac", "digest_method": __import__("hashlib").sha1},
    )

    assert reader.loads(browser.client.cookies["session"]) == {"n": 1}


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, "x", None, True], "b": {"c": 1.5}},
        (1, (2, 3)),
        b"\x00\xff",
        UUID(int=5),
        Markup("<b>"),
        datetime(2024, 2, 3, 4, 5, 6, tzinfo=timezone.utc),
        {" t": [1]},
        {" di": 1},
    ],
)
def test_what_json_can_not_say_comes_back_as_it_was(value: Any) -> None:
    serializer = TaggedJSONSerializer()

    back = serializer.loads(serializer.dumps({"value": value}))["value"]

    assert (back, type(back)) == (value, type(value))


def test_a_value_that_can_not_be_stored_is_a_500_and_not_lost_in_silence(browse: Any) -> None:
    app = Fenrir(secret_key="key")

    @app.get("/")
    def index() -> str:
        session["x"] = object()
        return ""

    assert browse(app).get("/").status_code == 500


def test_a_session_interface_of_the_users_own_is_asked(browse: Any) -> None:
    from fenrir_flask.sessions import Session, SessionInterface

    store: Any = {}

    class Server(SessionInterface):
        def open_session(self, app: Any, request: Any) -> Any:
            return Session(store.get(request.cookies.get("id"), {}))

        def save_session(self, app: Any, session: Any, response: Any) -> None:
            store["1"] = dict(session)
            response.set_cookie("id", "1")

    app = counting()
    app.session_interface = Server()
    browser = browse(app)

    assert [browser.get("/count").json() for _ in range(2)] == [1, 2]
    assert store == {"1": {"n": 2}}
