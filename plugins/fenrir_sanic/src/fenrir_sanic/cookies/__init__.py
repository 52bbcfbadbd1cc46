"""Cookies: of requests, and those that responses set."""

from __future__ import annotations

from .response import Cookie, CookieJar

__all__ = ("Cookie", "CookieJar")
