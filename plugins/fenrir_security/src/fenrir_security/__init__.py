"""Security for Fenrir: CSRF protection, security headers, rate limits, cookies, sessions, and redirects."""

from __future__ import annotations

from ._version import __version__
from .csrf import CSRFError, csrf_exempt
from .headers import NONCE, SecurityHeaders, csp_nonce
from .limiter import Backend, backend_of, limiter_hook
from .limits import RateLimit, TooManyRequests, rate_limit
from .redirects import url_has_allowed_host
from .sessions import rotate_session
from .tokens import csrf_field, csrf_token

__all__ = [
    "Backend",
    "CSRFError",
    "NONCE",
    "RateLimit",
    "SecurityHeaders",
    "TooManyRequests",
    "__version__",
    "backend_of",
    "csp_nonce",
    "csrf_exempt",
    "csrf_field",
    "csrf_token",
    "limiter_hook",
    "rate_limit",
    "rotate_session",
    "url_has_allowed_host",
]
