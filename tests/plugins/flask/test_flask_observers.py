"""What observers are told of the requests of a `Flask`, served by compiled routes or by its own methods."""

from __future__ import annotations

from typing import Any, Iterator, List, Type

import pytest
from werkzeug.exceptions import Forbidden, NotFound

from fenrir_core import HTTPError, Observation, Observer, hookimpl
from fenrir_core.testing import SyncClient
from fenrir_flask import Flask, abort


class Told:
    """A plugin that keeps the observations of an app."""

    def __init__(self) -> None:
        self.seen: List[Observation] = []

    @hookimpl
    def fenrir_observers(self) -> Iterator[Observer]:
        yield Observer("told", on_exit=self.seen.append)


class Own(Flask):
    """An app that is served by its methods."""

    def dispatch_request(self, *args: Any) -> Any:
        return super().dispatch_request(*args)


def handled(number: int) -> None:
    raise ValueError("handled")


def aborted(number: int) -> None:
    abort(403)


def crashed(number: int) -> None:
    raise KeyError("crashed")


async def handled_on_the_loop() -> None:
    raise ValueError("handled")


def observed(kind: Type[Flask], path: str) -> Observation:
    told = Told()
    app = kind(__name__, plugins=[told])
    app.register_error_handler(ValueError, lambda error: ("handled", 400))
    for view in (handled, aborted, crashed):
        app.add_url_rule(f"/{view.__name__}/<int:number>", view.__name__, view)
    app.add_url_rule("/awaited", "awaited", handled_on_the_loop)
    with SyncClient(app, raise_errors=False) as client:
        client.get(path)
    (found,) = told.seen
    return found


@pytest.mark.parametrize("kind", [Flask, Own])
@pytest.mark.parametrize(
    ("path", "error", "status"),
    [
        ("/handled/1", ValueError, 400),
        ("/aborted/1", Forbidden, 403),
        ("/crashed/1", KeyError, 500),
        ("/awaited", ValueError, 400),
        ("/missing", (HTTPError, NotFound), 404),
    ],
)
def test_observers_are_told_the_error_of_a_view(kind: Type[Flask], path: str, error: Any, status: int) -> None:
    found = observed(kind, path)

    assert (isinstance(found.error, error), found.status) == (True, status)


@pytest.mark.parametrize("kind", [Flask, Own])
def test_observers_are_told_the_rule(kind: Type[Flask]) -> None:
    found = observed(kind, "/handled/1")

    assert found.template == "/handled/{number}"
    assert found.route is not None and found.route.name == "handled"
