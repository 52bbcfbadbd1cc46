"""The kernel of the Fenrir web framework: a small ASGI core that plugins teach their paradigms to."""

from __future__ import annotations
