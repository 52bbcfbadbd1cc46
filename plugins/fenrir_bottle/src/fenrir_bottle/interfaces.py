"""What the modules of this package know of the app, which they must not import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, Protocol, Tuple, Type, TypeVar, Union

from fenrir_core.authoring import CompiledRoute

from .config import ConfigDict
from .exceptions import HTTPError
from .router import Router
from .structures import Environ, Values

if TYPE_CHECKING:
    from fenrir_wsgi import StartResponse

S = TypeVar("S")


class BottleLike(Protocol):
    """A `Bottle` app."""

    #: What the template plugin sets.
    tpl: Any

    @property
    def config(self) -> ConfigDict:
        """The configuration."""

    @property
    def router(self) -> Router:
        """The router."""

    @property
    def routes(self) -> List[Any]:
        """The routes."""

    @property
    def plugins(self) -> List[Any]:
        """The plugins."""

    @property
    def catchall(self) -> bool:
        """Whether an exception of a handler becomes a response."""

    @property
    def compiled_routes(self) -> Tuple[CompiledRoute, ...]:
        """The compiled routes."""

    def store(self, kind: Type[S]) -> S:
        """Return the app's one object of a class."""

    def match(self, environ: Environ) -> Tuple[Any, Values]:
        """Return the route for a request and its values."""

    def default_error_handler(self, res: HTTPError) -> Union[str, bytes]:
        """Return the page of an error."""

    def wsgi(self, environ: Environ, start_response: StartResponse) -> Any:
        """Serve a request of WSGI."""

    def add_route(self, route: Any) -> None:
        """Add a route."""

    def route(self, path: Any, **options: Any) -> Any:
        """Register a callback."""
