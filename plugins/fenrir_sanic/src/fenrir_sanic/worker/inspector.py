"""The state of workers, as values that JSON can express."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Mapping

from ..exceptions import SanicException


class Inspector:
    """Sanic's server of the state of its workers.

    Raises:
        SanicException: Always: `fenrir run` has no such server.
    """

    def __init__(self, *args: object, **options: object) -> None:
        raise SanicException("There is no inspector: `fenrir run --workers` watches its processes itself.")

    @classmethod
    def _make_safe(cls, obj: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a mapping whose dates are texts."""
        return {
            key: cls._make_safe(value)
            if isinstance(value, Mapping)
            else value.isoformat()
            if isinstance(value, datetime)
            else value
            for key, value in obj.items()
        }
