"""FastAPI's server-sent events.

Source: WHATWG HTML, "Server-sent events".
"""

from __future__ import annotations

import json
from typing import Any, List, Optional

from pydantic import BaseModel, Field, ValidationInfo, field_validator, model_validator

from .encoders import jsonable_encoder
from .response import EventSourceResponse

__all__ = ["EventSourceResponse", "ServerSentEvent", "format_sse_event"]


class ServerSentEvent(BaseModel):
    """An event that a generator endpoint yields.

    Attributes:
        data: The payload, sent as JSON.
        raw_data: The payload as text, sent unchanged; instead of `data`.
        event: The event's name.
        id: The id that the browser sends back as `Last-Event-ID`.
        retry: Milliseconds after which the browser reconnects.
        comment: Comment lines, which clients ignore.
    """

    data: Any = None
    raw_data: Optional[str] = None
    event: Optional[str] = None
    id: Optional[str] = None
    retry: Optional[int] = Field(default=None, ge=0)
    comment: Optional[str] = None

    @field_validator("event", "id")
    @classmethod
    def _is_one_line(cls, value: Optional[str], info: ValidationInfo) -> Optional[str]:
        if value is not None and any(character in "\r\n" for character in value):
            raise ValueError(f"the {info.field_name} of a server-sent event must not contain line breaks")
        return value

    @field_validator("id")
    @classmethod
    def _has_no_nul(cls, value: Optional[str]) -> Optional[str]:
        if value is not None and "\0" in value:
            raise ValueError("the id of a server-sent event must not contain NUL")
        return value

    @model_validator(mode="after")
    def _has_one_payload(self) -> ServerSentEvent:
        if self.data is not None and self.raw_data is not None:
            raise ValueError("an event has either data, sent as JSON, or raw_data, sent unchanged")
        return self

    def encode(self) -> bytes:
        """Return the event as it is sent."""
        text = self.raw_data
        if self.data is not None:
            is_model = isinstance(self.data, BaseModel)
            text = self.data.model_dump_json() if is_model else json.dumps(jsonable_encoder(self.data))
        return format_sse_event(data_str=text, event=self.event, id=self.id, retry=self.retry, comment=self.comment)


def _lines(text: str) -> List[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def format_sse_event(
    *,
    data_str: Optional[str] = None,
    event: Optional[str] = None,
    id: Optional[str] = None,
    retry: Optional[int] = None,
    comment: Optional[str] = None,
) -> bytes:
    """Return an event whose payload is text, with the empty line that ends it."""
    found = [f": {line}" for line in _lines(comment)] if comment is not None else []
    if event is not None:
        found.append(f"event: {event}")
    if data_str is not None:
        found.extend(f"data: {line}" for line in _lines(data_str))
    if id is not None:
        found.append(f"id: {id}")
    if retry is not None:
        found.append(f"retry: {retry}")
    return ("\n".join(found) + "\n\n").encode()
