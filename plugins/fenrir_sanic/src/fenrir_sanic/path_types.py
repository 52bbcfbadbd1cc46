"""The types of path parameters that an app has added."""

from __future__ import annotations

from typing import Iterable, Optional

from fenrir_core import Build, PathConverter

from .router import Router


def converters(build: Build) -> Iterable[PathConverter]:
    """Return the patterns that were registered with the app's router."""
    router: Optional[Router] = getattr(build.app, "router", None)
    return router.converters() if isinstance(router, Router) else ()
