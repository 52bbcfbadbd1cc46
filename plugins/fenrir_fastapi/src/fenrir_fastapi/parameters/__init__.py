"""What fills the parameters of endpoints and dependencies."""

from __future__ import annotations
