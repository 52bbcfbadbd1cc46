"""The Falcon paradigm of the Fenrir web framework: resource classes."""

from __future__ import annotations
