"""The data structures of Flask's request, on the kernel's own."""

from __future__ import annotations

import base64
import binascii
import shutil
from os import PathLike
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple, Type, TypeVar, Union

import fenrir_core
from fenrir_core import BadRequest, Headers, UploadFile

M = TypeVar("M", bound="MultiDict")


class BadRequestKeyError(BadRequest, KeyError):
    """400 Bad Request: a field that the code looked up by name is missing from the request."""

    def __init__(self, key: Any = None) -> None:
        super().__init__(f"The request has no field {key!r}." if key is not None else None)
        self.key = key

    __str__ = BadRequest.__str__


class MultiDict(fenrir_core.MultiDict):
    """The fields of a query or form; looking up a missing one is a 400 error."""

    __slots__ = ()

    @classmethod
    def of(cls: Type[M], source: fenrir_core.MultiDict) -> M:
        """Return a mapping that shares the pairs of the kernel's."""
        found = cls.__new__(cls)
        found.pairs, found._first = source.pairs, source._first
        return found

    def __getitem__(self, key: str) -> Any:
        try:
            return self._first[key]
        except KeyError:
            raise BadRequestKeyError(key) from None

    def items(self, multi: bool = False) -> Any:
        """Return `(name, value)` pairs: the first of each name, or with `multi` all of them."""
        return iter(self.pairs) if multi else iter([(key, self._first[key]) for key in self])

    def lists(self) -> Iterator[Tuple[str, List[Any]]]:
        """Return each name with all of its values."""
        return iter([(key, self.getlist(key)) for key in self])

    def listvalues(self) -> Iterator[List[Any]]:
        """Return all values of each name."""
        return iter([self.getlist(key) for key in self])

    def copy(self) -> Dict[str, Any]:
        """Return a new dict of the first values."""
        return self.to_dict()


class FileStorage:
    """An uploaded file for synchronous code.

    Args:
        upload: The kernel's upload; it is closed when the request ends.
        name: The name of its form field.
    """

    def __init__(self, upload: UploadFile, name: str = "") -> None:
        self.upload, self.name = upload, name

    @property
    def filename(self) -> Optional[str]:
        """The name that the client sent; don't use it as a path unchecked."""
        return self.upload.filename

    @property
    def stream(self) -> Any:
        """The open binary file."""
        return self.upload.file

    @property
    def headers(self) -> Headers:
        """The headers of the file's part."""
        return self.upload.headers

    @property
    def content_type(self) -> Optional[str]:
        """The media type that the client sent, with parameters."""
        return self.upload.content_type

    @property
    def mimetype(self) -> str:
        """The media type that the client sent, in lower case, without parameters."""
        return (self.upload.content_type or "").partition(";")[0].strip().lower()

    @property
    def content_length(self) -> int:
        """The length in bytes."""
        return self.upload.size or 0

    def save(self, dst: Union[str, PathLike[str], Any], buffer_size: int = 16384) -> None:
        """Write the content to a path or to an open binary file.

        Args:
            dst: The destination. Use `fenrir_core.safe_join` for a path with parts that clients control.
            buffer_size: Bytes to copy at a time into an open file.
        """
        if hasattr(dst, "write"):
            shutil.copyfileobj(self.stream, dst, buffer_size)  # type: ignore[arg-type]  # a file, not a path
        else:
            self.upload.save(dst)

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes from the current position."""
        return self.stream.read(size)  # type: ignore[no-any-return]

    def seek(self, offset: int, whence: int = 0) -> None:
        """Change the position in the file."""
        self.stream.seek(offset, whence)

    def tell(self) -> int:
        """Return the position in the file."""
        return self.stream.tell()  # type: ignore[no-any-return]

    def close(self) -> None:
        """Close the file."""
        self.stream.close()

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.stream)

    def __bool__(self) -> bool:
        return bool(self.filename)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.filename!r} ({self.content_type!r})>"


class Accept:
    """The values that a client accepts, best first.

    Args:
        header: The value of an `Accept…` header.
    """

    def __init__(self, header: str) -> None:
        found = []
        for part in header.split(","):
            name, *parameters = [piece.strip().lower() for piece in part.split(";")]
            quality = 1.0
            for parameter in parameters:
                if parameter.startswith("q="):
                    try:
                        quality = float(parameter[2:])
                    except ValueError:
                        quality = 0.0
            if name:
                found.append((name, quality))
        self.pairs = sorted(found, key=lambda pair: -pair[1])

    def quality(self, value: str) -> float:
        """Return the weight that the client gives to a value, 0 (not accepted) to 1.

        Source: RFC 9110, section 12.5.1: the most specific matching range decides.
        """
        value = value.lower()
        group = value.partition("/")[0] + "/*"
        language = value.partition("-")[0]
        given = dict(reversed(self.pairs))
        for name in (value, language, group, "*/*", "*"):
            if name in given:
                return given[name]
        return 0.0

    def best_match(self, matches: Iterable[str], default: Optional[str] = None) -> Optional[str]:
        """Return the one of `matches` with the greatest weight, the first of equals, or `default`."""
        options = list(matches)
        if not self.pairs:
            return options[0] if options else default
        best = max(options, key=self.quality, default=None)
        return default if best is None or self.quality(best) <= 0 else best

    @property
    def best(self) -> Optional[str]:
        """The value with the greatest weight, or None."""
        return self.pairs[0][0] if self.pairs else None

    @property
    def accept_html(self) -> bool:
        """Whether the client accepts HTML."""
        return "text/html" in self

    @property
    def accept_json(self) -> bool:
        """Whether the client accepts JSON."""
        return "application/json" in self

    def values(self) -> Iterator[str]:
        """Return the values, best first."""
        return iter([name for name, _ in self.pairs])

    def __getitem__(self, value: str) -> float:
        return self.quality(value)

    def __contains__(self, value: str) -> bool:
        return self.quality(value) > 0

    def __iter__(self) -> Iterator[Tuple[str, float]]:
        return iter(self.pairs)

    def __bool__(self) -> bool:
        return bool(self.pairs)


class Authorization:
    """The client's credentials.

    Args:
        type: The scheme in lower case: ``basic``, ``bearer``, …
        username, password: The credentials of ``basic``.
        token: The credentials of any other scheme, as sent.
    """

    def __init__(
        self,
        type: str,
        username: Optional[str] = None,
        password: Optional[str] = None,
        token: Optional[str] = None,
    ) -> None:
        self.type, self.username, self.password, self.token = type, username, password, token

    @classmethod
    def from_header(cls, header: Optional[str]) -> Optional[Authorization]:
        """Parse an `Authorization` header; None if it is missing or malformed.

        Source: RFC 7617 (Basic), RFC 6750 (Bearer).
        """
        scheme, _, rest = (header or "").strip().partition(" ")
        kind, rest = scheme.lower(), rest.strip()
        if not kind or not rest:
            return None
        if kind != "basic":
            return cls(kind, token=rest)
        try:
            username, colon, password = base64.b64decode(rest, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return cls(kind, username, password) if colon else None


class UserAgent:
    """The client's `User-Agent`; `str()` of it is the header.

    Args:
        string: The header's value.
    """

    def __init__(self, string: str) -> None:
        self.string = string

    def __str__(self) -> str:
        return self.string

    def __bool__(self) -> bool:
        return bool(self.string)

    def __contains__(self, text: str) -> bool:
        return text in self.string
