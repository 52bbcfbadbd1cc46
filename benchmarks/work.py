"""What the handlers of every contestant call.

A user's handler names globals and calls something, so these do, too; only the case `constant` has one that
does neither.
"""

from __future__ import annotations

from typing import Dict

GREETING = "Hello, world"


def greeting() -> str:
    """Return the text of the cases `text` and `json`."""
    return GREETING


def item(item_id: int) -> Dict[str, int]:
    """Return the content of the case `path`."""
    return {"item_id": item_id}


def thing(thing_id: int) -> Dict[str, int]:
    """Return the content of the cases with many routes."""
    return {"thing_id": thing_id}
