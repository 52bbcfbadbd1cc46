"""Taking over a legacy application route by route."""

from __future__ import annotations

from ._version import __version__
from .switches import Rule, Switches, WrongSwitches
from .takeover import Takeover, take_over
from .tokens import sign

__all__ = ["Rule", "Switches", "Takeover", "WrongSwitches", "__version__", "sign", "take_over"]
