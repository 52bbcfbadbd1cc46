"""The redirect that the façade hands on."""

from __future__ import annotations

from typing import Optional

from fenrir_core import RedirectResponse


def redirect(location: str, status: int = 302, *, code: Optional[int] = None) -> RedirectResponse:
    """Return a response that redirects the client to another URL.

    It is returned, not raised; headers and cookies can be added before.

    Args:
        location: A path or an absolute URL. What must not be in a URL is percent-encoded.
        status: 301, 302, 303, 307 or 308.
        code: The same, by the name that it has in Flask and Bottle.

    Raises:
        ValueError: The status is not that of a redirect.
    """
    return RedirectResponse(location, status if code is None else code)
