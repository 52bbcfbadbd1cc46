"""The page of a directory."""

from __future__ import annotations

from html import escape
from typing import Iterable, TypedDict
from urllib.parse import quote


class FileInfo(TypedDict):
    """A file as the page shows it."""

    icon: str
    file_name: str
    file_access: str
    file_size: str


class DirectoryPage:
    """The page of a directory.

    Args:
        files: What is in it.
        url: Its path.
        debug: Whether the app runs in development mode.
    """

    def __init__(self, files: Iterable[FileInfo], url: str, debug: bool) -> None:
        self.files, self.url, self.debug = files, url, debug

    def render(self) -> str:
        """Return the page."""
        rows = "".join(
            f'<tr><td>{item["icon"]}</td><td><a href="{quote(item["file_name"])}">{escape(item["file_name"])}</a></td>'
            f"<td>{item['file_size']}</td><td>{escape(item['file_access'])}</td></tr>"
            for item in self.files
        )
        title = f"Index of {escape(self.url)}"
        return (
            f'<!DOCTYPE html><html lang="en"><meta charset="UTF-8"><title>Directory Viewer</title><h1>{title}</h1>'
            f"<table><tbody>{rows}</tbody></table></html>"
        )
