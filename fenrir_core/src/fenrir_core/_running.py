"""Serving of an app by its own method `run`, with the servers of the command line."""

from __future__ import annotations

import os
from types import FrameType
from typing import Mapping, Optional

from ._callsite import calling_frame, place_of
from ._compat import entry_points
from ._types import ASGIApp
from .exceptions import BuildError
from .exports import import_path

#: The entry-point group of the function that serves; fenrir-cli has one.
RUNNERS = "fenrir.runners"


def run_app(
    app: ASGIApp,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    refused: Optional[Mapping[str, str]] = None,
    **options: object,
) -> None:
    """Serve an app in this process until SIGTERM or Ctrl+C: what a method `run` does.

    The function that serves comes from an entry point of the group ``fenrir.runners``.

    Args:
        app: The app.
        host, port: Where to listen; port 0 is any free one.
        refused: Options that another framework's `run` has and this one can't honour, each with what to do instead.
        **options: `debug`: whether errors have pages and changed files are served anew; `reload`, by default as
            `debug`; and the options of `fenrir run`, with underscores.

    Raises:
        BuildError: fenrir-cli is not installed, an option can't be honoured, or the call would serve the app while
            its module is imported.
    """
    frame = calling_frame()
    where = f"{place_of(frame)}: run()"
    if frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") != "__main__":
        raise BuildError(f'{where} would serve while the module is imported: call it under if __name__ == "__main__".')
    for name in options:
        if name in (refused or {}):
            raise BuildError(f"{where} can't honour {name!r}: {(refused or {})[name]}.")
    points = entry_points(RUNNERS)
    if not points:
        raise BuildError(
            f"{where} serves with the servers of the command line, which is not installed: pip install fenrir-cli. "
            "Any other ASGI server can serve the app, too."
        )
    import_path(points[0].value)(app, _target(app, frame), host=host, port=port, **options)


def _target(app: ASGIApp, frame: FrameType) -> Optional[str]:
    """Return the name under which another process can load an app, ``file:attribute``; None if it has none."""
    file = os.path.abspath(frame.f_code.co_filename)
    names = [name for name, value in frame.f_globals.items() if value is app and name.isidentifier()]
    return f"{file}:{names[0]}" if names and os.path.isfile(file) else None
