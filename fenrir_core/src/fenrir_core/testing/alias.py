"""An option of pytest that runs a test suite on Fenrir: ``pytest -p fenrir_core.testing.alias --fenrir-alias flask``.

The alias is installed before any conftest is imported, so the tests and the application that they import stay as
they are. There is no entry point: only test suites that name the module load it.
"""

from __future__ import annotations

import pytest

from ..alias import AliasError, install


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("fenrir").addoption(
        "--fenrir-alias",
        action="append",
        default=[],
        metavar="NAME",
        help="Imports of NAME (flask, fastapi, …) give Fenrir's package; repeatable.",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Install the aliases.

    Raises:
        pytest.UsageError: One of them can't be installed.
    """
    try:
        install(*early_config.known_args_namespace.fenrir_alias)
    except AliasError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_report_header(config: pytest.Config) -> str:
    """Return a line of the report that names the aliases."""
    names = config.getoption("fenrir_alias")
    return f"fenrir: {', '.join(names)} by alias" if names else ""
