"""What users write: problems to raise, and problem types of other errors."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, Callable, Dict, Mapping, Optional, Type, Union

from fenrir_core import HTTPError
from fenrir_core.authoring import reason_phrase

MEDIA_TYPE = "application/problem+json"
#: The type of a problem that has no more meaning than its status (RFC 9457, section 4.2.1).
BLANK = "about:blank"


class Problem(HTTPError):
    """An HTTP error with problem details.

    A subclass declares a type of problem: `status`, `type` and `title` as class attributes.

    Args:
        status: The status code, 400 to 599; the class's own by default.
        type: A URI reference that names the type of problem; a relative one is joined to the
            setting `problem_base`.
        title: A short text, the same for all problems of the type; the status's phrase by default.
        detail: What the client should know of this occurrence.
        instance: A URI reference of this occurrence; the request's path by default.
        headers: Extra response headers as text.
        **extensions: Further members, of JSON values.

    Raises:
        ValueError: The status is not from 400 to 599.

    Source: RFC 9457, section 3.
    """

    type: str = BLANK
    title: Optional[str] = None

    def __init__(
        self,
        status: Optional[int] = None,
        *,
        type: Optional[str] = None,
        title: Optional[str] = None,
        detail: Optional[str] = None,
        instance: Optional[str] = None,
        headers: Optional[Mapping[str, str]] = None,
        **extensions: Any,
    ) -> None:
        super().__init__(status, detail, headers)
        if not 400 <= self.status <= 599:
            raise ValueError(f"A problem's status is 400 to 599, not {self.status}.")
        if type is not None:
            self.type = type
        if title is not None:
            self.title = title
        self.instance, self.extensions = instance, extensions
        #: The detail that was passed; `detail` is what the response says without this plugin's format.
        self.given_detail = detail
        if detail is None and self.title:
            self.detail = self.title

    def __str__(self) -> str:
        return f"{self.status}: {self.detail}"


@dataclass(frozen=True)
class ProblemType:
    """The problem type of a status or exception class; see the setting `problem_types`.

    Args:
        type: A URI reference; a relative one is joined to the setting `problem_base`.
        title: A short text, the same for all of them; the status's phrase by default.
        status: The status of the response to an exception that is no HTTP error.
        detail: Called with such an exception; returns the detail for the client. None for no detail.
    """

    type: str
    title: str = ""
    status: int = 500
    detail: Optional[Callable[[Any], str]] = None


Types = Dict[Union[int, Type[Exception]], ProblemType]


def read_types(value: Any) -> Types:
    """Return the parsed setting `problem_types`: `ProblemType`s, or just their URIs, by status or exception class.

    Raises:
        ValueError: A key or a value is something else.
    """
    if not isinstance(value, Mapping):
        raise ValueError("it must be a mapping of statuses or exception classes to ProblemType")
    found: Types = {}
    for key, item in value.items():
        is_status = isinstance(key, int) and 400 <= key <= 599
        if not is_status and not (inspect.isclass(key) and issubclass(key, Exception)):
            raise ValueError(f"the key {key!r} is neither a status from 400 to 599 nor an exception class")
        made = ProblemType(item) if isinstance(item, str) else item
        if not isinstance(made, ProblemType):
            raise ValueError(f"{item!r}, given for {key!r}, is neither a ProblemType nor a URI")
        if not 400 <= made.status <= 599:
            raise ValueError(f"the status {made.status!r}, given for {key!r}, is not from 400 to 599")
        found[key] = made
    return found


def phrase(status: int) -> str:
    """Return a status's reason phrase, or a text if it has none."""
    return reason_phrase(status) or ("Client Error" if status < 500 else "Server Error")
