"""Write the typed stub of the façade, fenrir/__init__.pyi, from what the installed paradigms give.

Run it after a plugin's public names or app methods changed; a test fails until then.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any, Dict, List

from fenrir_core import AppProperty, Fenrir, exports

STUB = Path(__file__).resolve().parent.parent / "fenrir_core" / "src" / "fenrir" / "__init__.pyi"
HEADER = """\
# Written by scripts/make_stub.py; a plugin that is not installed leaves its names untyped.
import asyncio
import re
from pathlib import Path as _Path
from typing import Any, Callable, Dict, Iterable, Mapping, Optional, Sequence, Type, TypeVar, Union

from fenrir_core import Fenrir as _Fenrir
"""
#: Types that signatures of app methods name, and where the stub finds them.
TYPES = {
    "APIRouter": "fenrir_fastapi.routing",
    "Blueprint": "fenrir_flask.blueprints",
    "Matches": "fenrir_flask.registration",
    "Version": "fenrir_sanic.registration",
    "SessionInterface": "fenrir_flask.sessions",
    "Config": "fenrir_flask.config",
    "Environment": "jinja2",
}


def imports() -> List[str]:
    """Import each exported name under its own name, as type checkers want re-exports."""
    kernel = ", ".join(f"{name} as {name}" for name in exports.KERNEL_NAMES if name != "Fenrir")
    lines = [f"from fenrir_core import {kernel}", "from fenrir_core import __version__ as __version__"]
    by_module: Dict[str, List[str]] = {}
    for name, (point,) in sorted(exports.exported().items()):
        if point.distribution.startswith("fenrir-"):
            by_module.setdefault(point.value.partition(":")[0], []).append(name)
    for module, own in by_module.items():
        lines.append(f"from {module} import {', '.join(f'{name} as {name}' for name in own)}")
    return lines


class Text:
    """Printed as it is where `inspect` would print a representation."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def renamed(annotation: Any) -> Any:
    """Return an annotation with the names that the stub has for its types."""
    if annotation is inspect.Parameter.empty:
        return annotation
    return Text(re.sub(r"\b(F|Path|" + "|".join(TYPES) + r")\b", r"_\1", str(annotation)))


def signature(name: str, function: Any) -> str:
    """Return the method as a stub has it, its first parameter being the app."""
    found = inspect.signature(function)
    parameters = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    for parameter in [*found.parameters.values()][1:]:
        has_default = parameter.default is not inspect.Parameter.empty
        default = Text("...") if has_default else inspect.Parameter.empty
        parameters.append(parameter.replace(annotation=renamed(parameter.annotation), default=default))
    signature = found.replace(parameters=parameters, return_annotation=renamed(found.return_annotation))
    return f"    def {name}{signature}: ..."


def stub() -> str:
    """Return the text of the stub."""
    app = Fenrir()
    body: List[str] = []
    for name, claims in sorted(app._methods.items()):
        value = claims[0].value
        if isinstance(value, AppProperty):
            body += ["    @property", f"    def {name}(self) -> Any: ..."]
            if value.set is not None:
                body += [f"    @{name}.setter", f"    def {name}(self, value: Any) -> None: ..."]
        else:
            typed = signature(name, value.function)
            body.append(typed if len(claims) == 1 else f"    def {name}(self, *args: Any, **kwargs: Any) -> Any: ...")
    used = "\n".join(body)
    types = [f"from {module} import {name} as _{name}" for name, module in TYPES.items() if f"_{name}" in used]
    parts = [HEADER + "\n".join([*imports(), *types]), '_F = TypeVar("_F", bound=Callable[..., Any])']
    return "\n\n".join(parts) + f"\n\nclass Fenrir(_Fenrir):\n{used}\n"


if __name__ == "__main__":
    STUB.write_text(stub(), encoding="utf-8")
