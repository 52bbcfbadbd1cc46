"""Write the typed stub of the façade, fenrir/__init__.pyi, from what the installed paradigms give.

Run it after a plugin's public names or app methods changed; a test fails until then.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any, Dict, List, Tuple, Union, get_args, get_origin, get_type_hints

from fenrir_core import App, AppProperty, Fenrir, exports
from fenrir_core.authoring import KernelOptions

STUB = Path(__file__).resolve().parent.parent / "fenrir_core" / "src" / "fenrir" / "__init__.pyi"
HEADER = """\
# Written by scripts/make_stub.py; a plugin that is not installed leaves its names untyped.
import asyncio
import re
import typing
from pathlib import Path as _Path
from typing import (
    Any, Callable, Dict, Iterable, Mapping, Optional, Type, TypedDict, TypeVar, Union, overload,
)

from typing_extensions import Unpack

from fenrir_core import Fenrir as _Fenrir
"""
#: Types that signatures of app methods name, and where the stub finds them.
TYPES = {
    "APIRouter": "fenrir_fastapi.routing",
    "RouterOptions": "fenrir_fastapi.signatures",
    "SupervisedTasks": "fenrir_sanic.supervised_tasks",
    "Blueprint": "fenrir_flask.blueprints",
    "Matches": "fenrir_flask.registration.hooks",
    "Decorated": "fenrir_flask._types",
    "Function": "fenrir_flask._types",
    "Passed": "fenrir_flask._types",
    "Values": "fenrir_flask._types",
    "Version": "fenrir_sanic.registration",
    "SessionInterface": "fenrir_flask.sessions",
    "Config": "fenrir_flask.config",
    "Environment": "jinja2",
    "SyncClient": "fenrir_core.testing",
    "Takeover": "fenrir_takeover",
}
#: The app's methods that register a route and take the options of all plugins.
VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "route", "websocket")


#: Why these methods ignore the error `override`; written into the stub.
NARROWER = """\
    # The kernel's methods take any option, since a plugin can add one. Here they take those of the first-party plugins
    # only, so that type checkers find a misspelt one: an override that is narrower than its base."""


def first_party() -> Dict[str, str]:
    """Return where the names of the façade are that the first-party plugins export, as ``module:attribute`` by name."""
    found = exports.exported()
    return {name: point.value for name, (point,) in found.items() if point.distribution.startswith("fenrir-")}


def imports() -> List[str]:
    """Import each exported name under its own name, as type checkers want re-exports."""
    kernel = ", ".join(f"{name} as {name}" for name in exports.KERNEL_NAMES if name != "Fenrir")
    lines = [f"from fenrir_core import {kernel}", "from fenrir_core import __version__ as __version__"]
    by_module: Dict[str, List[str]] = {}
    for name, value in sorted(first_party().items()):
        module, _, attribute = value.partition(":")
        by_module.setdefault(module, []).append(f"{attribute or name} as {name}")
    for module, own in by_module.items():
        lines.append(f"from {module} import {', '.join(own)}")
    return lines


class Text:
    """A text that `inspect` prints as it is, without quotation marks."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def renamed(annotation: Any) -> Any:
    """Return an annotation with the names that the stub has for its types."""
    if annotation is inspect.Parameter.empty:
        return annotation
    return Text(re.sub(r"\b(?:jinja2\.)?(F|Path|" + "|".join(TYPES) + r")\b", r"_\1", str(annotation)))


def signature(name: str, function: Any) -> str:
    """Return the method as a stub has it, its first parameter being the app."""
    found = inspect.signature(function)
    parameters = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    for parameter in [*found.parameters.values()][1:]:
        has_default = parameter.default is not inspect.Parameter.empty
        default = Text("...") if has_default else inspect.Parameter.empty
        parameters.append(parameter.replace(annotation=renamed(parameter.annotation), default=default))
    first = parameters[1] if len(parameters) > 1 else parameters[0]
    if found.return_annotation == "Any" and first.kind is first.POSITIONAL_OR_KEYWORD and first.name != "self":
        # `@app.middleware` and `@app.middleware("request")`
        bare = first.replace(annotation=Text("_F"), default=inspect.Parameter.empty)
        called = first.replace(annotation=Text("Optional[str]"))
        rest = parameters[2:]
        one = found.replace(parameters=[parameters[0], bare, *rest], return_annotation=Text("_F"))
        two = found.replace(parameters=[parameters[0], called, *rest], return_annotation=Text("Callable[[_F], _F]"))
        return f"    @overload\n    def {name}{one}: ...\n    @overload\n    def {name}{two}: ..."
    signature = found.replace(parameters=parameters, return_annotation=renamed(found.return_annotation))
    word = "async def" if inspect.iscoroutinefunction(function) else "def"
    return f"    {word} {name}{signature}: ..."


def accessors(prop: AppProperty) -> List[str]:
    """Return a property as a stub has it, with the types of its functions."""
    lines = [
        "    @property",
        f"    def {prop.name}(self) -> {renamed(inspect.signature(prop.get).return_annotation)}: ...",
    ]
    if prop.set is not None:
        *_, value = inspect.signature(prop.set).parameters.values()
        lines += [f"    @{prop.name}.setter"]
        lines += [f"    def {prop.name}(self, value: {renamed(value.annotation)}) -> None: ..."]
    return lines


def verb(name: str) -> str:
    """Return a method that registers routes with the options spelled out."""
    parameters = "self, path: str, "
    if name == "route":
        parameters += "methods: Optional[Iterable[str]] = ..., "
    parameters += "*, name: Optional[str] = ..., **options: Unpack[RouteOptions]"
    return f"    def {name}({parameters}) -> Callable[[_F], _F]: ...  # type: ignore[override]"


def written(annotation: Any) -> str:
    """Return a type as it is written, the same on all Pythons."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is type(None) or annotation is None:
        return "None"
    if annotation is ...:
        return "..."
    if isinstance(annotation, list):
        return f"[{', '.join(map(written, annotation))}]"
    if origin is Union:
        return f"Union[{', '.join(map(written, arguments))}]"
    if origin is not None:
        name = annotation._name or origin.__name__  # "Mapping" where the origin is an abstract class
        return f"typing.{name}[{', '.join(map(written, arguments))}]" if arguments else f"typing.{name}"
    if annotation is Any:
        return "Any"
    module, name = annotation.__module__, annotation.__qualname__
    return name if module == "builtins" else f"{module}.{name}"


def route_options(app: App) -> Tuple[List[str], List[str]]:
    """Return the keywords of routes, the kernel's and those of the first-party plugins, and what they import."""
    types: Dict[str, List[str]] = {
        name: [written(annotation)] for name, annotation in get_type_hints(KernelOptions).items()
    }
    for given in app.plugins.ask_all("fenrir_route_options"):
        if given.by.distribution.startswith("fenrir-"):
            found = types.setdefault(given.value.name, [])
            found += [text for text in [written(given.value.type)] if text not in found]
    lines = [
        f"    {name}: {texts[0] if len(texts) == 1 else 'Union[' + ', '.join(texts) + ']'}"
        for name, texts in sorted(types.items())
    ]
    modules = re.findall(r"\b((?:\w+\.)+)\w+", "\n".join(lines))
    return lines, sorted({f"import {module[:-1]}" for module in modules if module != "typing."})


def body(app: Fenrir) -> str:
    """Return the methods and properties of the class `Fenrir`."""
    lines = [NARROWER, *(verb(name) for name in VERBS)]
    for name, claims in sorted(app._methods.items()):
        value = claims[0].value
        if isinstance(value, AppProperty):
            lines += accessors(value)
        else:  # of several plugins' the first; that of `middleware` covers the other
            lines.append(signature(name, value.function))
    return "\n".join(lines)


def stub() -> str:
    """Return the text of the stub."""
    app = Fenrir()
    methods, (options, modules) = body(app), route_options(app)
    types = [f"from {module} import {name} as _{name}" for name, module in TYPES.items() if f"_{name}" in methods]
    public = sorted({*exports.KERNEL_NAMES, *first_party(), "__version__"})
    parts = [
        HEADER + "\n".join([*imports(), *types, *modules]),
        f"__all__ = {public!r}",
        '_F = TypeVar("_F", bound=Callable[..., Any])',
        "class RouteOptions(TypedDict, total=False):\n" + "\n".join(options),
        f"class Fenrir(_Fenrir):\n{methods}\n",
    ]
    return "\n\n".join(parts)


if __name__ == "__main__":
    STUB.write_text(stub(), encoding="utf-8")
