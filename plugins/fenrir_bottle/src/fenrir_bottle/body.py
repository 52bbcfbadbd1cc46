"""The body of a request: read from `wsgi.input`, and parsed as a form."""

from __future__ import annotations

import asyncio
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, AsyncIterator, Callable, Coroutine, Iterable, Iterator, Protocol, Tuple, TypeVar

from fenrir_core import HTTPError as KernelError
from fenrir_core import InvalidBody, Request, UploadFile
from fenrir_core.authoring import FormLimits, parse_form, parse_options, split_query

from .exceptions import HTTPError, MultipartError
from .properties import read_length
from .structures import Environ, FormsDict
from .texts import MAX_PAIRS
from .uploads import FileUpload

#: The key of the environment that holds the kernel's connection, where that has read the body.
CONNECTION = "fenrir.connection"
_CHUNK = 65536
T = TypeVar("T")


def read_body(environ: Environ, size: int) -> Iterator[bytes]:
    """Yield the parts of a body: as many bytes as are announced, or chunks that the server has not joined.

    Raises:
        HTTPError: The chunks are malformed (400).
    """
    stream = environ.get("wsgi.input")
    if stream is None:
        return
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower() and not environ.get("wsgi.input_terminated"):
        yield from _chunks(stream.read, size)
        return
    left = read_length(environ.get("CONTENT_LENGTH"))
    while left > 0:
        part = stream.read(min(left, size))
        if not part:
            return
        left -= len(part)
        yield part


def _chunks(read: Callable[[int], bytes], size: int) -> Iterator[bytes]:
    """Yield the data of a body in the chunked coding (RFC 9112, section 7.1)."""
    problem = HTTPError(400, "The chunks of the request body are malformed.")
    while True:
        line = b""
        while not line.endswith(b"\r\n"):
            byte = read(1)
            line += byte
            if not byte or len(line) > size:
                raise problem
        try:
            left = int(line.partition(b";")[0].strip(), 16)
        except ValueError:
            raise problem from None
        if left == 0:
            return
        while left > 0:
            part = read(min(left, size))
            if not part:
                raise problem
            left -= len(part)
            yield part
        if read(2) != b"\r\n":
            raise problem


class RequestLike(Protocol):
    """A request whose body is read."""

    MEMFILE_MAX: int

    @property
    def _storage(self) -> Environ: ...

    @property
    def body(self) -> IO[bytes]:
        """The body."""

    def _small_body(self) -> bytes: ...


def form_of(request: RequestLike) -> FormsDict:
    """Return the fields and files of a request's body.

    Raises:
        HTTPError: A form without files is larger than `MEMFILE_MAX` (413).
        MultipartError: The form is malformed (400).
    """
    environ = request._storage
    connection = environ.get(CONNECTION)
    if connection is not None:  # the kernel has read it for all paradigms, within its limits
        if connection.content_type != "multipart/form-data":
            request._small_body()
        return FormsDict.of(_values(connection.loaded_form.multi_items()))
    header = environ.get("CONTENT_TYPE", "")
    if header.lstrip()[:10].lower() != "multipart/":
        return FormsDict.of(split_query(request._small_body(), MAX_PAIRS))
    _, options = parse_options(header)
    if not options.get("boundary"):
        raise MultipartError("the content type names no boundary.")
    limits = FormLimits(max_field_size=request.MEMFILE_MAX)
    body = request.body
    try:
        form = run_now(lambda: parse_form(header, _parts(body), limits))
    except KernelError as error:
        raise MultipartError(str(error.detail)) from error
    found = FormsDict.of(_values(form.multi_items()))
    for _, value in found.allitems():
        if isinstance(value, FileUpload):
            weakref.finalize(value, value.file.close)  # WSGI does not say when a request has ended
    return found


def loaded(connection: Request) -> Any:
    """Return the value of a body in a plugin's media type, or None of an empty one.

    Raises:
        HTTPError: It is malformed (400).
    """
    try:
        return connection.loaded_json if connection.loaded_body else None
    except InvalidBody as error:
        raise HTTPError(400, f"Invalid {error.kind}", exception=error) from None


def _values(pairs: Iterable[Tuple[str, Any]]) -> Iterator[Tuple[str, Any]]:
    for name, value in pairs:
        yield name, upload_of(name, value) if isinstance(value, UploadFile) else value


def upload_of(name: str, upload: UploadFile) -> FileUpload:
    """Return an upload of the kernel as Bottle's."""
    headers = [(key, value.replace("\0", "")) for key, value in upload.headers.items()]  # can't be in Bottle's headers
    return FileUpload(upload.file, name, upload.filename or "", headers)


async def _parts(body: IO[bytes]) -> AsyncIterator[bytes]:
    body.seek(0)
    while True:
        part = body.read(_CHUNK)
        if not part:
            return
        yield part


def run_now(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Return the result of a coroutine from synchronous code; one that waits runs on an event loop of its own."""
    coroutine = make()
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    except RuntimeError:  # it needs an event loop, for a file that is too large for memory
        pass
    coroutine.close()
    with ThreadPoolExecutor(1) as pool:  # this thread may have a running loop
        return pool.submit(lambda: asyncio.run(make())).result()
