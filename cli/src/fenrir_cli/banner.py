"""What `fenrir run` prints when an app serves: where, by which server, with which plugins."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence

from .console import paint
from .versions import version_of


def summary(app: Any) -> Dict[str, Any]:
    """Return the plugins of an app as JSON values, which a worker sends to its supervisor."""
    plugins = getattr(getattr(app, "plugins", None), "records", [])
    return {
        "plugins": [
            {
                "name": record.name,
                "version": record.version,
                "paradigm": record.is_paradigm,
                "state": record.state,
                "error": record.error,
            }
            for record in plugins
        ]
    }


def banner(
    label: str, url: str, server: str, mode: str, found: Dict[str, Any], faster: Sequence[str] = ()
) -> List[str]:
    """Return the lines to print.

    Args:
        label: The app's name, `app:app`.
        url: Where it serves.
        server: The server and the loop, with their versions.
        mode: What is special about this run, or an empty string.
        found: What `summary` returned.
        faster: The distributions that would make serving faster.
    """
    how = server + (f", {mode}" if mode else "")
    lines = [f"{paint('Fenrir', '1')} {version_of('fenrir-core')} serves {label} on {paint(url, '1;36')} ({how})"]
    plugins = found.get("plugins", [])
    paradigms = [item for item in plugins if item["paradigm"] and item["state"] == "active"]
    others = [item for item in plugins if not item["paradigm"] and item["state"] == "active"]
    if paradigms:
        lines.append(f"  paradigms: {_named(paradigms)}")
    if others:
        lines.append(f"  plugins: {_named(others)}")
    off = [item["name"] for item in plugins if item["state"] == "off"]
    if off:
        lines.append(f"  off: {', '.join(off)}")
    for item in plugins:
        if item["state"] == "failed":
            lines.append(f"  {paint('failed', '31')}: {item['name']} {item['version']}: {item['error']}")
    if faster:
        lines.append(f"  faster: pip install {' '.join(faster)}")
    lines.append("  stop with Ctrl+C")
    return lines


def _named(items: List[Dict[str, Any]]) -> str:
    return ", ".join(f"{item['name']} {item['version']}".rstrip() for item in items)
