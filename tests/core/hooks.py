"""Plugins of one hook, and how the tests ask apps that have them."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, Callable, List

from fenrir_core import App, Param, PluginInfo, Provide, RouteHook, hookimpl
from fenrir_core.testing import Answer, Client


def plugin(function: Callable[..., Any], name: str = "mine", info: PluginInfo = PluginInfo()) -> Any:
    """Make a plugin of one hook."""
    return SimpleNamespace(__name__=name, fenrir_plugin=info, **{function.__name__: hookimpl(function)})


class Steps:
    """A plugin with hooks of any kind, and dependencies by the names of parameters."""

    def __init__(self, *hooks: RouteHook, **provided: Any) -> None:
        self.hooks, self.provided = hooks, provided

    @hookimpl
    def fenrir_route_hooks(self) -> List[RouteHook]:
        return [*self.hooks]

    @hookimpl
    def fenrir_make_resolver(self, param: Param) -> Any:
        return Provide(self.provided[param.name]) if param.name in self.provided else None


def ask(app: App, *requests: str) -> List[Answer]:
    """Start the app and send it requests, each a method and a path."""

    async def send() -> List[Answer]:
        async with Client(app, raise_errors=False) as client:
            return [await client.request(*request.split()) for request in requests]

    return asyncio.run(send())


def texts(app: App, *requests: str) -> List[str]:
    return [answer.text for answer in ask(app, *requests)]
