"""The command line of the Fenrir web framework: run, routes, info, shell, bench, new."""

from __future__ import annotations
