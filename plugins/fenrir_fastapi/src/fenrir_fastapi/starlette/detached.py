"""Connections that no app serves, such as those of ASGI middleware and of tests."""

from __future__ import annotations

from typing import Any, Optional

from fenrir_core import Route
from fenrir_core.authoring import FormLimits


class DetachedRoute:
    """What a connection has as its compiled route when no app has matched one.

    Args:
        app: The app whose settings hold, or None.
    """

    route = Route("", lambda: None)
    max_body: Optional[int] = None
    form_limits = FormLimits()

    def __init__(self, app: Any = None) -> None:
        self.app = app
