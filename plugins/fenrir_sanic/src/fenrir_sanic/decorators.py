"""The methods that apps and blueprints share."""

from __future__ import annotations

from .event_decorators import EventDecorators
from .route_decorators import RouteDecorators


class Decorators(RouteDecorators, EventDecorators):
    """The methods by which apps and blueprints register routes, middleware, listeners, signals and handlers."""
