"""The resources of images."""

from __future__ import annotations

import io
from typing import Any, AsyncIterator, List

import falcon

from . import png
from .hooks import cache, load_image, only
from .store import Image, Store

PNG = "image/png"


class Images:
    """All images: a list, and where new ones are sent."""

    needs_user = ("POST",)

    def __init__(self, store: Store) -> None:
        self.store = store

    async def on_get(self, req: Any, resp: Any) -> None:
        """List the images, as JSON or CSV."""
        tag = req.get_param("tag")
        first, most = req.get_param_as_int("first", default=0, min_value=0), req.get_param_as_int("most", max_value=100)
        found = self.store.list(tag)
        shown = found[first:] if most is None else found[first : first + most]
        wanted = req.client_prefers([falcon.MEDIA_JSON, "text/csv"])
        resp.content_type = wanted or falcon.MEDIA_JSON
        resp.vary = ["Accept"]
        resp.media = {"images": [image.as_dict() for image in shown], "total": len(found)}
        if first + len(shown) < len(found):
            resp.append_link(f"/images?first={first + len(shown)}&most={most}", rel="next")

    @falcon.before(only, PNG, falcon.MEDIA_MULTIPART)
    async def on_post(self, req: Any, resp: Any, user: str) -> None:
        """Keep one image, or all of a form."""
        if req.content_type == PNG:
            tags = req.get_param_as_list("tags", default=[])
            image = await self.store.add(req.get_param("name", default="unnamed"), [user, *tags], self._body(req))
            resp.status, resp.location, resp.media = falcon.HTTP_201, f"/images/{image.id}.png", image.as_dict()
            return
        added = await self._add_form(await req.get_media(), user)
        resp.status = falcon.HTTP_201
        resp.media = {"images": [image.as_dict() for image in added]}

    async def _body(self, req: Any) -> AsyncIterator[bytes]:
        async for chunk in req.stream:
            yield chunk

    async def _add_form(self, form: Any, user: str) -> List[Image]:
        tags, added = [user], []
        async for part in form:
            if part.name == "about":
                tags += (await part.get_media())["tags"]
            elif part.name == "tag":
                tags.append(await part.get_text())
            elif part.filename:
                added.append(await self.store.add(part.secure_filename, tags, part.stream))
        if not added:
            raise falcon.HTTPInvalidParam("The form has no file.", "file")
        return added


@falcon.before(load_image)
class OneImage:
    """One image."""

    needs_user = ("PATCH", "DELETE")

    def __init__(self, store: Store) -> None:
        self.store = store

    @falcon.after(cache, 60)
    async def on_get(self, req: Any, resp: Any, image: Image) -> None:
        """Send the image, or nothing if the client has it."""
        resp.etag, resp.last_modified = image.etag, image.added
        if req.if_none_match and image.etag in [tag for tag in req.if_none_match if tag != "*"]:
            resp.status = falcon.HTTP_304
            return
        resp.content_type = PNG
        if req.get_param_as_bool("download"):
            resp.downloadable_as = image.known["name"]
        resp.set_stream(_Chunks(image.path.read_bytes()), image.size)

    async def on_patch(self, req: Any, resp: Any, image: Image, user: str) -> None:
        """Replace the tags, of a JSON object or a CSV list."""
        given = await req.get_media()
        tags = given["tags"] if isinstance(given, dict) else given
        self.store.tag(image, [user, *tags])
        resp.media = image.as_dict()

    async def on_delete(self, req: Any, resp: Any, image: Image, user: str) -> None:
        """Remove the image."""
        self.store.remove(image)
        resp.status = falcon.HTTP_204

    async def on_get_thumbnail(self, req: Any, resp: Any, image: Image, size: int) -> None:
        """Send a small one."""
        resp.content_type, resp.data = PNG, png.thumbnail(image.path.read_bytes(), size)


class _Chunks:
    """An asynchronous file over bytes."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    async def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    async def close(self) -> None:
        self._file.close()
