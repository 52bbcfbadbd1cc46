"""What the tests of late registration register."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Callable, List

from fenrir_core import PluginInfo, hookimpl
from fenrir_core.authoring import ASGIApp, Receive, Scope, Send


def plugin(**hooks: Callable[..., Any]) -> Any:
    """Return a plugin of these hooks, named without their prefix."""
    found = {f"fenrir_{name}": hookimpl(specname=f"fenrir_{name}")(hook) for name, hook in hooks.items()}
    return SimpleNamespace(__name__="mine", fenrir_plugin=PluginInfo(), **found)


def tagging(name: str, made: List[str]) -> Callable[[ASGIApp], ASGIApp]:
    """Return a factory of middleware that notes each instance, and its name in each response."""

    def factory(app: ASGIApp) -> ASGIApp:
        made.append(name)

        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            async def tagged(message: Any) -> None:
                if message["type"] == "http.response.start":
                    message = {**message, "headers": [*message["headers"], (b"x-tag", name.encode())]}
                await send(message)

            await app(scope, receive, tagged)

        return middleware

    return factory
