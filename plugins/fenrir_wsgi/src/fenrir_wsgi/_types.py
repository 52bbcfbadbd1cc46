"""Types of WSGI.

Source: PEP 3333, "Specification Details".
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable

Environ = Dict[str, Any]
Write = Callable[[bytes], Any]
#: `start_response(status, headers, exc_info=None)`.
StartResponse = Callable[..., Write]
WSGIApp = Callable[[Environ, StartResponse], Iterable[bytes]]
