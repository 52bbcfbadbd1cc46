"""Functions that are made of source."""

from __future__ import annotations

import builtins
import linecache
from types import CodeType, FunctionType
from typing import Any, Dict, List, NamedTuple, cast

from ._types import AnyCallable


class Source(NamedTuple):
    """The source of a function `handle`, the objects that it names, and how often it goes to a thread."""

    text: str
    namespace: Dict[str, Any]
    hops: int = 0


class FunctionMaker:
    """A compiler of sources into functions; equal sources share their code."""

    def __init__(self) -> None:
        self._codes: Dict[str, List[CodeType]] = {}

    def function(self, source: Source, label: str) -> AnyCallable:
        """Return the function `handle` of a source; tracebacks show its lines."""
        text = source.text
        filename = f"<fenrir {label}>"
        if text not in self._codes:
            module = compile(text, filename, "exec")
            self._codes[text] = [item for item in module.co_consts if isinstance(item, CodeType)]
        linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
        namespace: Dict[str, Any] = {"__builtins__": builtins, **source.namespace}
        for code in self._codes[text]:
            namespace[code.co_name] = FunctionType(code.replace(co_filename=filename), namespace, code.co_name)
        return cast(AnyCallable, namespace["handle"])

    def again(self, function: AnyCallable, **replaced: object) -> AnyCallable:
        """Return a function like an earlier one, with other objects under some of its names."""
        before = function.__globals__
        namespace: Dict[str, object] = {**before, **replaced}
        for name, value in before.items():
            if isinstance(value, FunctionType) and value.__globals__ is before:
                namespace[name] = FunctionType(value.__code__, namespace, name)
        return cast(AnyCallable, namespace["handle"])
