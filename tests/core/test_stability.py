"""What the plugin API promises: marked hooks and arguments warn, and what is public stays put."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Callable, List

import pytest

from fenrir_core import BuildError
from fenrir_core.plugins import hookspecs
from fenrir_core.testing import make_app

Install = Callable[..., str]  # see conftest.py
LIVE = """
@hookimpl
def fenrir_routes(build):
    yield Route("/-/live", lambda: "ok", name="live")
"""


def mark(monkeypatch: pytest.MonkeyPatch, **marks: Any) -> None:
    """Mark the spec of `fenrir_routes` as its decorator would."""
    for name, value in marks.items():
        monkeypatch.setitem(getattr(hookspecs.fenrir_routes, "fenrir_spec"), name, value)  # noqa: B009


def warned(autoload: bool = True) -> List[warnings.WarningMessage]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        make_app(autoload=autoload, off=["takeover"]).build()  # which has the hook, too
    return [item for item in caught if issubclass(item.category, DeprecationWarning)]


def test_a_hook_that_goes_warns_with_the_plugins_name_and_the_remedy(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = install("health", LIVE, distribution="acme-health")
    mark(monkeypatch, warn_on_impl=DeprecationWarning("fenrir_routes goes with 0.9. Use fenrir_pages."))

    (warning,) = warned()

    assert str(warning.message) == (
        "The plugin health (acme-health 1.2): fenrir_routes goes with 0.9. Use fenrir_pages."
    )
    assert Path(warning.filename).stem == module


def test_an_argument_that_goes_warns_the_plugins_that_take_it(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("health", LIVE)
    install("frugal", "@hookimpl\ndef fenrir_routes():\n    return []\n")
    gone = {"build": DeprecationWarning("fenrir_routes loses its argument `build` with 0.9. Use `app`.")}
    mark(monkeypatch, warn_on_impl_args=gone)

    (warning,) = warned()

    assert str(warning.message).startswith("The plugin health (acme-health 1.2): fenrir_routes loses its argument")


def test_a_deprecated_hook_works_on(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install("health", LIVE)
    mark(monkeypatch, warn_on_impl=DeprecationWarning("fenrir_routes goes with 0.9. Use fenrir_pages."))
    with pytest.warns(DeprecationWarning, match="fenrir_pages"):
        app = make_app(autoload=True)
    assert [route.path for route in app.routes] == ["/-/live"]


def test_where_warnings_are_errors_a_deprecated_hook_is_one(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install("health", LIVE)
    mark(monkeypatch, warn_on_impl=DeprecationWarning("fenrir_routes goes with 0.9. Use fenrir_pages."))
    with pytest.raises(DeprecationWarning, match="The plugin health"):
        make_app(autoload=True)


def test_plugins_that_use_nothing_deprecated_warn_of_nothing(install: Install) -> None:
    install("health", LIVE)
    assert warned() == []


@pytest.mark.parametrize("api", ["0", "2", "1.0", ">=1"])
def test_the_api_version_is_compared_as_a_whole(install: Install, api: str) -> None:
    install("health", f"fenrir_plugin = PluginInfo(api={api!r})\n")
    with pytest.raises(BuildError, match="it is written for plugin API .*, this fenrir-core has API 1"):
        make_app(["health"])
