"""Properties of the hybrid app that plugins give, and where the app stands."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any, Iterable

import pytest

from fenrir_core import App, AppProperty, BuildError, Fenrir, hookimpl


class Colour:
    """A plugin that gives `app.colour` and `app.shade`."""

    @hookimpl
    def fenrir_app_methods(self) -> Iterable[Any]:
        yield AppProperty("colour", lambda app: getattr(app.state, "colour", "red"), self.paint)
        yield AppProperty("shade", lambda app: "dark")

    @staticmethod
    def paint(app: Any, value: str) -> None:
        app.state.colour = value


def app_with(*plugins: Any) -> Any:
    return Fenrir(paradigms=(), plugins=plugins, autoload=False)


def test_a_property_is_read_and_set_through_its_plugin() -> None:
    app = app_with(Colour())

    before = app.colour
    app.colour = "blue"

    assert (before, app.colour, app.state) == ("red", "blue", SimpleNamespace(colour="blue"))


def test_a_property_without_set_refuses_to_be_set() -> None:
    with pytest.raises(AttributeError, match="shade.*Colour"):
        app_with(Colour()).shade = "light"


def test_two_plugins_with_one_property_are_a_build_error() -> None:
    class Other(Colour):
        pass

    with pytest.raises(BuildError, match="'colour' is claimed by Colour and Other"):
        app_with(Colour(), Other())


def test_the_root_path_is_the_directory_of_the_module_that_made_the_app() -> None:
    assert App(paradigms=()).root_path == os.path.dirname(os.path.abspath(__file__))
