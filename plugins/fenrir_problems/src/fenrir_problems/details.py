"""Errors as problem details."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple
from urllib.parse import quote, urljoin

from fenrir_core import Build, Call, Connection, ExceptionHandler, HTTPError, InvalidInput, Response
from fenrir_core.authoring import SAFE_IN_PATH, dumps

from .problem import BLANK, MEDIA_TYPE, Problem, ProblemType, Types, phrase

#: The characters that RFC 3986 allows in a fragment.
_FRAGMENT = SAFE_IN_PATH + "?"
_OWN_HEADERS = ("content-type", "content-length")


class Writer:
    """The writer of one app's errors.

    Args:
        base: What relative types are joined to; empty to leave them as they are.
        types: Problem types of errors that have none of their own.
    """

    def __init__(self, base: str, types: Types) -> None:
        self.base, self.types = base, types

    def write(self, connection: Connection, error: BaseException) -> Optional[Response]:
        """Return the response to an error; None for a status below 400, which is no error."""
        error = _origin(error)
        if not isinstance(error, HTTPError):
            return self._answer(connection, self._members(500, self.types.get(500)), ())
        # a paradigm may keep its own spelling in `status` (a status line); `status_code` is then the number
        status = int(getattr(error, "status_code", error.status))
        if status < 400:
            return None
        members = self._members(status, self._type_of(error, status))
        if isinstance(error, Problem):
            self._of_problem(members, error)
        elif isinstance(error, InvalidInput):
            members["detail"] = "The request does not fit what is expected."
            members["errors"] = [mistake(item) for item in error.input_errors]
        else:
            _of_http_error(members, error, status)
        return self._answer(connection, members, _headers(error))

    def handler(self, kind: ProblemType) -> Callable[[Connection, Exception], Response]:
        """Return the handler of an exception class that is no HTTP error."""

        def handle(connection: Connection, error: Exception) -> Response:
            members = self._members(kind.status, kind)
            if kind.detail is not None:
                members["detail"] = kind.detail(error)
            return self._answer(connection, members, ())

        return handle

    def _members(self, status: int, kind: Optional[ProblemType]) -> Dict[str, Any]:
        found: Dict[str, Any] = {"type": BLANK, "title": phrase(status), "status": status}
        if kind is not None:
            found["type"] = self._uri(kind.type)
            found["title"] = kind.title or found["title"]
        return found

    def _type_of(self, error: HTTPError, status: int) -> Optional[ProblemType]:
        for kind in type(error).__mro__:
            if issubclass(kind, Exception) and kind in self.types:
                return self.types[kind]
        return self.types.get(status)

    def _uri(self, reference: str) -> str:
        return reference if reference == BLANK else urljoin(self.base, reference)

    def _of_problem(self, members: Dict[str, Any], error: Problem) -> None:
        if error.type != BLANK:
            members["type"] = self._uri(error.type)
            members["title"] = phrase(error.status)  # the title belongs to another type
        members["title"] = error.title or members["title"]
        if error.given_detail is not None:
            members["detail"] = error.given_detail
        if error.instance is not None:
            members["instance"] = error.instance
        members.update(error.extensions)

    def _answer(self, connection: Connection, members: Dict[str, Any], headers: Sequence[Tuple[str, str]]) -> Response:
        members.setdefault("instance", quote(connection.scope["path"], safe=SAFE_IN_PATH))
        return Response(dumps(members), members["status"], headers, MEDIA_TYPE)


def exception_handlers(build: Build) -> Iterable[ExceptionHandler]:
    """Return handlers for the exception classes of `problem_types` that are no HTTP errors."""
    writer = writer_of(build)
    for kind, given in writer.types.items():
        if not isinstance(kind, int) and not issubclass(kind, HTTPError):
            yield ExceptionHandler(kind, Call.of(writer.handler(given), nonblocking=True), default=True)


def writer_of(build: Build) -> Writer:
    """Return the writer that the settings ask for."""
    return Writer(build.settings["problem_base"], build.settings["problem_types"])


def mistake(item: Any) -> Dict[str, Any]:
    """Return the description of one mistake in the input; what the client sent is not repeated.

    Args:
        item: A mapping with `loc` (place, then keys), `msg` and `type`, or anything else.

    Returns:
        `detail`, and as far as it is known `location` (path, query, header, cookie or body),
        `pointer` (a JSON pointer into that, as a URI fragment) and `code`.
    """
    if not isinstance(item, Mapping):
        return {"detail": str(item)}
    found: Dict[str, Any] = {"detail": str(item.get("msg", "Invalid value"))}
    place: List[Any] = [*(item.get("loc") or ())]
    if place:
        found["location"] = str(place[0])
        found["pointer"] = pointer(place[1:])
    if item.get("type"):
        found["code"] = str(item["type"])
    return found


def pointer(keys: Iterable[Any]) -> str:
    """Return a JSON pointer as a URI fragment (RFC 6901, section 6)."""
    tokens = (str(key).replace("~", "~0").replace("/", "~1") for key in keys)
    return "#" + "".join("/" + quote(token, safe=_FRAGMENT) for token in tokens)


def _origin(error: BaseException) -> BaseException:
    """Return the problem that a paradigm's own app replaced by an error of its own."""
    cause = error.__cause__
    if isinstance(error, HTTPError) and isinstance(cause, Problem):
        if cause.status == getattr(error, "status_code", error.status):
            return cause
    return error


def _of_http_error(members: Dict[str, Any], error: Any, status: int) -> None:
    """Add the members of an HTTP error of a paradigm: detail, Falcon's title, code and link, Sanic's context."""
    title = getattr(error, "title", None)
    if title and not str(title).startswith(str(status)):
        members["title"] = str(title)
    detail = error.detail
    if isinstance(detail, str):
        if detail not in (phrase(status), title):
            members["detail"] = detail
    elif detail is not None:
        members["context"] = detail
    for name in ("code", "link", "context"):
        if getattr(error, name, None) is not None:
            members[name] = getattr(error, name)


def _headers(error: Any) -> List[Tuple[str, str]]:
    pairs = getattr(error, "header_pairs", None)  # Falcon's headers may repeat a name
    if pairs is None:
        pairs = (error.headers or {}).items()
    return [(name, str(value)) for name, value in pairs if name.lower() not in _OWN_HEADERS]
