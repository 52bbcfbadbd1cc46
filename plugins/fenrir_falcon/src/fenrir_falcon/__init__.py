"""The Falcon paradigm of the Fenrir web framework: resource classes."""

from __future__ import annotations

from .errors import (
    HTTPBadGateway as HTTPBadGateway,
)
from .errors import (
    HTTPNotFound as HTTPNotFound,
)
from .request import Request as Request
from .response import Response as Response
