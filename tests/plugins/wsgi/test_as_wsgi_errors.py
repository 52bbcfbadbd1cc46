# mypy: disallow-untyped-decorators=False
"""Errors of an ASGI application behind `as_wsgi`, before, during and after its response."""

from __future__ import annotations

from typing import Any, Dict

import pytest
from tests.plugins.wsgi.wsgi_calls import START, Answer, ask, call, environ, served

from fenrir import Fenrir


def test_an_error_of_a_handler_is_answered_by_the_app(caplog: pytest.LogCaptureFixture) -> None:
    app = Fenrir()

    @app.get("/")
    async def fail() -> None:
        raise RuntimeError("secret")

    answer = ask(app)
    assert answer.status == "500 Internal Server Error" and b"secret" not in answer.body
    assert "RuntimeError: secret" in caplog.text


def failing(*messages: Dict[str, Any], error: BaseException) -> Any:
    """Return an ASGI application that sends messages and then raises."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            for message in messages:
                await send(message)
            raise error

    return app


PART = {"type": "http.response.body", "body": b"part", "more_body": True}
EMPTY = {**PART, "body": b""}


@pytest.mark.parametrize("messages", [(), (START,), (START, EMPTY)])
def test_an_error_before_the_first_bytes_is_a_real_500_with_exc_info(
    messages: Any, caplog: pytest.LogCaptureFixture
) -> None:
    error = ValueError("secret")
    answer = ask(failing(*messages, error=error))
    assert (answer.status, answer.body) == ("500 Internal Server Error", b"Internal Server Error")
    assert answer.errors == [error]
    assert "ValueError: secret" in caplog.text


def test_an_error_after_the_first_bytes_is_raised_so_that_the_server_breaks_off() -> None:
    answer = Answer()
    with served(failing(START, PART, error=ValueError("late"))) as application:
        result = application(environ(), answer.start_response)
        iterator = iter(result)
        assert next(iterator) == b"part"
        answer.headers_sent = True
        with pytest.raises(ValueError, match="late"):
            next(iterator)
        result.close()
    assert answer.status == "200 OK"


def test_an_error_after_the_response_is_logged_and_the_response_stands(caplog: pytest.LogCaptureFixture) -> None:
    last = {"type": "http.response.body", "body": b"all"}
    assert ask(failing(START, last, error=ValueError("afterwards"))).body == b"all"
    assert "ValueError: afterwards" in caplog.text


def test_an_application_that_exits_does_not_end_the_server() -> None:
    with served(failing(error=SystemExit(3))) as application:
        assert call(application).status == "500 Internal Server Error"
        assert call(application).status == "500 Internal Server Error"


@pytest.mark.parametrize(
    "messages, message",
    [
        ((PART,), "sent 'http.response.body'"),
        ((START, START), "sent 'http.response.start'"),
        (({"type": "http.response.nonsense"},), "sent 'http.response.nonsense'"),
    ],
)
def test_messages_that_asgi_does_not_allow_are_errors(
    messages: Any, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert ask(failing(*messages, error=ValueError())).status == "500 Internal Server Error"
    assert message in caplog.text


def test_an_application_that_ends_without_a_response_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        pass

    assert ask(app).status == "500 Internal Server Error"
    assert "ended before its response was complete" in caplog.text
