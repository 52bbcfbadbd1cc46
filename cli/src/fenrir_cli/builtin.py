"""The hooks of the command line itself: the servers that it has adapters for."""

from __future__ import annotations

from typing import Iterable

from fenrir_core import PluginInfo, hookimpl

from .values import Server

fenrir_plugin = PluginInfo(api="1")


@hookimpl
def fenrir_cli_servers() -> Iterable[Server]:
    """Return the servers with an adapter here."""
    # granian and asteri have speed 0: they serve where they are named, and `auto` stays with what most know
    yield Server("hypercorn", "hypercorn", "fenrir_cli.hypercorn_server:serve", speed=10)
    yield Server(
        "uvicorn",
        "uvicorn",
        "fenrir_cli.uvicorn_server:serve",
        speed=20,
        least=(0, 23),
        faster_with=("httptools",),
        cannot={"http2": "its own HTTP parsers speak HTTP/1.1 only"},
    )
    yield Server(
        "granian",
        "granian",
        "fenrir_cli.granian_server:serve",
        least=(2, 8),
        cannot={"dev": "it accepts in threads of its own, which can't be told to leave the rest to a new process"},
    )
    yield Server(
        "asteri",
        "asteri",
        "fenrir_cli.asteri_server:serve",
        least=(2, 2),
        cannot={
            "http2": "its ASGI worker has no TLS, over which alone browsers speak HTTP/2",
            "tls-cert": "its ASGI worker reads from plain sockets only; have a proxy speak TLS",
        },
    )
