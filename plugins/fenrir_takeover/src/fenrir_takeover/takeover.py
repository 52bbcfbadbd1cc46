"""`app.take_over`: a legacy application behind the routes of the app, and what is kept of it."""

from __future__ import annotations

import os
from typing import Any, Callable, FrozenSet, Iterable, List, Mapping, Optional

from fenrir_core import App, BuildError, Mount, Origin
from fenrir_core.authoring import caller, get_logger
from fenrir_wsgi import MountOptions

from .legacy import LegacyApp
from .metrics import Metrics
from .shadow import Shadow
from .switches import Switches

logger = get_logger("fenrir.takeover")
#: Where the pages of the OpenAPI document are if the legacy application is at `/`.
OWN_DOCS = "/openapi-docs"


class Takeover:
    """One legacy application and how it is taken over.

    Args:
        legacy: The application.
        switches: Which side serves what.
        guards: Whether the steps of the app run for its requests, too.
        shadow: What calls the other side.
        report_path: The path of the page with the report, or None.
        report_guard: Who may see it.
        in_openapi: Whether its routes are in the OpenAPI document.
    """

    def __init__(
        self,
        legacy: LegacyApp,
        switches: Switches,
        guards: bool,
        shadow: Shadow,
        report_path: Optional[str],
        report_guard: Optional[Callable[..., Any]],
        in_openapi: bool = False,
    ) -> None:
        self.legacy, self.switches, self.guards, self.shadow = legacy, switches, guards, shadow
        self.report_path, self.report_guard = report_path, report_guard
        self.in_openapi = in_openapi

    def covers(self, path: str) -> bool:
        """Return whether a path or template is below the prefix."""
        prefix = self.legacy.prefix
        return path == prefix or path.startswith(f"{prefix}/")


class State:
    """The takeovers of one app: `app.store(State)`."""

    def __init__(self) -> None:
        self.takeovers: List[Takeover] = []
        self.metrics = Metrics()
        self.notes: List[str] = []

    def covering(self, path: str) -> Optional[Takeover]:
        """Return the takeover with the longest prefix that covers a path; None if there is none."""
        found = [takeover for takeover in self.takeovers if takeover.covers(path)]
        return max(found, key=lambda takeover: len(takeover.legacy.prefix), default=None)


def take_over(
    app: App,
    legacy: Any,
    prefix: str = "/",
    guards: bool = True,
    *,
    name: str = "legacy",
    interface: Optional[str] = None,
    switches: Optional[Mapping[str, Any]] = None,
    share_session: bool = True,
    threads: Optional[int] = None,
    max_body: Optional[int] = None,
    send_timeout: Optional[float] = 60.0,
    shadow_at_once: int = 4,
    shadow_timeout: float = 5.0,
    shadow_bytes: int = 1 << 20,
    masked: Iterable[str] = (),
    ignored_headers: Iterable[str] = (),
    report_path: Optional[str] = None,
    report_guard: Optional[Callable[..., Any]] = None,
    openapi: bool = False,
) -> Takeover:
    """Serve what the app's own routes do not by a legacy application, and switch single routes between the two.

    Args:
        app: The app.
        legacy: A WSGI or ASGI application.
        prefix: Where it is; "/" for everything that no route serves.
        guards: Whether the app's before and after steps run for requests that the legacy application serves.
        name: The first part of the names of its routes, as in ``url_for("legacy.index")``.
        interface: ``"wsgi"`` or ``"asgi"``, where it can't be told.
        switches: Which side serves which route, see `fenrir_takeover.switches.parse`; those of the file or Redis go
            before these.
        share_session: Whether the app reads and writes the session of a Flask application.
        threads, max_body, send_timeout: Of a WSGI application, as in `fenrir_wsgi.mount_wsgi`.
        shadow_at_once: How many shadow calls run at a time.
        shadow_timeout: Seconds that one may take.
        shadow_bytes: The most bytes of a body that are compared.
        masked: Names of JSON fields and headers whose values are never logged.
        ignored_headers: Headers that are not compared.
        report_path: Where the page with the report is; by default there is none.
        report_guard: Who may see the page: a function as an endpoint's, which returns whether this client may, or
            raises.
        openapi: Whether the OpenAPI document lists the legacy application's routes, which say nothing of what they
            take and return.

    Returns:
        The takeover.

    Raises:
        BuildError: The application, the prefix, a switch or a limit is wrong, or the page has no guard.
    """
    where = caller()[0]
    if not isinstance(prefix, str) or not prefix.startswith("/"):
        raise BuildError(f"{where}: take_over: the prefix {prefix!r} must start with '/'.")
    if (report_path is None) != (report_guard is None):
        raise BuildError(f"{where}: take_over: the page with the report needs both report_path and report_guard.")
    state, path = app.store(State), prefix.rstrip("/")
    options = MountOptions(threads, max_body, send_timeout).checked(f"{where}: take_over")
    legacy_app = LegacyApp(app, legacy, path, name, interface, options, where)
    shadow = Shadow(
        shadow_at_once, shadow_timeout, shadow_bytes, _names(masked), _names(ignored_headers), state.metrics.compared
    )
    takeover = Takeover(legacy_app, Switches(switches), guards, shadow, report_path, report_guard, openapi)
    app.register(Mount(path, legacy_app, name, where, Origin("takeover"), legacy, guards))
    state.takeovers.append(takeover)
    if not path:
        _move_docs(app, state)
    if share_session and legacy_app.framework == "flask":
        _share_session(app, legacy, state)
    return takeover


def _names(given: Iterable[str]) -> FrozenSet[str]:
    return frozenset([given] if isinstance(given, str) else given)


def _move_docs(app: App, state: State) -> None:
    """Leave `/docs` and `/openapi.json` to the legacy application, unless they were set."""
    settings = app.settings
    moved = {
        "docs_url": ("/docs", ""),
        "openapi_docs_url": (OWN_DOCS, OWN_DOCS),
        "openapi_url": ("/openapi.json", f"{OWN_DOCS}/openapi.json"),
        "swagger_ui_oauth2_redirect_url": ("/docs/oauth2-redirect", f"{OWN_DOCS}/oauth2-redirect"),
    }
    if "docs_url" not in settings:
        return
    changed = False
    for key, (default, value) in moved.items():
        if settings[key] in (default, "") and settings[key] != value:
            settings[key] = value
            changed = True
    if changed:
        state.notes.append(
            "The legacy application keeps /docs and /openapi.json; ours are at "
            f"{OWN_DOCS} and {settings['openapi_url']}."
        )


def _share_session(app: App, legacy: Any, state: State) -> None:
    """Use the session cookie of a Flask application, if the app has Flask's sessions and no key of its own."""
    settings, config = app.settings, legacy.config
    if "secret_key" not in settings or not legacy.secret_key:
        return
    if settings["secret_key"] is None:
        settings["secret_key"] = legacy.secret_key
        for key in (
            "session_cookie_name", "session_cookie_domain", "session_cookie_path", "session_cookie_httponly",
            "session_cookie_secure", "session_cookie_samesite", "permanent_session_lifetime",
        ):  # fmt: skip
            value = config.get(key.upper())
            if value is not None and key in settings:
                settings[key] = value
        if config.get("SECRET_KEY_FALLBACKS"):
            settings["secret_key_fallbacks"] = config["SECRET_KEY_FALLBACKS"]
    elif settings["secret_key"] != legacy.secret_key:
        state.notes.append(
            "The app and the legacy application have different secret keys, so that neither knows who is logged in at "
            "the other."
        )


def report_name() -> str:
    """Return the name of this process's report."""
    return f"{os.getpid()}.json"
