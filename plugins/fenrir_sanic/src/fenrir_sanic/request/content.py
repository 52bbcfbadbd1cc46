"""What a request carries: query, cookies, credentials and body."""

from __future__ import annotations

from typing import Any, ClassVar, Dict, List, Optional, Tuple
from urllib.parse import parse_qs, parse_qsl

from fenrir_core import Connection, HTTPError, InvalidBody, UploadFile, lazy
from fenrir_core import Request as KernelRequest
from fenrir_core.authoring import request_loads, split_query

from ..compat import Header
from ..constants import DEFAULT_HTTP_CONTENT_TYPE
from ..cookies.request import CookieRequestParameters, parse_cookie
from ..exceptions import BadRequest
from ..headers import AcceptList, parse_accept, parse_content_header, parse_credentials
from ..log import error_logger
from ..models.http_types import Credentials
from ..parameters_dict import RequestParameters, parameters_of_pairs
from ..values import AnyCallable, Values
from .form import file_of, parse_multipart_form


class Content:
    """The part of a request that is parsed: query, cookies, credentials, body."""

    _connection: Connection
    headers: Header
    query_string: str
    _loads: ClassVar[Optional[AnyCallable]]

    @lazy
    def args(self) -> RequestParameters:
        """The query parameters by name, without blank values."""
        return self.get_args()

    def get_args(
        self,
        keep_blank_values: bool = False,
        strict_parsing: bool = False,
        encoding: str = "utf-8",
        errors: str = "replace",
    ) -> RequestParameters:
        """Return the query parameters by name.

        Args:
            keep_blank_values: Whether parameters with an empty value are among them.
            strict_parsing, encoding, errors: As of `urllib.parse.parse_qs`.
        """
        if strict_parsing or (encoding, errors) != ("utf-8", "replace"):
            self._check_pairs()
            found = parse_qs(self.query_string, keep_blank_values, strict_parsing, encoding, errors)
            return RequestParameters(found)
        pairs = self._connection.query.multi_items()
        return parameters_of_pairs((name, value) for name, value in pairs if value or keep_blank_values)

    def _check_pairs(self) -> None:
        split_query(self.query_string.encode(), self._connection.compiled_route.limits.max_query_pairs)

    @lazy
    def query_args(self) -> List[Tuple[str, str]]:
        """The query parameters as pairs, in order, without blank values."""
        return self.get_query_args()

    def get_query_args(
        self,
        keep_blank_values: bool = False,
        strict_parsing: bool = False,
        encoding: str = "utf-8",
        errors: str = "replace",
    ) -> List[Tuple[str, str]]:
        """Return the query parameters as pairs, in order; the arguments are those of `get_args`."""
        self._check_pairs()
        return parse_qsl(self.query_string, keep_blank_values, strict_parsing, encoding, errors)

    @lazy
    def cookies(self) -> CookieRequestParameters:
        """The cookies by name."""
        return self.get_cookies()

    def get_cookies(self) -> CookieRequestParameters:
        """Return the cookies by name."""
        return CookieRequestParameters(parse_cookie("; ".join(self.headers.getlist("cookie"))))

    @lazy
    def accept(self) -> AcceptList:
        """The media types that the client accepts, the most wanted first.

        Raises:
            InvalidHeader: The header is broken.
        """
        return parse_accept(self.headers.get("accept"))

    @property
    def content_type(self) -> str:
        """`Content-Type`, ``application/octet-stream`` by default."""
        return self.headers.get("content-type") or DEFAULT_HTTP_CONTENT_TYPE

    @lazy
    def token(self) -> Optional[str]:
        """The value of `Authorization` without ``Bearer`` or ``Token``; None if there is no such header."""
        return parse_credentials(self.headers.get("authorization"), ("Bearer", "Token"))[1]

    @lazy
    def credentials(self) -> Optional[Credentials]:
        """The credentials of the `Authorization` header; None if there are none."""
        scheme, rest = parse_credentials(self.headers.get("authorization"))
        return Credentials(scheme, rest) if rest else None

    # ------------------------------------------------------------ body

    def _kernel(self) -> KernelRequest:
        if not isinstance(self._connection, KernelRequest):
            raise RuntimeError("A WebSocket has no request body.")
        return self._connection

    @lazy
    def body(self) -> bytes:
        """The body; it was read before the handler ran, unless the route has `stream=True`."""
        connection = self._kernel()
        return connection.loaded_body if connection.is_loaded else b""

    async def receive_body(self) -> None:
        """Read the body, so that `body`, `json` and `form` can be used."""
        self.body = await self._kernel().body()

    @lazy
    def json(self) -> Any:
        """The body parsed as JSON; None if it is empty.

        Raises:
            BadRequest: The body is not JSON.
        """
        return self.load_json()

    def load_json(self, loads: Optional[AnyCallable] = None) -> Any:
        """Return the body parsed as JSON.

        Args:
            loads: A function that parses it, in place of the app's.

        Raises:
            BadRequest: The body is not JSON.
        """
        body = self.body
        if not body:
            return None
        parse = loads or getattr(self._connection.app, "loads", None)
        kernel = self._kernel()
        try:
            if parse is None and kernel.is_loaded and kernel.loaded_body is body:
                return kernel.loaded_json
            return (parse or request_loads)(body)
        except (InvalidBody, ValueError) as error:
            kind = getattr(error, "kind", "json").lower()
            raise BadRequest(f"Failed when parsing body as {kind}") from error

    @lazy
    def _form_and_files(self) -> Tuple[RequestParameters, RequestParameters]:
        return self._parse_form(False)

    def _parse_form(self, keep_blank_values: bool) -> Tuple[RequestParameters, RequestParameters]:
        connection = self._kernel()
        pairs = connection.loaded_form.multi_items() if connection.is_loaded else []
        if pairs:  # another paradigm has read it as a form
            fields = parameters_of_pairs((name, value) for name, value in pairs if not isinstance(value, UploadFile))
            files = ((name, file_of(value)) for name, value in pairs if isinstance(value, UploadFile))
            return fields, parameters_of_pairs(files)
        kind, options = parse_content_header(self.content_type)
        try:
            if kind == "application/x-www-form-urlencoded":
                body = self.body
                split_query(body, connection.compiled_route.form_limits.max_fields)
                found = parse_qs(body.decode("utf-8"), keep_blank_values)
                return RequestParameters(found), RequestParameters()
            if kind == "multipart/form-data":
                boundary = str(options["boundary"]).encode()
                if b"--" + boundary in self.body and b"--" + boundary + b"--" not in self.body:
                    raise BadRequest("The form is cut off")  # what is missing can't be told from what was not sent
                return parse_multipart_form(self.body, boundary)
        except HTTPError:
            raise  # it is cut off, or over a limit
        except Exception:
            error_logger.exception("Failed when parsing form")
        return RequestParameters(), RequestParameters()

    def get_form(self, keep_blank_values: bool = False) -> RequestParameters:
        """Return the fields of the form by name, without files.

        Args:
            keep_blank_values: Whether fields with an empty value are among them.
        """
        self._form_and_files = self._parse_form(keep_blank_values)
        self.form, self.files = self._form_and_files
        return self.form

    @lazy
    def form(self) -> RequestParameters:
        """The fields of the form by name, without files; empty if there is no form, or a broken one."""
        return self._form_and_files[0]

    @lazy
    def files(self) -> RequestParameters:
        """The files of the form by field name, as `File(type, body, name)`."""
        return self._form_and_files[1]

    @property
    def parsed_json(self) -> Any:
        """The parsed body, if it was asked for before; else None."""
        return self.__dict__.get("json")

    @property
    def parsed_form(self) -> Optional[RequestParameters]:
        """The form, if it was asked for before; else None."""
        return self.__dict__.get("form")

    @property
    def parsed_files(self) -> Optional[RequestParameters]:
        """The files, if they were asked for before; else None."""
        return self.__dict__.get("files")

    @property
    def parsed_accept(self) -> Optional[AcceptList]:
        """The accepted types, if they were asked for before; else None."""
        return self.__dict__.get("accept")

    @property
    def parsed_cookies(self) -> Optional[CookieRequestParameters]:
        """The cookies, if they were asked for before; else None."""
        return self.__dict__.get("cookies")

    @property
    def parsed_credentials(self) -> Optional[Credentials]:
        """The credentials, if they were asked for before; else None."""
        return self.__dict__.get("credentials")

    @property
    def parsed_token(self) -> Optional[str]:
        """The token, if it was asked for before; else None."""
        return self.__dict__.get("token")

    @property
    def parsed_forwarded(self) -> Optional[Values]:
        """What proxies say, if it was asked for before; else None."""
        return self.__dict__.get("forwarded")

    @property
    def parsed_args(self) -> Dict[Tuple[bool, bool, str, str], RequestParameters]:
        """The query parameters by the arguments of `get_args`."""
        return {(False, False, "utf-8", "replace"): self.args}

    @property
    def parsed_not_grouped_args(self) -> Dict[Tuple[bool, bool, str, str], List[Tuple[str, str]]]:
        """The pairs of the query by the arguments of `get_query_args`."""
        return {(False, False, "utf-8", "replace"): self.query_args}
