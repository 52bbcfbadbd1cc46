"""`fenrir_bottle.ext.NAME` is the module `bottle_NAME`, where extensions of Bottle live."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
from types import ModuleType
from typing import List, Optional, Sequence

__path__: List[str] = []
__all__: List[str] = []


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """A finder of `ext.NAME`, whatever name `ext` was imported under."""

    def find_spec(
        self, fullname: str, path: Optional[Sequence[str]], target: Optional[ModuleType] = None
    ) -> Optional[importlib.machinery.ModuleSpec]:
        package, _, name = fullname.rpartition(".")
        if not name or sys.modules.get(package) is not sys.modules[__name__]:
            return None
        return importlib.machinery.ModuleSpec(fullname, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        name = spec.name.rpartition(".")[2]
        module = importlib.import_module(f"bottle_{name}")
        self._kept = module.__dict__.get("__spec__")
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._kept  # the import system has just replaced it with its own


if not any(type(finder).__name__ == "_Finder" and type(finder).__module__ == __name__ for finder in sys.meta_path):
    sys.meta_path.append(_Finder())
