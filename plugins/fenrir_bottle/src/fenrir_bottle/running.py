"""Serving of an app: Bottle's `run`."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Optional

from fenrir_core import App, BuildError
from fenrir_core.authoring import caller, run_app

#: Options of Bottle's `run` that can't be honoured, each with the reason.
REFUSED: Mapping[str, str] = {
    "config": "pass settings to Bottle(...)",
    "interval": "files are watched, not looked at in intervals",
}


def run(
    app: Optional[App] = None,
    server: Optional[str] = None,
    host: str = "127.0.0.1",
    port: int = 8080,
    *,
    reloader: bool = False,
    quiet: bool = False,
    plugins: Iterable[Any] = (),
    debug: Optional[bool] = None,
    **options: Any,
) -> None:
    """Serve an app in this process until SIGTERM or Ctrl+C; needs fenrir-cli.

    Args:
        app: The app.
        server: An ASGI server, as of `fenrir run --server`.
        host: Where to listen.
        port: The port; 0 for any free one.
        reloader: Whether the app is loaded anew after each change.
        quiet: Whether requests are not logged, also while files are watched.
        plugins: Bottle plugins to install first.
        debug: Whether browsers get pages about errors.
        **options: The options of `fenrir run`, with underscores.

    Raises:
        BuildError: fenrir-cli is not installed, there is no app, or an option can't be honoured.
        SystemExit: It can't be served; the message is on stderr.
    """
    if not isinstance(app, App):
        raise BuildError(f"{caller()[0]}: run() serves an app, there is no default one: run(app=Bottle()).")
    for plugin in plugins or ():
        app.install(plugin)  # type: ignore[attr-defined]
    if server is not None:
        options["server"] = server
    if quiet:
        options["access_log"] = False
    run_app(app, host, port, refused=REFUSED, debug=bool(debug), reload=reloader, **options)
