"""Resources for tests, and hooks that keep what a responder was called with."""

from __future__ import annotations

import json as json_module
from typing import Any, Dict, Mapping, Optional, Protocol

from ..decorators import before
from ..request import Request
from ..response import Response
from .environments import HeaderArg


class _Capturing(Protocol):
    captured_req: Any
    captured_resp: Any
    captured_kwargs: Any
    captured_req_media: Any
    captured_req_body: Optional[bytes]


Params = Mapping[str, Any]


def _capture(req: Request, resp: Response, resource: _Capturing, params: Params) -> None:
    resource.captured_req, resource.captured_resp, resource.captured_kwargs = req, resp, params
    resource.captured_req_media = resource.captured_req_body = None


def capture_responder_args(req: Request, resp: Response, resource: _Capturing, params: Params) -> None:
    """Keep the arguments of a responder on its resource: `captured_req`, `captured_resp`, `captured_kwargs`.

    The request's header ``capture-req-body-bytes`` or ``capture-req-media`` asks for the body or the media, too.
    """
    _capture(req, resp, resource, params)
    count = req.get_header("capture-req-body-bytes")
    if count:
        resource.captured_req_body = req.stream.read(int(count))
    elif req.get_header("capture-req-media"):
        resource.captured_req_media = req.get_media()


async def capture_responder_args_async(req: Request, resp: Response, resource: _Capturing, params: Params) -> None:
    """Keep the arguments of a responder on its resource; see `capture_responder_args`."""
    _capture(req, resp, resource, params)
    count = req.get_header("capture-req-body-bytes")
    if count:
        resource.captured_req_body = await req.stream.read(int(count))
    elif req.get_header("capture-req-media"):
        resource.captured_req_media = await req.get_media()


def set_resp_defaults(req: Request, resp: Response, resource: SimpleTestResource, params: Params) -> None:
    """Fill in the response with the defaults of a `SimpleTestResource`."""
    if resource._default_status is not None:
        resp.status = resource._default_status
    if resource._default_body is not None:
        resp.text = resource._default_body
    if resource._default_headers is not None:
        resp.set_headers(resource._default_headers)


async def set_resp_defaults_async(req: Request, resp: Response, resource: SimpleTestResource, params: Params) -> None:
    """Fill in the response with the defaults of a `SimpleTestResource`."""
    set_resp_defaults(req, resp, resource, params)


class SimpleTestResource:
    """A resource whose GET and POST give one response, and that keeps what they were called with.

    Args:
        status: The status line.
        body: The text of the body.
        json: The value of a JSON body, instead of `body`.
        headers: The response's headers.

    Attributes:
        captured_req, captured_resp, captured_kwargs, captured_req_body, captured_req_media: Of the last call.
    """

    def __init__(
        self,
        status: Optional[str] = None,
        body: Optional[str] = None,
        json: Optional[Dict[str, str]] = None,
        headers: Optional[HeaderArg] = None,
    ) -> None:
        self._default_status = status
        self._default_headers = headers
        if json is not None:
            if body is not None:
                raise ValueError("body and json parameters are mutually exclusive")
            self._default_body: Optional[str] = json_module.dumps(json, ensure_ascii=False)
        else:
            self._default_body = body
        self.captured_req: Any = None
        self.captured_resp: Any = None
        self.captured_kwargs: Any = None
        self.captured_req_media: Any = None
        self.captured_req_body: Optional[bytes] = None

    @property
    def called(self) -> bool:
        """Whether a responder was called."""
        return self.captured_req is not None

    @before(capture_responder_args)
    @before(set_resp_defaults)
    def on_get(self, req: Request, resp: Response, **kwargs: str) -> None:
        """Serve GET."""

    @before(capture_responder_args)
    @before(set_resp_defaults)
    def on_post(self, req: Request, resp: Response, **kwargs: str) -> None:
        """Serve POST."""


class SimpleTestResourceAsync(SimpleTestResource):
    """The same with asynchronous responders."""

    @before(capture_responder_args_async)
    @before(set_resp_defaults_async)
    async def on_get(self, req: Request, resp: Response, **kwargs: str) -> None:  # type: ignore[override]
        """Serve GET."""

    @before(capture_responder_args_async)
    @before(set_resp_defaults_async)
    async def on_post(self, req: Request, resp: Response, **kwargs: str) -> None:  # type: ignore[override]
        """Serve POST."""
