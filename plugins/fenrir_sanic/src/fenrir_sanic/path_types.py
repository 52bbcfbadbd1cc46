"""The types of path parameters that Sanic has and the kernel lacks, and those that an app has added."""

from __future__ import annotations

from typing import Iterable, Optional

from fenrir_core import Build, PathConverter

from .router import Router


def converters(build: Build) -> Iterable[PathConverter]:
    """Return `strorempty` and the patterns that were registered with the app's router."""
    router: Optional[Router] = vars(build.app).get("router")  # the hybrid app looks long for what it has not
    own = router.converters() if isinstance(router, Router) else ()
    return [PathConverter("strorempty", "[^/]*", str, str, rank=85), *own]
