"""The hooks of the Bottle paradigm."""

from __future__ import annotations

from typing import List

from fenrir_core import AppMethod, PluginInfo, hookimpl

from .mounting import mount_wsgi

fenrir_plugin = PluginInfo(api="1")


@hookimpl
def fenrir_app_methods() -> List[AppMethod]:
    """Give the hybrid app `mount_wsgi`."""
    return [AppMethod("mount_wsgi", mount_wsgi)]
