"""Formatters of log records, under Sanic's names."""

from __future__ import annotations

import logging
from typing import Literal, Optional

_FORMAT = "%(asctime)s %(process)d [%(levelname)s]: %(message)s"


class AutoFormatter(logging.Formatter):
    """A formatter with time, process and level."""

    SETUP = False
    LOG_EXTRA = False
    ATTY = False
    NO_COLOR = True
    DATE_FORMAT = "%Y-%m-%d %H:%M:%S %z"
    MESSAGE_FORMAT = _FORMAT

    def __init__(
        self,
        fmt: Optional[str] = None,
        datefmt: Optional[str] = None,
        style: Literal["%", "{", "$"] = "%",
        validate: bool = True,
    ) -> None:
        super().__init__(fmt or self.MESSAGE_FORMAT, datefmt or self.DATE_FORMAT, style, validate)


class DebugFormatter(AutoFormatter):
    """The formatter of development."""


class ProdFormatter(AutoFormatter):
    """The formatter of production."""


class LegacyFormatter(AutoFormatter):
    """The formatter of Sanic before 24."""


class AutoAccessFormatter(AutoFormatter):
    """The formatter of access logs."""


class DebugAccessFormatter(AutoAccessFormatter):
    """The formatter of access logs in development."""


class ProdAccessFormatter(AutoAccessFormatter):
    """The formatter of access logs in production."""


class LegacyAccessFormatter(AutoAccessFormatter):
    """The formatter of access logs of Sanic before 24."""
