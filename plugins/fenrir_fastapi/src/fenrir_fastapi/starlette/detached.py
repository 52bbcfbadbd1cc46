"""Connections that no app serves, such as those of ASGI middleware and of tests."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Optional

from fenrir_core import App, Route
from fenrir_core.authoring import EncodersLike, FormLimits


class DetachedRoute:
    """What a connection has as its compiled route when no app has matched one.

    Args:
        app: The app whose settings hold, or None.
    """

    route = Route("", lambda: None)
    max_body: Optional[int] = None
    form_limits = FormLimits()
    encoders: Optional[EncodersLike] = None
    media_types: Any = None

    def __init__(self, app: Any = None) -> None:
        self.app = app
        if app is not None:
            self.encoders = app.encoders if app.encoders.by_type else None


@lru_cache(maxsize=None)
def stand_in() -> App:
    """Return the app of responses that are sent where there is none; made once, since that reads entry points.

    It has no state but a pool of threads, so all of a process's responses can share it.
    """
    return App(paradigms=(), autoload=False)
