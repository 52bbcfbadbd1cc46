"""What examples/unchanged_sanic does, on Sanic and on Fenrir: `sanic` is whichever this process imports.

On the real Sanic the clients need sanic_testing.
"""

from __future__ import annotations

from typing import Any, Dict
from uuid import uuid4

import pytest
import sanic
from examples.unchanged_sanic.app import create_app

USER = {"cookie": "user=ada"}
#: The client of sanic_testing hands its options to that of websockets, which has a word of its own for headers.
WEBSOCKET = {"headers": USER} if sanic.__name__ != "sanic" else {"extra_headers": USER}


@pytest.fixture
def app() -> Any:
    return create_app(f"service-{uuid4().hex}")


def add_job(app: Any, **body: Any) -> Dict[str, Any]:
    answer: Dict[str, Any] = app.test_client.post("/v1/api/jobs?wait=1", json=body, headers=USER)[1].json
    return answer


def test_the_page_has_the_form_of_the_login(app: Any) -> None:
    answer = app.test_client.get("/")[1]
    assert 'action="/accounts/login"' in answer.text
    assert answer.headers["x-served-by"] == app.name


def test_a_login_sets_a_cookie(app: Any) -> None:
    answer = app.test_client.post("/accounts/login", data={"name": "ada"}, allow_redirects=False)[1]
    assert (answer.status, answer.headers["location"]) == (302, "/")
    assert answer.headers["set-cookie"] == "user=ada; Path=/; Max-Age=3600; SameSite=Strict; HttpOnly"


def test_a_login_without_a_name_is_refused_with_its_context(app: Any) -> None:
    answer = app.test_client.post("/accounts/login", data={"other": "x"})[1]
    assert answer.status == 400
    assert answer.json == {
        "description": "Bad Request", "status": 400, "message": "A name, please.", "context": {"field": "name"}
    }  # fmt: skip


def test_a_logout_deletes_the_cookie(app: Any) -> None:
    answer = app.test_client.post("/accounts/logout", allow_redirects=False)[1]
    assert answer.headers["set-cookie"].startswith('user=""; Path=/; Max-Age=0')


def test_the_api_is_for_users(app: Any) -> None:
    answer = app.test_client.get("/v1/api/jobs")[1]
    assert (answer.status, answer.json["message"]) == (401, "Log in first.")
    assert answer.headers["www-authenticate"] == 'Cookie realm="service"'


def test_what_is_missing_is_told_by_the_apps_handler(app: Any) -> None:
    answer = app.test_client.get("/nothing")[1]
    assert (answer.status, answer.json) == (404, {"missing": "/nothing"})


def test_another_method_is_refused(app: Any) -> None:
    assert app.test_client.put("/accounts/login")[1].status == 405


def test_a_job_is_done_by_the_task(app: Any) -> None:
    assert add_job(app, numbers=[1, 2, 3]) == {"number": 1, "done": 3, "of": 3, "result": 6}
    assert app.ctx.store.finished == [1]


def test_a_job_has_a_url(app: Any) -> None:
    answer = app.test_client.post("/v1/api/jobs?wait=1", json={"numbers": [4]}, headers=USER)[1]
    assert (answer.status, answer.headers["location"]) == (201, "/v1/api/jobs/1")
    assert app.test_client.get("/v1/api/jobs/1", headers=USER)[1].json["result"] == 4
    assert [job["number"] for job in app.test_client.get("/v1/api/jobs", headers=USER)[1].json] == [1]


def test_a_job_needs_numbers(app: Any) -> None:
    answer = app.test_client.post("/v1/api/jobs", json={"numbers": 7}, headers=USER)[1]
    assert (answer.status, answer.json["message"]) == (400, "numbers: a list, please.")


def test_a_job_that_is_not_there_is_told_by_the_blueprints_handler(app: Any) -> None:
    answer = app.test_client.get("/v1/api/jobs/9", headers=USER)[1]
    assert (answer.status, answer.json) == (404, {"error": "There is no such job.", "number": 9})


def test_a_job_is_forgotten(app: Any) -> None:
    add_job(app, numbers=[1])
    assert app.test_client.delete("/v1/api/jobs/1", headers=USER)[1].status == 204
    assert app.test_client.get("/v1/api/jobs/1", headers=USER)[1].status == 404


def test_the_steps_of_a_job_are_streamed(app: Any) -> None:
    add_job(app, numbers=[7, 8])
    answer = app.test_client.get("/v1/api/jobs/1/steps", headers=USER)[1]
    assert (answer.text, answer.headers["x-served-by"]) == ("1/2: 7\n2/2: 8\n", app.name)


def test_an_upload_is_read_in_pieces(app: Any) -> None:
    answer = app.test_client.post("/v1/api/jobs/upload", content=b"1\n2\n3\n", headers=USER)[1]
    assert (answer.status, answer.json["of"]) == (202, 3)


def test_messages_come_back_and_are_remembered(app: Any) -> None:
    seen = []

    async def mimic(websocket: Any) -> None:
        for word in ("hello", "bye"):
            await websocket.send(word)
            seen.append(await websocket.recv())

    app.test_client.websocket("/v1/api/rooms/lobby/talk", mimic=mimic, **WEBSOCKET)
    assert seen == ["ada: hello", "ada: bye"]
    # the clients send an empty message at the end, which may come too late
    assert app.ctx.store.history["lobby"][:2] == [{"user": "ada", "text": "hello"}, {"user": "ada", "text": "bye"}]
    assert not app.ctx.store.members["lobby"]


def test_the_last_messages_of_a_room_are_read(app: Any) -> None:
    app.ctx.store.history["lobby"] = [{"user": "ada", "text": text} for text in ("a", "b", "c")]
    answer = app.test_client.get("/v1/api/rooms/lobby?last=2", headers=USER)[1]
    assert [message["text"] for message in answer.json] == ["b", "c"]
    assert answer.headers["cache-control"] == "no-store"
    assert app.test_client.get("/v1/api/rooms", headers=USER)[1].json == ["lobby"]
