"""Routes of a Bottle app, as its plugins see them."""

from __future__ import annotations

import inspect
from typing import Any, Callable, Iterator, List, Optional, Sequence, Set

from fenrir_core.authoring import unwrap_callable

from ._flags import depr
from .interfaces import BottleLike
from .properties import cached_property
from .texts import update_wrapper

Callback = Callable[..., Any]


def is_async(callback: Callback) -> bool:
    """Return whether a callback must be awaited."""
    return inspect.iscoroutinefunction(unwrap_callable(callback))


class Route:
    """A rule with its callback, and the plugins around that.

    Args:
        app: The app that it belongs to.
        rule: The rule, such as ``/wiki/<page>``.
        method: An HTTP method in upper case, or ``ANY``.
        callback: The handler without plugins.
        name: Its name, if it has one.
        plugins: Plugins of this route alone.
        skiplist: Plugins that are not applied: objects, types, names, or True for all.
        **config: The route's other options.
    """

    def __init__(
        self,
        app: BottleLike,
        rule: str,
        method: str,
        callback: Callback,
        name: Optional[str] = None,
        plugins: Optional[Sequence[Any]] = None,
        skiplist: Optional[Sequence[Any]] = None,
        **config: Any,
    ) -> None:
        self.app, self.rule, self.method, self.callback, self.name = app, rule, method, callback, name or None
        self.plugins, self.skiplist = list(plugins or ()), list(skiplist or ())
        #: The route's options above those of the app.
        self.config = app.config._make_overlay()
        self.config.load_dict(config)

    @cached_property
    def call(self) -> Callback:
        """The callback with all plugins around it, the app's first plugin outermost."""
        callback = self.callback
        for plugin in self.all_plugins():
            callback = plugin.apply(callback, self) if hasattr(plugin, "apply") else plugin(callback)
            if callback is not self.callback:
                update_wrapper(callback, self.callback)
        return callback

    def reset(self) -> None:
        """Have the plugins applied again."""
        self.__dict__.pop("call", None)

    def prepare(self) -> None:
        """Apply the plugins now instead of at the first request."""
        self.call  # noqa: B018 - computed once, at its first use

    def all_plugins(self) -> Iterator[Any]:
        """Yield the plugins of this route, the innermost first; of several with one name the last."""
        if True in self.skiplist:
            return
        names: Set[str] = set()
        for plugin in reversed([*self.app.plugins, *self.plugins]):
            name = getattr(plugin, "name", None)
            if name and (name in self.skiplist or name in names):
                continue
            if plugin in self.skiplist or type(plugin) in self.skiplist:
                continue
            if name:
                names.add(name)
            yield plugin

    def get_undecorated_callback(self) -> Callback:
        """Return the function that decorators wrap, as far as they tell."""
        function: Any = self.callback
        while True:
            inner = getattr(function, "__wrapped__", None) or getattr(function, "__func__", None)
            if inner is None:
                cells = [cell.cell_contents for cell in getattr(function, "__closure__", None) or ()]
                inner = next((cell for cell in cells if callable(cell)), None)
                if inner is None:
                    return function  # type: ignore[no-any-return]
                depr(0, 14, "a decorated callback without __wrapped__.", "use functools.wraps in the decorator.")
            function = inner

    def get_callback_args(self) -> List[str]:
        """Return the names of the arguments that the callback takes by keyword."""
        parameters = inspect.signature(self.get_undecorated_callback()).parameters.values()
        return [item.name for item in parameters if item.kind in (item.POSITIONAL_OR_KEYWORD, item.KEYWORD_ONLY)]

    def get_config(self, key: str, default: Any = None) -> Any:
        """Return an option of the route or its app."""
        depr(0, 13, "Route.get_config().", "use Route.config, which has the app's values too.")
        return self.config.get(key, default)

    def __repr__(self) -> str:
        function: Any = self.get_undecorated_callback()
        name = getattr(function, "__name__", "?")
        return f"<{self.method} {self.rule} -> {getattr(function, '__module__', '?')}:{name}>"
