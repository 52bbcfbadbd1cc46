"""The command line of the Fenrir web framework: run, routes, info."""

from __future__ import annotations
