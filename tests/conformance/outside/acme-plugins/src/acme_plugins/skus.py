"""A path converter: ``{sku:sku}`` is the number of an article."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable

from fenrir_core import PathConverter, PluginInfo, hookimpl

fenrir_plugin = PluginInfo(api="1")


@dataclass(frozen=True)
class Sku:
    """The number of an article, such as ``AB-1234``."""

    maker: str
    number: int

    @classmethod
    def parse(cls, text: str) -> Sku:
        """Read a text that the expression has let through."""
        maker, _, number = text.partition("-")
        return cls(maker, int(number))

    def __str__(self) -> str:
        return f"{self.maker}-{self.number:04}"


@hookimpl
def fenrir_path_converters() -> Iterable[PathConverter]:
    """Add the converter."""
    yield PathConverter("sku", "[A-Z]{2}-[0-9]{4}", Sku.parse, str, rank=25)
