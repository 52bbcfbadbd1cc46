"""Generator endpoints: JSON lines, server-sent events, raw streams."""

from __future__ import annotations

import json
from typing import Any, AsyncIterable, Iterable, Optional

import pytest
from pydantic import BaseModel, ValidationError

from fenrir_fastapi import Depends, FastAPI, Response
from fenrir_fastapi.exceptions import ResponseValidationError
from fenrir_fastapi.responses import StreamingResponse
from fenrir_fastapi.sse import EventSourceResponse, ServerSentEvent, format_sse_event
from fenrir_fastapi.testclient import TestClient


class Item(BaseModel):
    name: str
    note: Optional[str] = None


def test_items_become_json_lines_of_their_type() -> None:
    app = FastAPI()

    @app.get("/async", response_model_exclude_none=True)
    async def items() -> AsyncIterable[Item]:
        yield Item(name="a")
        yield {"name": "b", "more": 1}  # type: ignore[misc]

    @app.get("/sync")
    def plain() -> Iterable[Any]:
        yield {"name": "c"}

    client = TestClient(app)
    answer = client.get("/async")
    assert answer.headers["content-type"] == "application/jsonl"
    assert [json.loads(line) for line in answer.text.splitlines()] == [{"name": "a"}, {"name": "b"}]
    assert json.loads(client.get("/sync").text) == {"name": "c"}
    content = app.openapi()["paths"]["/async"]["get"]["responses"]["200"]["content"]
    assert content == {"application/jsonl": {"itemSchema": {"$ref": "#/components/schemas/Item"}}}


def test_an_item_that_does_not_fit_its_type_ends_the_stream() -> None:
    app = FastAPI()

    @app.get("/")
    def items() -> Iterable[Item]:
        yield {"name": "a"}  # type: ignore[misc]
        yield {"name": []}  # type: ignore[misc]

    with pytest.raises(ResponseValidationError, match="items"):
        TestClient(app).get("/")


def test_items_become_events() -> None:
    app = FastAPI()

    @app.get("/", response_class=EventSourceResponse)
    async def events() -> AsyncIterable[Any]:
        yield Item(name="a")
        yield ServerSentEvent(data={"n": 1}, event="tick", id="7", retry=10)
        yield ServerSentEvent(raw_data="[DONE]", comment="end")

    answer = TestClient(app).get("/")
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert (answer.headers["cache-control"], answer.headers["x-accel-buffering"]) == ("no-cache", "no")
    assert answer.text.split("\n\n") == [
        'data: {"name":"a","note":null}',
        'event: tick\ndata: {"n": 1}\nid: 7\nretry: 10',
        ": end\ndata: [DONE]",
        "",
    ]


def test_the_document_describes_events_by_the_type_of_their_data() -> None:
    app = FastAPI()

    @app.get("/", response_class=EventSourceResponse)
    def events() -> Iterable[Item]:
        yield Item(name="a")

    content = app.openapi()["paths"]["/"]["get"]["responses"]["200"]["content"]
    data = content["text/event-stream"]["itemSchema"]["properties"]["data"]
    assert data["contentSchema"] == {"$ref": "#/components/schemas/Item"}
    assert data["contentMediaType"] == "application/json"


@pytest.mark.parametrize(
    "options",
    [{"id": "a\0"}, {"id": "a\n"}, {"event": "a\rb"}, {"retry": -1}, {"retry": 1.5}, {"data": 1, "raw_data": "x"}],
)
def test_an_event_that_can_not_be_sent_is_refused(options: Any) -> None:
    with pytest.raises(ValidationError):
        ServerSentEvent(**options)


def test_lines_of_an_events_data_are_split_where_browsers_end_them() -> None:
    lines = format_sse_event(data_str="a\r\nb\rc\nd\u2028e\n").decode().split("\n")
    assert lines == ["data: a", "data: b", "data: c", "data: d\u2028e", "data: ", "", ""]


def test_a_raw_stream_has_the_media_type_of_its_class_and_the_status_that_was_set() -> None:
    class Pictures(StreamingResponse):
        media_type = "image/png"

    def accept(response: Response) -> None:
        response.status_code = 202

    app = FastAPI(dependencies=[Depends(accept)])

    @app.get("/", response_class=Pictures)
    async def stream() -> AsyncIterable[bytes]:
        yield b"12"
        yield b"34"

    answer = TestClient(app).get("/")
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (202, "image/png", b"1234")


def test_an_iterable_that_is_returned_is_one_answer() -> None:
    app = FastAPI()

    @app.get("/", response_model_exclude_unset=True)
    def items() -> Iterable[Item]:
        return [Item(name="a")]

    assert TestClient(app).get("/").json() == [{"name": "a"}]
