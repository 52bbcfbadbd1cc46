"""The types of path parameters that Sanic has and the kernel lacks, and those that an app has added."""

from __future__ import annotations

from typing import Iterable, Optional

from fenrir_core import Build, PathConverter

from .router import Router

#: Sanic's `path`, which may be empty: ``/<rest:path>`` serves ``/``.
_REST = PathConverter("path", "(?s:.*)", str, str, multi_segment=True, rank=90, self_checking=True)


def converters(build: Build) -> Iterable[PathConverter]:
    """Return `strorempty`, in Sanic's own app its `path`, and the patterns that were registered with the router."""
    router: Optional[Router] = vars(build.app).get("router")  # the hybrid app looks long for what it has not
    own = router.converters() if isinstance(router, Router) else ()
    if build.app.paradigm == "sanic":
        own = [_REST, *own]
    return [PathConverter("strorempty", "[^/]*", str, str, rank=85), *own]
