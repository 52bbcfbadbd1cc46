"""Bottle's helpers; unlike those of the façade, `redirect` and `abort` raise."""

from __future__ import annotations

import os
from typing import Dict, Mapping, NoReturn, Optional, Union
from urllib.parse import urljoin

from fenrir_core import FileResponse, current_connection, safe_join

from .exceptions import HTTPError, HTTPResponse
from .proxies import request
from .response import LocalResponse


def abort(code: int = 500, text: str = "Unknown Error.") -> NoReturn:
    """End the request with an error.

    Raises:
        HTTPError: Always.
    """
    raise HTTPError(code, text)


def redirect(url: str, code: Optional[int] = None) -> NoReturn:
    """End the request with a redirect; headers and cookies set so far are kept.

    Args:
        url: Relative to the current one, or absolute.
        code: The status; 303 by default, 302 for HTTP/1.0.

    Raises:
        HTTPResponse: Always.
    """
    connection = current_connection("redirect()")
    if code is None:
        code = 302 if connection.scope.get("http_version") == "1.0" else 303
    response = HTTPResponse("", code)
    connection.facade(LocalResponse).copy_to(response)
    response.set_header("Location", urljoin(request.url, url))
    raise response


def static_file(
    filename: str,
    root: Union[str, os.PathLike[str]],
    mimetype: Union[str, bool] = True,
    download: Union[str, bool] = False,
    charset: str = "UTF-8",
    etag: Union[str, bool, None] = None,
    headers: Optional[Mapping[str, str]] = None,
) -> Union[FileResponse, HTTPError]:
    """Return a response with a file below a directory; the name may come from the client.

    Args:
        filename: The path below `root`.
        root: The directory.
        mimetype: The media type; True to guess it, False for none.
        download: Ask the client to save the file, under this name or its own.
        charset: The charset of text types.
        etag: The entity tag; True for the file's own, False for none.
        headers: Extra headers.

    Returns:
        The file, or an error: 403 outside of `root`, 404 for a file that does not exist.
    """
    full = safe_join(root, filename.strip("/\\"))
    if full is None:
        return HTTPError(403, "Access denied.")
    if not os.path.isfile(full):
        return HTTPError(404, "File does not exist.")
    if not os.access(full, os.R_OK):
        return HTTPError(403, "You do not have permission to access this file.")
    extra: Dict[str, str] = dict(headers or {})
    if isinstance(etag, str):
        extra["ETag"] = etag
    response = FileResponse(
        full,
        filename=download if isinstance(download, str) else None,
        media_type=mimetype if isinstance(mimetype, str) else None,
        headers=extra,
        as_attachment=bool(download),
        etag=etag is not False,
    )
    kind = response.headers.get("content-type", "")
    if not mimetype:
        del response.headers["content-type"]
    elif kind.startswith("text/"):
        response.headers["content-type"] = f"{kind.partition(';')[0]}; charset={charset}"
    return response
