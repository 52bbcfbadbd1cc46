"""Falcon's tools for tests: clients, made-up requests, and resources that keep what they were called with."""

from __future__ import annotations

from . import client, helpers
from .client import *  # noqa: F403
from .helpers import *  # noqa: F403
from .resource import (
    SimpleTestResource,
    SimpleTestResourceAsync,
    capture_responder_args,
    capture_responder_args_async,
    set_resp_defaults,
    set_resp_defaults_async,
)
from .srmock import StartResponseMock
from .test_case import TestCase

__all__ = [
    "SimpleTestResource",
    "SimpleTestResourceAsync",
    "StartResponseMock",
    "TestCase",
    "capture_responder_args",
    "capture_responder_args_async",
    "set_resp_defaults",
    "set_resp_defaults_async",
]
__all__ += client.__all__
__all__ += helpers.__all__
