"""The exceptions of routing, under the names of the distribution that Sanic routes by."""

from __future__ import annotations

from fenrir_core import BuildError, FenrirError

from .exceptions import BadRequest


class BaseException(FenrirError):
    """The base of these exceptions."""


class NotFound(BaseException):
    """Raised when there is no such route or signal."""


class NoMethod(BaseException):
    """Raised when a path has other methods."""


class RouteExists(BuildError):
    """Raised when a path has the method already."""


class FinalizationError(BaseException):
    """Raised when something is registered too late."""


class InvalidUsage(BadRequest):
    """Raised when something is registered wrongly."""


class ParameterNameConflicts(BaseException):
    """Raised when a path has two parameters of one name."""


class BadMethod(BaseException):
    """Raised for a method that does not exist."""
