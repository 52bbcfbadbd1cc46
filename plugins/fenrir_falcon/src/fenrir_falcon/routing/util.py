"""How the methods of a resource become its responders, at the place where Falcon has it."""

from __future__ import annotations

from ..exceptions import SuffixedMethodNotFoundError
from ..resource_methods import map_http_methods, set_default_responders

__all__ = ["SuffixedMethodNotFoundError", "map_http_methods", "set_default_responders"]
