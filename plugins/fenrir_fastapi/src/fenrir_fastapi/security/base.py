"""The base of security schemes."""

from __future__ import annotations

from typing import Optional

from ..exceptions import HTTPException
from ..starlette.types import Values


class SecurityBase:
    """A dependency that the OpenAPI document describes as a security scheme.

    Attributes:
        scheme_name: The scheme's name in the document.
        model: The scheme's description in the document.
        auto_error: Whether missing credentials are an error; otherwise the dependency returns None.
    """

    scheme_name: str
    model: Values
    auto_error: bool = True

    def _declare(self, model: Values, scheme_name: Optional[str], description: Optional[str], auto_error: bool) -> None:
        """Set what every scheme has; the name is that of the class by default."""
        self.scheme_name = scheme_name or type(self).__name__
        self.model = {**model, "description": description} if description else model
        self.auto_error = auto_error

    def make_not_authenticated_error(self) -> HTTPException:
        """Return the error for missing or invalid credentials."""
        raise NotImplementedError

    def refuse(self) -> None:
        """Raise the error for missing credentials, unless `auto_error` is off."""
        if self.auto_error:
            raise self.make_not_authenticated_error()
