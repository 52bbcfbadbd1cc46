"""Hooks of responders."""

from __future__ import annotations

from typing import Any, Dict

import falcon


async def load_image(req: Any, resp: Any, resource: Any, params: Dict[str, Any]) -> None:
    """Put the image of the path in the place of its id."""
    image = resource.store.find(params.pop("key"))
    if image is None:
        raise falcon.HTTPNotFound(description="There is no such image.")
    params["image"] = image


async def only(req: Any, resp: Any, resource: Any, params: Dict[str, Any], *kinds: str) -> None:
    """Refuse bodies of other media types."""
    plain = (req.content_type or "").partition(";")[0]
    if plain not in kinds:
        raise falcon.HTTPUnsupportedMediaType(description=f"Send {' or '.join(kinds)}.")


async def cache(req: Any, resp: Any, resource: Any, seconds: int) -> None:
    """Let clients keep the response."""
    if resp.status_code == 200:
        resp.cache_control = ["public", f"max-age={seconds}"]
