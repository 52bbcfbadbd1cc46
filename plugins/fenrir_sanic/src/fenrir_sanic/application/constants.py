"""The modes and stages of an application."""

from __future__ import annotations

from enum import IntEnum, auto

from ..compat import UpperStrEnum


class Server(UpperStrEnum):
    """What serves an app."""

    SANIC = auto()
    ASGI = auto()


class Mode(UpperStrEnum):
    """How an app runs."""

    PRODUCTION = auto()
    DEBUG = auto()


class ServerStage(IntEnum):
    """How far a server has started."""

    STOPPED = auto()
    PARTIAL = auto()
    SERVING = auto()
