"""An app in Falcon's style."""

from __future__ import annotations

from typing import Any

import fenrir_falcon as falcon
from fenrir_falcon import App, HTTPNotFound, Request, Response


class Items:
    async def on_get(self, req: Request, resp: Response, number: int) -> None:
        limit = req.get_param_as_int("limit")
        if number > (limit or 10):
            raise HTTPNotFound(title="No such item")
        resp.media = {"number": number}
        resp.status = falcon.HTTP_200
        resp.set_header("x-number", str(number))

    async def on_post(self, req: Request, resp: Response, number: int) -> None:
        body: Any = await req.get_media()
        resp.media = body
        resp.status = falcon.HTTP_201


class Guard:
    async def process_request(self, req: Request, resp: Response) -> None:
        req.context.user = "ann"


async def refused(req: Request, resp: Response, error: Exception, params: Any) -> None:
    resp.status = falcon.HTTP_400


app = App(middleware=[Guard()])
app.add_route("/items/{number:int}", Items())
app.add_error_handler(ValueError, refused)
