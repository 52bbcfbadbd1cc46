"""What the command line itself gives through its hooks: the servers that it knows."""

from __future__ import annotations

from typing import Iterable

from fenrir_core import PluginInfo, hookimpl

from .values import Server

fenrir_plugin = PluginInfo(api="1")


@hookimpl
def fenrir_cli_servers() -> Iterable[Server]:
    """Give the servers with an adapter here."""
    yield Server("hypercorn", "hypercorn", "fenrir_cli.hypercorn_server:serve", speed=10)
    yield Server(
        "uvicorn",
        "uvicorn",
        "fenrir_cli.uvicorn_server:serve",
        speed=20,
        cannot={"http2": "its own HTTP parsers speak HTTP/1.1 only"},
    )
    yield Server(
        "granian",
        "granian",
        "fenrir_cli.granian_server:serve",
        speed=30,
        least=(2, 8),
        cannot={"dev": "it accepts in threads of its own, which can't be told to leave the rest to a new process"},
    )
