"""The hybrid app: every installed paradigm's methods on one object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Optional

from . import exports
from ._running import run_app
from .app import App
from .exceptions import BuildError
from .plugins.manager import Plugins
from .plugins.types import AppMethod, AppProperty, Contribution


class Fenrir(App):
    """The hybrid app: the kernel's methods and those of every installed paradigm.

    Args:
        **settings: As `App`. `paradigms=[…]` narrows to some of the installed ones.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._methods = _methods(self.plugins, vars(self))

    def run(
        self,
        host: Optional[str] = None,
        port: Optional[int] = None,
        debug: bool = False,
        reload: Optional[bool] = None,
        **options: Any,
    ) -> None:
        """Serve the app in this process until SIGTERM or Ctrl+C; needs fenrir-cli.

        Args:
            host: Where to listen; this machine alone by default.
            port: The port; 8000 by default, 0 for any free one.
            debug: Whether the app is in debug mode, and browsers get pages about errors.
            reload: Whether the app is loaded anew after each change; by default as `debug`.
            **options: The options of `fenrir run`, with underscores: `server`, `workers`, `access_log`, ….

        Raises:
            BuildError: fenrir-cli is not installed, or the module that calls this is being imported.
            SystemExit: It can't be served; the message is on stderr.
        """
        run_app(self, host or "127.0.0.1", 8000 if port is None else port, debug=debug, reload=reload, **options)

    # Type checkers know the methods from the façade's stub; with these two, any name would do for them.
    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            methods: Mapping[str, List[Contribution[Any]]] = self.__dict__.get("_methods", {})
            if name in methods:
                first = methods[name][0].value
                return first.get(self) if isinstance(first, AppProperty) else _bound(self, methods[name])
            hint = exports.missing_method(name)
            raise AttributeError(hint or f"{type(self).__name__!r} object has no attribute {name!r}")

        def __setattr__(self, name: str, value: Any) -> None:
            claims = self.__dict__.get("_methods", {}).get(name)
            if claims is None:
                super().__setattr__(name, value)
            elif getattr(claims[0].value, "set", None) is None:
                raise AttributeError(f"'Fenrir.{name}' comes from {claims[0].by} and can't be set.")
            else:
                claims[0].value.set(self, value)

    def __dir__(self) -> List[str]:
        return sorted({*super().__dir__(), *self._methods})


def _methods(plugins: Plugins, own: Mapping[str, Any]) -> Dict[str, List[Contribution[Any]]]:
    found: Dict[str, List[Contribution[Any]]] = {}
    for given in plugins.ask_all("fenrir_app_methods"):
        if hasattr(Fenrir, given.value.name) or given.value.name in own:
            raise BuildError(
                f"{given.by} gives the app method {given.value.name!r}, which the app has itself: it would never be "
                "called. Give it another name."
            )
        found.setdefault(given.value.name, []).append(given)
    for name, claims in found.items():
        functions = {id(getattr(given.value, "function", given)) for given in claims}
        if len(functions) > 1 and any(getattr(given.value, "accepts", None) is None for given in claims[:-1]):
            owners = " and ".join(str(given.by) for given in claims)
            raise BuildError(f"The app method {name!r} is claimed by {owners}, and they do not say whose a call is.")
    return found


def _bound(app: App, claims: List[Contribution[AppMethod]]) -> Callable[..., Any]:
    def method(*args: Any, **kwargs: Any) -> Any:
        for given in claims:
            accepts = given.value.accepts
            if accepts is None or accepts(args, kwargs):
                return given.value.function(app, *args, **kwargs)
        owners = ", ".join(given.by.plugin for given in claims)
        raise BuildError(f"{claims[0].value.name}{args!r} fits none of the plugins that have it: {owners}.")

    first = claims[0].value
    method.__name__, method.__doc__ = first.name, first.function.__doc__
    return method
