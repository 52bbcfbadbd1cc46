"""The base of test cases for `unittest`."""

from __future__ import annotations

import unittest

from ..app import App
from .client import TestClient


class TestCase(unittest.TestCase, TestClient):
    """A test case that is a client of its own app.

    Set `app` in `setUp`, after ``super().setUp()``.
    """

    def setUp(self) -> None:
        """Make the app."""
        super().setUp()
        TestClient.__init__(self, App())
