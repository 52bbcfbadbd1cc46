"""The class `Blueprint`, with what serves its files."""

from __future__ import annotations

from functools import cached_property
from typing import IO, Any, Optional

from ._types import SomeResponse
from .resources import max_age_of, open_file, static_file
from .sansio.blueprints import Blueprint as _Blueprint
from .sansio.blueprints import BlueprintSetupState as BlueprintSetupState
from .sansio.scaffold import setupmethod as setupmethod

__all__ = ["Blueprint", "BlueprintSetupState"]


class Blueprint(_Blueprint):
    """A group of views, hooks, error handlers and templates, for `app.register_blueprint`; see the base for arguments.

    It serves its static files and opens those beside its code.
    """

    @cached_property
    def cli(self) -> Any:
        """The group of its commands."""
        from .cli import AppGroup

        return AppGroup(name=self.name)

    def get_send_file_max_age(self, filename: Optional[str]) -> Optional[int]:
        """Return how many seconds browsers may keep a file, or None: `SEND_FILE_MAX_AGE_DEFAULT`."""
        return max_age_of(filename)

    def send_static_file(self, filename: str) -> SomeResponse:
        """Return the response with a file of the static folder.

        Raises:
            RuntimeError: There is no static folder.
            NotFound: There is no such file.
        """
        return static_file(self, filename)

    def open_resource(self, resource: str, mode: str = "rb", encoding: Optional[str] = "utf-8") -> IO[Any]:
        """Open a file relative to `root_path` for reading."""
        return open_file(self.root_path, resource, mode, encoding)
