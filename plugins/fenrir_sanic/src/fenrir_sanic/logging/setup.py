"""Formatters of Sanic's loggers by mode."""

from __future__ import annotations

import logging
from typing import Type, Union

from ..helpers import Default, _default
from ..log import access_logger, error_logger, logger, server_logger, websockets_logger
from .formatter import (
    AutoAccessFormatter,
    AutoFormatter,
    DebugAccessFormatter,
    DebugFormatter,
    ProdAccessFormatter,
    ProdFormatter,
)


def setup_logging(debug: bool, no_color: bool = False, log_extra: Union[bool, Default] = _default) -> None:
    """Set the formatters of a mode where the handlers of Sanic's loggers have its automatic ones.

    Args:
        debug: Whether it is that of development.
        no_color, log_extra: Kept in the formatters' class.
    """
    AutoFormatter.LOG_EXTRA = debug if isinstance(log_extra, Default) else log_extra
    AutoFormatter.NO_COLOR = no_color
    for item in (logger, server_logger, error_logger, websockets_logger):
        _replace(item, AutoFormatter, DebugFormatter if debug else ProdFormatter)
    _replace(access_logger, AutoAccessFormatter, DebugAccessFormatter if debug else ProdAccessFormatter)


def _replace(target: logging.Logger, automatic: Type[AutoFormatter], other: Type[AutoFormatter]) -> None:
    for handler in target.handlers:
        if type(handler.formatter) is automatic:
            handler.setFormatter(other())
