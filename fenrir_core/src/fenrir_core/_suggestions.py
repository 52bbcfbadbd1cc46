"""Hints for misspelt names in the messages of errors."""

from __future__ import annotations

from typing import Iterable


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "", *, lead: str = "", most: int = 1) -> str:
    """Return the hint ``Did you mean NAME?`` with the known names that are nearest to a name.

    Args:
        name: The name that is not known.
        known: Those that are.
        otherwise: The text where none is near.
        lead: What stands before either text, for example a blank; nothing comes of it where there is no text.
        most: The most names in the hint.
    """
    from difflib import get_close_matches  # PERF: 10 ms, which only an error needs

    near = get_close_matches(name, list(known), most)
    hint = f"Did you mean {' or '.join(near)}?" if near else otherwise
    return lead + hint if hint else ""
