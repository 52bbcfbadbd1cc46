"""What the paradigm registers: the hybrid app's methods, and the routes of routers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Iterator, List, Optional, Sequence, Set, Tuple

from fenrir_core import App, AppMethod, BuildError
from fenrir_core import Mount as CoreMount
from fenrir_core import Route as CoreRoute
from fenrir_core.authoring import caller

from .openapi import document
from .router import APIRouter, Defaults, Included, make_defaults
from .starlette.routing import Item

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .signatures import RouterOptions


def app_methods() -> Iterator[AppMethod]:
    """Return the methods that the hybrid app gets."""
    yield AppMethod("include_router", include_router)
    yield AppMethod("openapi", document.openapi)


def include_router(app: App, router: APIRouter, *, prefix: str = "", **options: Unpack[RouterOptions]) -> None:
    """Include a router in the hybrid app; routes that are added to it before the app starts count too.

    Args:
        app: The app.
        router: The router.
        prefix: The prefix of all its paths.
        options: `tags`, `dependencies`, `responses`, `callbacks`, added before those of the routes;
            `deprecated`, `include_in_schema`, `default_response_class` and
            `generate_unique_id_function` for routes that have none of their own.
    """
    where = caller()[0]
    if not isinstance(router, APIRouter):
        raise BuildError(f"include_router() takes an APIRouter, not {type(router).__name__}.")
    included: Any = Included(router, make_defaults(prefix, where, options))
    app.own_lifespans.extend(router.events.lifespans(app.own_lifespans))
    app.register(CoreMount("", included, "", where))


def collect(source: Any, prefix: str) -> Optional[List[Item]]:
    """Return the routes of a router; None for any other object. See the hook `fenrir_collect_routes`."""
    if isinstance(source, APIRouter):
        source = Included(source, Defaults(prefix))
    elif isinstance(source, Included):
        source = replace(source, defaults=replace(source.defaults, prefix=prefix + source.defaults.prefix))
    else:
        return None
    return _first_wins(source.collected())


def _first_wins(items: Sequence[Item]) -> List[Item]:
    """Return routes of which only the first of equal ones is in the table; the others are only documented."""
    taken: Set[Tuple[str, str]] = set()
    found: List[Item] = []
    for item in items:
        if isinstance(item, CoreRoute) and not item.option("unrouted"):
            shape = re.sub(r"{[^{}:]+", "{", item.path)
            free = tuple(method for method in item.methods if (shape, method) not in taken)
            taken.update((shape, method) for method in item.methods)
            if not free:
                item = replace(item, options={**item.options, "unrouted": True})
            elif free != item.methods:
                item = replace(item, methods=free)
        found.append(item)
    return found
