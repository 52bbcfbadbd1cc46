"""The default app, and the functions of the module that register with it."""

from __future__ import annotations

import functools
from typing import Any, Callable, List, Optional, cast

from .app import Bottle
from .signatures import RouteDecorator

__all__ = [
    "AppStack",
    "Bottle",
    "app",
    "apps",
    "default_app",
    "delete",
    "error",
    "get",
    "hook",
    "install",
    "make_default_app_wrapper",
    "mount",
    "patch",
    "post",
    "put",
    "route",
    "uninstall",
    "url",
]


class AppStack(List[Bottle]):
    """A stack of apps; calling it returns the one on top, the default app."""

    def __call__(self) -> Bottle:
        """Return the default app; it is made if there is none."""
        return self.default

    def push(self, value: Optional[Bottle] = None) -> Bottle:
        """Make `value`, or a new app, the default app, and return it."""
        if not isinstance(value, Bottle):
            value = Bottle()
        self.append(value)
        return value

    new_app = push

    @property
    def default(self) -> Bottle:
        """The default app."""
        return self[-1] if self else self.push()


#: COMPAT: Bottle's functions of the module need an app of the whole process.
default_app = AppStack()
Bottle.default_apps = default_app
apps = app = default_app


def make_default_app_wrapper(name: str) -> Callable[..., Any]:
    """Return a function that calls a method of the default app."""

    @functools.wraps(getattr(Bottle, name))
    def wrapper(*a: Any, **ka: Any) -> Any:
        return getattr(default_app(), name)(*a, **ka)

    return wrapper


route = cast(RouteDecorator, make_default_app_wrapper("route"))
get = cast(RouteDecorator, make_default_app_wrapper("get"))
post = cast(RouteDecorator, make_default_app_wrapper("post"))
put = cast(RouteDecorator, make_default_app_wrapper("put"))
delete = cast(RouteDecorator, make_default_app_wrapper("delete"))
patch = cast(RouteDecorator, make_default_app_wrapper("patch"))
error = make_default_app_wrapper("error")
mount = make_default_app_wrapper("mount")
hook = make_default_app_wrapper("hook")
install = make_default_app_wrapper("install")
uninstall = make_default_app_wrapper("uninstall")
url = make_default_app_wrapper("get_url")
