"""The type of a server that runs in the event loop, for annotations."""

from __future__ import annotations

from ..exceptions import SanicException


class AsyncioServer:
    """A server that runs in the event loop, of Sanic's own.

    Raises:
        SanicException: Always: serve the app by `fenrir run` or another ASGI server.
    """

    def __init__(self, *args: object, **options: object) -> None:
        raise SanicException(
            "Sanic's own server is not here: serve the app with app.run(), `fenrir run` or any other ASGI server."
        )
