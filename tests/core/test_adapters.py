"""Adapters of third parties: how they are found, and what is said of those that fail."""

from __future__ import annotations

from typing import Any

import pytest
from tests.core.conftest import Install
from tests.core.hooks import ask

from fenrir_core import App, HTTPError

ADAPTER = """
from fenrir_core.authoring import Adapter
adapter = Adapter(
    errors={
        "acme_client.errors.Failed": lambda connection, error: HTTPError(502),
        "acme_client.errors.Busy": lambda connection, error: HTTPError(503, "busy", {"retry-after": "1"}),
        "acme_client.errors.Ours": lambda connection, error: None,
        "acme_client.errors.Done": lambda connection, error: PlainTextResponse("done", 202),
    },
    responses={"acme_client.Page": lambda connection, value: PlainTextResponse(value.text, 201)},
    apps=("acme_client.Site",),
)
"""


def foreign(name: str, *bases: type, module: str = "acme_client.errors", **names: Any) -> Any:
    """Return a class as it would be in another package."""
    return type(name, bases or (Exception,), {"__module__": module, "__qualname__": name, **names})


def answers(endpoint: Any) -> Any:
    """Ask an app of the kernel alone for what an endpoint answers."""
    app = App(paradigms=(), autoload=False)
    app.get("/")(endpoint)
    (answer,) = ask(app, "GET /")
    return answer


def raised(kind: Any) -> Any:
    async def fail() -> None:
        raise kind("boom")

    return answers(fail)


def returned(value: Any) -> Any:
    async def give() -> Any:
        return value

    return answers(give)


def test_an_error_is_answered_by_the_nearest_name_of_its_classes(install: Install) -> None:
    install("acme_client", ADAPTER, group="fenrir.adapters", attribute="adapter")
    failed = foreign("Failed")
    busy, ours = foreign("Busy", failed), foreign("Ours", failed)
    own = foreign("Own", busy, module="app")
    assert [raised(kind).status for kind in (failed, busy, own)] == [502, 503, 503]
    assert (raised(busy).json(), raised(busy).headers["retry-after"]) == ({"detail": "busy"}, "1")
    assert raised(ours).status == 500, "None: it is not to be answered"


def test_an_adapter_may_answer_an_error_with_a_response(install: Install) -> None:
    install("acme_client", ADAPTER, group="fenrir.adapters", attribute="adapter")
    assert (raised(foreign("Done")).status, raised(foreign("Done")).text) == (202, "done")


def test_a_class_of_the_same_name_in_another_module_is_another_class(install: Install) -> None:
    install("acme_client", ADAPTER, group="fenrir.adapters", attribute="adapter")
    assert raised(foreign("Failed", module="acme_client.other")).status == 500
    assert raised(foreign("Failed", module="other.errors")).status == 500


def test_a_returned_object_is_answered_and_an_app_refused(install: Install, caplog: Any) -> None:
    install("acme_client", ADAPTER, group="fenrir.adapters", attribute="adapter")
    page = foreign("Page", object, module="acme_client", text="hello")
    site = foreign("Site", object, module="acme_client", __call__=lambda self: None)
    assert (returned(page()).status, returned(page()).text) == (201, "hello")
    assert returned(site()).status == 500
    assert "returned an app (Site), which is no response" in caplog.text and "mount it" in caplog.text


def test_an_adapter_is_not_imported_for_the_objects_of_other_packages(install: Install) -> None:
    install("acme_client", "raise ZeroDivisionError", group="fenrir.adapters", attribute="adapter")
    assert raised(LookupError).status == 500
    assert raised(lambda text: HTTPError(409)).status == 409


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("1 / 0", "not loaded: ZeroDivisionError: division by zero"),
        ("adapter = {}", "it is {}, and no fenrir_core"),
    ],
)
def test_an_adapter_that_fails_is_named_in_the_log(source: str, said: str, install: Install, caplog: Any) -> None:
    install("acme_client", source, group="fenrir.adapters", attribute="adapter")
    assert raised(foreign("Failed")).status == 500
    assert "The adapter acme_acme_client_module:adapter for acme_client (from acme-acme-client 1.2)" in caplog.text
    assert said in caplog.text


def test_an_adapter_whose_function_fails_is_a_500_that_is_logged(install: Install, caplog: Any) -> None:
    source = """
    from fenrir_core.authoring import Adapter
    adapter = Adapter({"acme_client.errors.Failed": lambda connection, error: 1 / 0})
    """
    install("acme_client", source, group="fenrir.adapters", attribute="adapter")
    assert raised(foreign("Failed")).status == 500
    assert "ZeroDivisionError" in caplog.text
