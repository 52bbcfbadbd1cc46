"""Flask's response: Werkzeug's."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response as WerkzeugResponse

from fenrir_core import current

from .cookies import KNOWS_PARTITIONED, dump_cookie


class Response(WerkzeugResponse):
    """The response; HTML by default. See Werkzeug for what it has beyond this."""

    default_mimetype = "text/html"
    autocorrect_location_header = False
    #: Whether a plugin's media type may be sent instead of JSON: `jsonify` sets it, as its body is a value.
    negotiable = False

    @property
    def max_cookie_size(self) -> int:  # type: ignore[override]  # an attribute there
        """The most bytes of a cookie before there is a warning: `MAX_COOKIE_SIZE`."""
        connection = current.get(None)
        config = getattr(getattr(connection, "app", None), "config", None)
        return int(super().max_cookie_size if config is None else config.get("MAX_COOKIE_SIZE", 4093))

    if not KNOWS_PARTITIONED:

        def set_cookie(self, key: str, value: str = "", **options: Any) -> None:  # type: ignore[override]  # handed on
            """Set a cookie; see Werkzeug."""
            options.setdefault("path", "/")
            self.headers.add("Set-Cookie", dump_cookie(key, value, max_size=self.max_cookie_size, **options))

        def delete_cookie(self, key: str, **options: Any) -> None:  # type: ignore[override]  # handed on
            """Delete a cookie; see Werkzeug."""
            self.set_cookie(key, expires=0, max_age=0, **options)
