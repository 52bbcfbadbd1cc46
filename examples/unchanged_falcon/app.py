"""The application: ``uvicorn examples.unchanged_falcon.app:app``."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Mapping, Optional

import falcon
from falcon import asgi

from .images import Images, OneImage
from .live import Events, Feed
from .media import CSVHandler, json_handler
from .middleware import Opening, RequestID, Users
from .png import BadImage
from .store import Store, TooLarge

HERE = Path(__file__).resolve().parent


async def bad_image(req: Any, resp: Any, error: BadImage, params: Any) -> None:
    raise falcon.HTTPUnprocessableEntity(title="Not an image", description=str(error))


async def too_large(req: Any, resp: Any, error: TooLarge, params: Any) -> None:
    resp.status = falcon.HTTP_413
    resp.media = {"title": "Too large", "request": req.context.request_id}


async def old_paths(req: Any, resp: Any, name: str) -> None:
    """Redirect what an earlier version of the service had."""
    raise falcon.HTTPMovedPermanently(f"/images?tag={falcon.uri.encode_value(name)}")


class ThumbnailSize(falcon.routing.BaseConverter):
    """The converter of the sizes that there are."""

    def convert(self, value: str) -> Optional[int]:
        return int(value) if value in ("16", "32", "64") else None


def create_app(folder: Path, tokens: Mapping[str, str], max_bytes: int = 1_000_000) -> asgi.App:
    """Return the service.

    Args:
        folder: Where the images are kept.
        tokens: The users by their tokens.
        max_bytes: The most bytes of an image.
    """
    store = Store(folder, max_bytes)
    app = asgi.App(middleware=[Opening(store), RequestID(), Users(dict(tokens))], cors_enable=True)
    handler = json_handler()
    for options in (app.req_options, app.resp_options):
        options.media_handlers[falcon.MEDIA_JSON] = handler
        options.media_handlers["text/csv"] = CSVHandler()
    form = falcon.media.MultipartFormHandler()
    form.parse_options.max_body_part_count = 8
    app.req_options.media_handlers[falcon.MEDIA_MULTIPART] = form
    app.router_options.converters["size"] = ThumbnailSize
    one = OneImage(store)
    app.add_route("/images", Images(store))
    app.add_route("/images/{key}.png", one)
    app.add_route("/images/{key}/{size:size}.png", one, suffix="thumbnail")
    app.add_route("/events", Events(store))
    app.add_route("/feed", Feed(store))
    app.add_error_handler(BadImage, bad_image)
    app.add_error_handler(TooLarge, too_large)
    app.add_sink(old_paths, re.compile(r"/albums/(?P<name>[^/]+)"))
    app.add_static_route("/pages", HERE / "static", fallback_filename="about.html")
    return app


#: The users by their tokens; without TOKEN in the environment images can only be read.
TOKENS = {os.environ["TOKEN"]: "ada"} if os.environ.get("TOKEN") else {}
app = create_app(Path(os.environ.get("IMAGES", "images")), TOKENS)
