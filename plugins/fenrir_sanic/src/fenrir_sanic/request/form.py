"""Forms with files, read from a body in memory.

Source: RFC 7578 (multipart/form-data); RFC 2046, section 5.1.
"""

from __future__ import annotations

from email.utils import unquote as unquote_mime
from typing import Iterator, NamedTuple, Tuple
from urllib.parse import unquote

from fenrir_core import UploadFile

from ..headers import parse_content_header
from ..log import logger
from ..parameters_dict import RequestParameters
from ..values import Values


class File(NamedTuple):
    """An uploaded file, in memory.

    Args:
        type: Its content type.
        body: Its content.
        name: The name that the client gave it.
    """

    type: str
    body: bytes
    name: str


def file_of(upload: UploadFile) -> File:
    """Return an uploaded file with its content."""
    upload.file.seek(0)
    body = upload.file.read()
    upload.file.seek(0)
    return File(upload.content_type or "application/octet-stream", body, upload.filename or "")


def parse_multipart_form(body: bytes, boundary: bytes) -> Tuple[RequestParameters, RequestParameters]:
    """Return the fields and the files of a form.

    Args:
        body: The whole body.
        boundary: What separates its parts, as the `Content-Type` has it.
    """
    fields, files = RequestParameters(), RequestParameters()
    for headers, content in _parts(body, boundary):
        options = headers.get("content-disposition", ("", {}))[1]
        name, filename = options.get("name"), options.get("filename")
        extended = options.get("filename*")
        if extended:
            encoding, _, rest = extended.partition("'")
            filename = unquote(rest.partition("'")[2], encoding or "utf-8")
        if not name:
            logger.debug("Form-data field does not have a 'name' parameter in the Content-Disposition header")
            continue
        kind, kind_options = headers.get("content-type", ("text/plain", {}))
        if filename is None:
            text = content.decode(kind_options.get("charset", "utf-8"), "replace")
            fields.setdefault(name, []).append(text)
        else:
            files.setdefault(name, []).append(File(kind, content, unquote_mime(filename)))
    return fields, files


def _parts(body: bytes, boundary: bytes) -> Iterator[Tuple[Values, bytes]]:
    """Iterate over the headers (value and parameters by name) and the content of the parts."""
    for part in body.split(boundary)[1:-1]:
        head, _, content = part[2:].partition(b"\r\n\r\n")
        headers: Values = {}
        for line in head.split(b"\r\n"):
            name, colon, value = line.decode("utf-8", "replace").partition(":")
            if colon:
                headers[name.strip().lower()] = parse_content_header(value.strip())
        tail = b"\r\n--" if content.endswith(b"\r\n--") else b"\r\n"
        yield headers, content[: -len(tail)] if content.endswith(tail) else content
