"""The OpenAPI document and its pages."""

from __future__ import annotations
