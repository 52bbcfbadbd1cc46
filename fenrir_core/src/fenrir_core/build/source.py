"""Generated source, and functions made of it."""

from __future__ import annotations

import builtins
import keyword
import linecache
from types import CodeType, FunctionType
from typing import Any, Dict, List, Optional

from ..plugins.types import Origin


class SourceWriter:
    """Collect lines of generated code, and the objects that they name."""

    def __init__(self) -> None:
        self.lines: List[str] = []
        self.namespace: Dict[str, Any] = {}
        #: The local variables that hold what hooks' views gave, by the view's identity.
        self.adapters: Dict[int, str] = {}
        self._names: Dict[int, str] = {}

    def line(self, depth: int, text: str, by: Optional[Origin] = None) -> None:
        """Add a line; `by` is told in a comment."""
        comment = f"  # {by.plugin}" if by is not None else ""
        self.lines.append("    " * depth + text + comment)

    def bind(self, hint: str, value: Any) -> str:
        """Return a name in the namespace for an object, the same one for the same object."""
        name = self._names.get(id(value))
        if name is None:
            plain = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in hint)
            stem = plain.strip("_").lower() or "value"
            name = stem = f"_{stem}" if stem[0].isdigit() else stem
            count = 1
            # what ends in a digit may be a local of the compiled function: given1, read1, argument_0
            while name in self.namespace or name in RESERVED or keyword.iskeyword(name) or name[-1].isdigit():
                count += 1
                name = f"{stem}_{count}_"
            self.namespace[name] = value
            self._names[id(value)] = name
        return name

    @property
    def text(self) -> str:
        """The source."""
        return "\n".join(self.lines) + "\n"


#: What compiled functions use themselves, besides `SourceWriter.namespace` at the time of a `bind`.
RESERVED = frozenset(
    "scope receive send params request token value response error body encoder invalid bad handle inner dict type len "
    "key self finish_inner raw render_raw raw_response_of response_from_raw size lengths message form_types new".split()
)


class Compiler:
    """Compile plans; equal sources share their code."""

    def __init__(self) -> None:
        self._codes: Dict[str, List[CodeType]] = {}

    def function(self, source: SourceWriter, label: str) -> Any:
        """Return the function `handle` of a source; tracebacks show its lines."""
        text = source.text
        filename = f"<fenrir {label}>"
        if text not in self._codes:
            module = compile(text, filename, "exec")
            self._codes[text] = [item for item in module.co_consts if isinstance(item, CodeType)]
        linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
        namespace: Dict[str, Any] = {"__builtins__": builtins, **source.namespace}
        for code in self._codes[text]:
            code = code.replace(co_filename=filename)
            namespace[code.co_name] = FunctionType(code, namespace, code.co_name)
        return namespace["handle"]
