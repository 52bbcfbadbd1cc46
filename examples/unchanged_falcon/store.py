"""The images, kept in a folder, and who is told when one comes or goes."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, AsyncIterator, Dict, Iterable, List, Optional, Set

from . import png


class TooLarge(Exception):
    """Raised for an image that is larger than the service takes."""


class Image:
    """One image: its measures and tags, and where its bytes are."""

    def __init__(self, path: Path, known: Dict[str, Any]) -> None:
        self.path, self.known = path, known
        self.id: str = known["id"]
        self.size: int = known["size"]
        self.etag: str = known["id"]
        self.added = datetime.fromisoformat(known["added"])

    @property
    def tags(self) -> List[str]:
        return list(self.known["tags"])

    def as_dict(self) -> Dict[str, Any]:
        return {**self.known, "href": f"/images/{self.id}.png"}


class Store:
    """The images of a folder.

    Args:
        folder: Where they are kept.
        max_bytes: The most bytes of one image.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder, self._max_bytes = folder, max_bytes
        self._images: Dict[str, Image] = {}
        self._listeners: Set[asyncio.Queue[Dict[str, Any]]] = set()

    def open(self) -> None:
        """Read what is in the folder."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for file in sorted(self._folder.glob("*.json")):
            known = json.loads(file.read_text("utf-8"))
            self._images[known["id"]] = Image(file.with_suffix(".png"), known)

    def list(self, tag: Optional[str] = None) -> List[Image]:
        found = sorted(self._images.values(), key=lambda image: image.known["name"])
        return [image for image in found if tag is None or tag in image.tags]

    def find(self, key: str) -> Optional[Image]:
        return self._images.get(key)

    async def add(self, name: str, tags: Iterable[str], chunks: AsyncIterator[bytes]) -> Image:
        """Keep an image that arrives in chunks; the one that is there already if it is the same."""
        data, digest = io.BytesIO(), hashlib.sha256()
        async for chunk in chunks:
            data.write(chunk)
            digest.update(chunk)
            if data.tell() > self._max_bytes:
                raise TooLarge()
        head, key = png.read_head(data.getvalue()), digest.hexdigest()[:12]
        known = {
            "id": key,
            "name": name,
            "size": data.tell(),
            "width": head.width,
            "height": head.height,
            "tags": sorted(set(tags)),
            "added": datetime.now(timezone.utc).replace(microsecond=0).isoformat(),
        }
        image = Image(self._folder / f"{key}.png", known)
        image.path.write_bytes(data.getvalue())
        self._keep(image)
        self._tell("added", image)
        return image

    def _keep(self, image: Image) -> None:
        image.path.with_suffix(".json").write_text(json.dumps(image.known), "utf-8")
        self._images[image.id] = image

    def tag(self, image: Image, tags: Iterable[str]) -> None:
        image.known["tags"] = sorted(set(tags))
        self._keep(image)
        self._tell("tagged", image)

    def remove(self, image: Image) -> None:
        del self._images[image.id]
        image.path.unlink()
        image.path.with_suffix(".json").unlink()
        self._tell("removed", image)

    def _tell(self, what: str, image: Image) -> None:
        for queue in self._listeners:
            queue.put_nowait({"event": what, "id": image.id, "name": image.known["name"]})

    def listen(self) -> asyncio.Queue[Dict[str, Any]]:
        queue: asyncio.Queue[Dict[str, Any]] = asyncio.Queue()
        self._listeners.add(queue)
        return queue

    def leave(self, queue: asyncio.Queue[Dict[str, Any]]) -> None:
        self._listeners.discard(queue)
