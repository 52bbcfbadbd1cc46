"""The pages for authors of plugins, compared with the hooks, values and classes that there are."""

from __future__ import annotations

import dataclasses
import importlib.util
import inspect
import re
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest
from tests.guide import PLUGIN_PAGES

import fenrir_core
from fenrir_cli import hookspecs as cli_hookspecs
from fenrir_cli.options import ServeOptions
from fenrir_core import App, Mount, Request, Route, WebSocket, authoring, hookimpl
from fenrir_core.build.builder import KERNEL_OPTIONS
from fenrir_core.http.limits import LIMITS
from fenrir_core.plugins import hookspecs
from fenrir_core.testing import make_app

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = PLUGIN_PAGES / "reference"
INDEX = PLUGIN_PAGES / "README.md"

KERNEL_SPECS = {name: spec for name, spec in vars(hookspecs).items() if name.startswith("fenrir_")}
CLI_SPECS = {name: spec for name, spec in vars(cli_hookspecs).items() if name.startswith("fenrir_cli_")}
SPECS: Dict[str, Any] = {**KERNEL_SPECS, **CLI_SPECS}


def load_script(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make_reference = load_script("make_reference")
#: Every public dataclass that a hook takes or returns.
VALUES: Dict[str, Any] = make_reference.VALUES
CLASSES: Dict[str, List[Any]] = make_reference.CLASSES
every_hook = pytest.mark.parametrize("hook", SPECS)


def signature_of(hook: str) -> str:
    return f"{hook}({', '.join(inspect.signature(SPECS[hook]).parameters)})"


def page_of(hook: str) -> str:
    return (REFERENCE / f"{hook}.md").read_text(encoding="utf-8")


def fact(hook: str, name: str) -> str:
    """Return the cell beside a name in the table at the top of a hook's page."""
    found = re.search(rf"^\| {name} \| (.*) \|$", page_of(hook), re.M)
    assert found is not None, f"{hook}.md has no row {name}"
    return found[1]


def rows(text: str, heading: str) -> List[Tuple[str, ...]]:
    """Return the cells of the table beneath a heading."""
    (section,) = re.findall(rf"^#+ {heading}\n(.*?)(?=^#|\Z)", text, re.M | re.S)
    lines = re.findall(r"^\| (`.*) \|$", section, re.M)
    return [tuple(cell.strip() for cell in line.split(" | ")) for line in lines]


# ---------------------------------------------------------------- the hooks


def test_the_reference_has_a_page_for_each_hook_one_for_each_class_and_one_for_values() -> None:
    assert {page.stem for page in REFERENCE.glob("*.md")} == {*SPECS, *CLASSES, "values", "authoring"}


@every_hook
def test_the_heading_of_a_hooks_page_is_its_signature(hook: str) -> None:
    assert re.findall(r"^# (.*)$", re.sub(r"```.*?```", "", page_of(hook), flags=re.S), re.M) == [
        f"`{signature_of(hook)}`"
    ]


@every_hook
def test_a_page_has_the_arguments_of_its_hook_with_their_types(hook: str) -> None:
    parameters = inspect.signature(SPECS[hook]).parameters.values()
    wanted = [(f"`{item.name}`", f"`{item.annotation}`") for item in parameters]
    assert wanted == ([row[:2] for row in rows(page_of(hook), "Arguments")] if wanted else [])
    assert wanted or "## Arguments" not in page_of(hook)


@every_hook
def test_a_page_says_when_its_hook_is_called_what_it_returns_and_which_results_count(hook: str) -> None:
    assert fact(hook, "Called")
    assert fact(hook, "Returns") == f"`{inspect.signature(SPECS[hook]).return_annotation}`"
    is_first = "the first that is not `None` counts" in fact(hook, "Results")
    assert is_first == SPECS[hook].fenrir_spec["firstresult"]


@every_hook
def test_a_page_has_an_example_that_implements_its_hook_and_shows_the_effect(hook: str) -> None:
    # tests/test_docs.py runs it
    blocks = re.findall(r"^```python\n(.*?)^```", page_of(hook), re.M | re.S)
    assert [block for block in blocks if re.search(rf"@hookimpl\n *def {hook}\(", block) and "assert " in block]


@every_hook
def test_the_plugins_that_a_page_names_use_its_hook(hook: str) -> None:
    for link in re.findall(r"\(([^)\s]+\.py)\)", page_of(hook)):
        source = (REFERENCE / link).read_text(encoding="utf-8")
        assert re.search(rf"@hookimpl\ndef {hook}\(", source), link


@every_hook
def test_the_docstring_of_a_hook_says_when_it_is_called_and_shows_an_example(hook: str) -> None:
    text = inspect.getdoc(SPECS[hook]) or ""
    assert "Called " in text and "Example:" in text and f"def {hook}(" in text
    arguments = inspect.signature(SPECS[hook]).return_annotation
    assert "Returns:" in text or arguments == "None"


@every_hook
def test_the_mark_of_a_deprecated_hook_or_argument_names_it_and_its_page_tells_of_it(hook: str) -> None:
    options = SPECS[hook].fenrir_spec
    marks = [mark for mark in (options["warn_on_impl"], *(options["warn_on_impl_args"] or {}).values()) if mark]
    assert all(isinstance(mark, DeprecationWarning) and hook in str(mark) for mark in marks)
    assert bool(marks) == ("Deprecated" in page_of(hook))


def test_every_hook_of_the_command_line_has_a_test_that_bears_its_name() -> None:
    sources = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests" / "cli").glob("test_*.py"))]
    tests = re.findall(r"^def test_(fenrir_cli_\w+)", "\n".join(sources), re.M)
    assert [hook for hook in CLI_SPECS if not any(test.startswith(f"{hook}_") for test in tests)] == []


def test_the_page_of_route_options_names_the_kernels_own() -> None:
    (listed,) = re.findall(r"^The kernel's own are (.*)\.$", page_of("fenrir_route_options"), re.M)
    limits = {limit.name for limit in LIMITS}
    assert sorted({*re.findall(r"`(\w+)`", listed), *limits}) == sorted(KERNEL_OPTIONS)


def test_the_page_of_servers_names_all_that_one_may_not_be_able_to_do() -> None:
    everything = ServeOptions(uds="app.sock", fd=3, dev=True, workers=2, http2=True, tls_cert="cert.pem", loop="uvloop")
    (listed,) = re.findall(r"The names that `cannot` may have are (.*?):", page_of("fenrir_cli_servers"), re.S)
    assert set(re.findall(r"`([\w-]+)`", listed)) == set(everything.wanted)


# ---------------------------------------------------------------- the values


def all_reference() -> str:
    return "\n".join(page.read_text(encoding="utf-8") for page in sorted(REFERENCE.glob("*.md")))


def default_of(field: Any) -> str:
    if field.default is not dataclasses.MISSING:
        return f"`{field.default!r}`"
    return "required" if field.default_factory is dataclasses.MISSING else f"`{field.default_factory()!r}`"


@pytest.mark.parametrize("name", VALUES)
def test_the_reference_has_each_value_once_with_its_fields_types_and_defaults(name: str) -> None:
    wanted = [(f"`{item.name}`", f"`{item.type}`", default_of(item)) for item in dataclasses.fields(VALUES[name])]
    assert [row[:3] for row in rows(all_reference(), f"`{name}`")] == wanted


@pytest.mark.parametrize("name", VALUES)
def test_the_page_of_values_leads_to_each_value(name: str) -> None:
    text = (REFERENCE / "values.md").read_text(encoding="utf-8")
    (target,) = set(re.findall(rf"\[`{name}`\]\(([^)]*)\)", text))
    page, _, anchor = target.partition("#")
    assert anchor == name.lower()
    assert re.search(rf"^#+ `{name}`$", (REFERENCE / (page or "values.md")).read_text(encoding="utf-8"), re.M)


def test_every_value_is_frozen() -> None:
    assert [name for name, value in VALUES.items() if not value.__dataclass_params__.frozen] == []


def test_no_value_is_left_out() -> None:
    """Hold the list itself: it goes by the modules in which values are defined."""
    assert {"Route", "RouteHook", "Build", "Contribution", "PathConverter", "Server"} <= set(VALUES)
    taken = re.findall(r"[A-Z]\w+", " ".join(inspect.getsource(spec) for spec in KERNEL_SPECS.values()))
    dataclass_names = {name for name in set(taken) if dataclasses.is_dataclass(getattr(fenrir_core, name, None))}
    assert dataclass_names <= set(VALUES)


# ---------------------------------------------------------------- the classes and fenrir_core.authoring

SCOPE: Dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
#: One object of each class that has a page, or a section of one.
OBJECTS: Dict[str, Any] = {
    "Connection": fenrir_core.Connection(SCOPE, None, None, {}, None),  # type: ignore[arg-type]
    "Request": Request(SCOPE, None, None, {}, None),  # type: ignore[arg-type]
    "WebSocket": WebSocket(SCOPE, None, None, {}, None),  # type: ignore[arg-type]
    "App": App(paradigms=[], autoload=False),
    "Response": fenrir_core.Response(),
    "JSONResponse": fenrir_core.JSONResponse(),
    "HTMLResponse": fenrir_core.HTMLResponse(),
    "PlainTextResponse": fenrir_core.PlainTextResponse(),
    "RedirectResponse": fenrir_core.RedirectResponse("/"),
    "StreamingResponse": fenrir_core.StreamingResponse([]),
    "EventSourceResponse": fenrir_core.EventSourceResponse([]),
    "FileResponse": fenrir_core.FileResponse(__file__),
    "ASGIResponse": fenrir_core.ASGIResponse(App(paradigms=[], autoload=False)),
}


@pytest.mark.parametrize("page", CLASSES)
def test_a_page_has_every_public_attribute_and_method_of_its_classes_with_its_type(page: str) -> None:
    told = {
        about: {row.name: row.cells for row in make_reference.rows(lines)}
        for about, lines, _ in make_reference.sections(REFERENCE / f"{page}.md")
        if about
    }
    wanted = {cls.__name__: {row.name: row.cells for row in make_reference.members(cls)} for cls in CLASSES[page]}
    assert told == wanted, "run scripts/make_reference.py"


@pytest.mark.parametrize("name", OBJECTS)
def test_every_public_attribute_of_an_object_is_declared_in_its_class(name: str) -> None:
    declared = {row.name for base in type(OBJECTS[name]).__mro__[:-1] for row in make_reference.members(base)}
    assert {item for item in vars(OBJECTS[name]) if not item.startswith("_")} <= declared


def test_there_is_an_object_of_every_class_that_is_told_of() -> None:
    assert {cls.__name__ for classes in CLASSES.values() for cls in classes} == set(OBJECTS)


def test_the_page_of_authoring_has_each_name_once_with_how_it_is_called() -> None:
    told = make_reference.rows((REFERENCE / "authoring.md").read_text("utf-8").splitlines())
    assert sorted(row.name for row in told) == sorted(authoring.__all__)
    wanted = {row.name: row.cells for row in make_reference.authoring_names()}
    assert {row.name: row.cells for row in told} == wanted, "run scripts/make_reference.py"


@pytest.mark.parametrize("page", [*CLASSES, "authoring"])
def test_every_row_says_what_its_name_means(page: str) -> None:
    told = make_reference.rows((REFERENCE / f"{page}.md").read_text("utf-8").splitlines())
    assert [row.name for row in told if not row.meaning] == []


# ---------------------------------------------------------------- the index


def test_every_page_is_linked_from_the_index() -> None:
    links = {(PLUGIN_PAGES / link).resolve() for link in re.findall(r"\]\(([^)#]+\.md)", INDEX.read_text("utf-8"))}
    assert {page for page in PLUGIN_PAGES.rglob("*.md") if page != INDEX} <= links


def test_the_index_has_each_hook_with_its_signature() -> None:
    listed = re.findall(r"^\| \[`(\w+\(.*?\))`\]\(reference/(\w+)\.md\)", INDEX.read_text("utf-8"), re.M)
    assert sorted(listed) == sorted((signature_of(hook), hook) for hook in SPECS)


def test_the_index_has_the_hooks_in_the_order_in_which_they_are_called() -> None:
    called: List[str] = []

    def recording(hook: str) -> Any:
        names = ", ".join(inspect.signature(SPECS[hook]).parameters)
        scope: Dict[str, Any] = {"called": called}
        exec(f"def {hook}({names}): called.append({hook!r})", scope)
        return hookimpl(scope[hook])

    recorder: Any = type("Recorder", (), {hook: staticmethod(recording(hook)) for hook in KERNEL_SPECS})()
    app: App = make_app([recorder])
    app.get("/{name}")(lambda name: name)
    app.mount("/mounted", App(paradigms=[]))
    app.build()
    assert [type(item) for item in app.routes] == [Route, Mount]

    listed = re.findall(r"^\| \[`(\w+)\(.*?\)`\]", INDEX.read_text("utf-8"), re.M)
    assert [hook for hook in listed if hook in KERNEL_SPECS] == list(dict.fromkeys(called))


def test_the_index_says_which_results_count() -> None:
    told = dict(re.findall(r"^\| \[`(\w+)\(.*?\)`\]\(.*?\) \| (\w+) \|", INDEX.read_text("utf-8"), re.M))
    firsts = {hook for hook, spec in SPECS.items() if spec.fenrir_spec["firstresult"]}
    assert {hook for hook, results in told.items() if results == "first"} == firsts
