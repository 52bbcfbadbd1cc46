"""The app that a server imports; the environment names it."""

from __future__ import annotations

import os

from .socket_apps import make

app = make(os.environ.get("BENCHMARK_APP", "fenrir"))
