"""Limits of request bodies and forms: the options `max_body_size` and `form_limits`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fenrir_core import App, BuildError
from fenrir_core.authoring import FormLimits

from .starlette.types import NamedValues

__all__ = ["apply", "limit_of"]

#: The names of form limits, and those of the kernel.
_FORM_LIMITS = {"max_fields": "max_fields", "max_files": "max_files", "max_part_size": "max_field_size"}


def limit_of(value: Any) -> int:
    """Return a limit of bytes or of a number of fields.

    Raises:
        ValueError: It is no number, or below 0.
    """
    if type(value) is not int or value < 0:
        raise ValueError(f"max_body_size must be a non-negative integer or None, not {value!r}.")
    return value


def form_limits_of(given: NamedValues, where: str, others: FormLimits) -> FormLimits:
    """Return the kernel's limits of a form.

    Raises:
        BuildError: A name is unknown, or a value is no number.
    """
    for name, value in given.items():
        if name not in _FORM_LIMITS or type(value) is not int or value < 0:
            known = ", ".join(_FORM_LIMITS)
            raise BuildError(f"{where}: form_limits has {name}={value!r}. Known are {known}, each a number from 0.")
    return replace(others, **{_FORM_LIMITS[name]: value for name, value in given.items()})


def apply(app: App) -> None:
    """Set the limits of all routes that have some, after a build."""
    for compiled in app.compiled_routes:
        route = compiled.route
        size, limits = route.option("max_body_size"), route.option("form_limits")
        if size is not None:
            compiled.max_body = limit_of(size)
        if limits is not None:
            compiled.form_limits = form_limits_of(limits, route.where, compiled.form_limits)
