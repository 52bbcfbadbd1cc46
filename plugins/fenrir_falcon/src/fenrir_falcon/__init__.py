"""The Falcon paradigm of the Fenrir web framework: resource classes."""

from __future__ import annotations

from typing import Any

from . import asgi, constants, errors, inspect, media, routing, status_codes, uri, util
from .app import App
from .constants import *  # noqa: F403
from .cors import CORSMiddleware
from .deprecation import deprecated
from .errors import *  # noqa: F403
from .exceptions import SuffixedMethodNotFoundError
from .forwarded import Forwarded
from .hooks import after, before
from .options import RequestOptions, ResponseOptions
from .redirects import (
    HTTPFound,
    HTTPMovedPermanently,
    HTTPPermanentRedirect,
    HTTPSeeOther,
    HTTPStatus,
    HTTPTemporaryRedirect,
)
from .request import Request
from .response import Response
from .status_codes import *  # noqa: F403
from .stream import BoundedStream
from .util import *  # type: ignore[no-redef]  # noqa: F403
from .version import __version__


class API(App):
    """The former name of `App`."""

    @deprecated("The API class will be removed: use falcon.App instead.", method_name="API")
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


__all__ = [
    "API",
    "App",
    "BoundedStream",
    "CORSMiddleware",
    "Forwarded",
    "HTTPFound",
    "HTTPMovedPermanently",
    "HTTPPermanentRedirect",
    "HTTPSeeOther",
    "HTTPStatus",
    "HTTPTemporaryRedirect",
    "Request",
    "RequestOptions",
    "Response",
    "ResponseOptions",
    "SuffixedMethodNotFoundError",
    "__version__",
    "after",
    "asgi",
    "before",
    "constants",
    "errors",
    "inspect",
    "media",
    "routing",
    "status_codes",
    "uri",
    "util",
]
__all__ += errors.__all__
__all__ += status_codes.__all__
__all__ += [name for name in util.__all__ if name not in __all__]
__all__ += [name for name in constants.__all__ if name not in __all__]
