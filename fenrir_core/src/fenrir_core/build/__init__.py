"""From registrations to compiled routes: planning and compiling, once, before the app serves."""

from __future__ import annotations
