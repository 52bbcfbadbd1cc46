"""The hooks of the WSGI bridge."""

from __future__ import annotations

from typing import List

from fenrir_core import AppMethod, PluginInfo, hookimpl

from . import mounting

fenrir_plugin = PluginInfo(api="1")


@hookimpl
def fenrir_app_methods() -> List[AppMethod]:
    """Return `mount_wsgi`, a method of the hybrid app."""
    return [AppMethod("mount_wsgi", mounting.mount_wsgi)]
