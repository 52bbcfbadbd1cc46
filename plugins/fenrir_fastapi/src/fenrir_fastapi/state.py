"""What the paradigm keeps for each app."""

from __future__ import annotations

from typing import Any, Dict, Hashable, List, Mapping, Optional, Set, Tuple

from fenrir_core import BatchField, Param, PathConverter, ReturnHandler, Route

from .events import Events
from .starlette.types import Values


class State:
    """The facts that the build finds out about an app's routes, and the app's finished OpenAPI document.

    There is one object an app: `app.store(State)`.

    Attributes:
        injecting: Routes whose callables take an injected `Response` or `BackgroundTasks`.
        converters: The converters of routes' paths, by parameter.
        embedding: Whether a route's body is an object with a key for each body parameter.
        fields: The sources of parameters that are read from the request, and the first such parameter, by likeness.
        readers: The readers of callables, and what collects and validates for them, by their fields.
        rules: How returned values become responses, by what that depends on.
        document: The OpenAPI document, or None until it is asked for.
        events: The hybrid app's functions for startup and shutdown, or None if there are none.
        encoded_document: The same as JSON, or None until it is served.
        custom_routes: Routes with a match of their own, each with that match.
    """

    def __init__(self) -> None:
        self.injecting: Set[Route] = set()
        self.converters: Dict[Route, Mapping[str, PathConverter]] = {}
        self.embedding: Dict[Route, bool] = {}
        self.fields: Dict[Hashable, Tuple[BatchField, Param]] = {}
        self.readers: Dict[Hashable, Any] = {}
        self.rules: Dict[Hashable, ReturnHandler] = {}
        self.document: Optional[Values] = None
        self.events: Optional[Events] = None
        self.encoded_document: Optional[bytes] = None
        self.custom_routes: List[Any] = []
