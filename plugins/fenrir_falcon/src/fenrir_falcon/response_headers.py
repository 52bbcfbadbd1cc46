"""The headers and cookies of a response under Falcon's names."""

from __future__ import annotations

import re
import warnings
from datetime import datetime
from functools import lru_cache
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Tuple, Union
from urllib.parse import quote

from fenrir_core import Connection, MutableHeaders, lazy
from fenrir_core.authoring import SAFE_IN_URL, content_disposition, encode_header, format_cookie, format_date

from .deprecation import DeprecatedWarning
from .etags import ETag
from .exceptions import HeaderNotSupported
from .options import ResponseOptions
from .state import State
from .util.misc import secure_filename
from .util.uri import encode_check_escaped, encode_value, encode_value_check_escaped

_is_cookie_name = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z:]+").fullmatch


def _header_property(name: str, doc: str, write: Callable[[Any], str] = str) -> Any:
    def get(self: ResponseHeaders) -> Optional[str]:
        return self.get_header(name)

    def put(self: ResponseHeaders, value: Any) -> None:
        if value is None:
            self.delete_header(name)
        else:
            self._put(encode_header(name, write(value)))

    return property(get, put, doc=f"{doc}; setting None deletes it.")


def _date(value: Any) -> str:
    return format_date(value) if isinstance(value, datetime) else str(value)


def _url(value: Any) -> str:
    return quote(str(value), SAFE_IN_URL)


def _listed(value: Any) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _tag(value: Any) -> str:
    if isinstance(value, ETag):
        return value.dumps()
    return value if value.endswith('"') else f'"{value}"'


def _disposition(name: str, kind: str = "attachment") -> str:
    if name.isascii():
        return content_disposition(name, kind)
    # COMPAT: the substitute for clients that know no `filename*` is a safe file name
    return f"{kind}; filename={secure_filename(name)}; filename*=UTF-8''{encode_value(name)}"


def _content_range(value: Any) -> str:
    if isinstance(value, str):
        return value
    start, end, total = value[:3]
    return f"{value[3] if len(value) > 3 else 'bytes'} {start}-{end}/{total}"


class ResponseHeaders:
    """The part of `Response` that writes headers and cookies."""

    _connection: Connection

    @lazy
    def _headers(self) -> MutableHeaders:
        return MutableHeaders()

    @lazy
    def options(self) -> ResponseOptions:
        """The app's options."""
        return self._connection.app.store(State).resp_options

    @property
    def headers(self) -> Dict[str, str]:
        """A copy of the headers without cookies, names in lower case."""
        found = {name: value for name, value in self._headers.items() if name != "set-cookie"}
        final = getattr(self, "final_type", "")
        return {**found, "content-type": final} if final and "content-type" not in found else found

    @property
    def raw_headers(self) -> List[Tuple[bytes, bytes]]:
        """The headers as they are sent, cookies included."""
        return self._headers.raw

    def get_header(self, name: str, default: Optional[str] = None) -> Optional[str]:
        """Return a header, or `default`; repeated headers are joined by commas.

        Raises:
            HeaderNotSupported: The header is `Set-Cookie`.
        """
        _refuse_cookie(name)
        return ", ".join(self._headers.getlist(name)) if name in self._headers else default

    def set_header(self, name: str, value: str) -> None:
        """Set a header and replace its earlier values.

        Raises:
            HeaderNotSupported: The header is `Set-Cookie`; use `set_cookie`.
            InvalidHeader: The name or value contains characters not allowed in headers.
        """
        text = value if type(value) is str else str(value)
        pair = _encode_short(name, text) if len(text) <= _SHORT else encode_header(name, text)
        if pair[0] == b"set-cookie":
            _refuse_cookie(name)
        self._put(pair)

    def _put(self, pair: Tuple[bytes, bytes]) -> None:
        """Set a checked header. PERF: as `_headers` does, for a name that is new, 900 ns."""
        own = self.__dict__
        headers = own.get("_headers")
        if headers is None:
            headers = own["_headers"] = MutableHeaders()
        name, raw = pair[0], headers.raw
        for key, _ in raw:
            if key == name:
                headers[name.decode("latin-1")] = pair[1].decode("latin-1")
                return
        raw.append(pair)

    def delete_header(self, name: str) -> None:
        """Delete a header, if it is set.

        Raises:
            HeaderNotSupported: The header is `Set-Cookie`; use `unset_cookie`.
        """
        _refuse_cookie(name)
        self._headers.pop(name, None)

    def append_header(self, name: str, value: str) -> None:
        """Append to a header, separated by a comma.

        `Set-Cookie` is added as a further header; a name that `Vary` has already is not added again.
        """
        value, key = str(value), name.lower()
        if key == "set-cookie":
            self._headers.add(name, value)
        elif key == "vary":
            self._headers.add_vary(*(part.strip() for part in value.split(",")))
        else:
            self._headers[name] = ", ".join([*self._headers.getlist(name), value])

    def set_headers(self, headers: Union[Mapping[str, str], Iterable[Tuple[str, str]]]) -> None:
        """Set several headers; see `set_header`."""
        for name, value in headers.items() if isinstance(headers, Mapping) else headers:
            self.set_header(name, value)

    def append_link(
        self,
        target: str,
        rel: str,
        title: Optional[str] = None,
        title_star: Optional[Tuple[str, str]] = None,
        anchor: Optional[str] = None,
        hreflang: Union[str, Iterable[str], None] = None,
        type_hint: Optional[str] = None,
        crossorigin: Optional[str] = None,
        link_extension: Optional[Iterable[Tuple[str, str]]] = None,
    ) -> None:
        """Append a link to the header `Link` (RFC 8288).

        Args:
            target: The URL.
            rel: The relation type, or several separated by spaces.
            title_star: A title in a language, as ``("en", "…")``. A `title` that is not ASCII is sent in this form.
            title, anchor, hreflang, type_hint: Target attributes; `hreflang` is one language or several.
            crossorigin: ``"anonymous"`` or ``"use-credentials"``.
            link_extension: Further attributes as pairs.
        """
        value = f"<{encode_check_escaped(target)}>; rel=" + (f'"{rel}"' if " " in rel or "//" in rel else rel)
        if title is not None and title_star is None and not (title.isascii() and title.isprintable()):
            title_star = "", title  # RFC 8288, section 3.4.1: what is not ASCII is said in this form alone
        elif title is not None:
            value += '; title="{}"'.format(title.replace("\\", "\\\\").replace('"', '\\"'))
        if title_star is not None:
            value += f"; title*=UTF-8'{title_star[0]}'{encode_value_check_escaped(title_star[1])}"
        value += f'; type="{type_hint}"' if type_hint is not None else ""
        for language in [hreflang] if isinstance(hreflang, str) else hreflang or ():
            value += f"; hreflang={language}"
        value += f'; anchor="{encode_check_escaped(anchor)}"' if anchor is not None else ""
        if crossorigin is not None:
            if crossorigin.lower() not in ("anonymous", "use-credentials"):
                raise ValueError('crossorigin must be "anonymous" or "use-credentials".')
            value += "; crossorigin" if crossorigin.lower() == "anonymous" else '; crossorigin="use-credentials"'
        for key, text in link_extension or ():
            value += f"; {key}={text}"
        self.append_header("Link", value)

    accept_ranges = _header_property("Accept-Ranges", "The header `Accept-Ranges`")
    cache_control = _header_property(
        "Cache-Control", "The header `Cache-Control`, text or a list of directives", _listed
    )
    content_length = _header_property("Content-Length", "The header `Content-Length`, in bytes")
    content_location = _header_property("Content-Location", "The header `Content-Location`, percent-encoded", _url)
    content_range = _header_property(
        "Content-Range", "The header `Content-Range`, text or ``(start, end, size)``", _content_range
    )

    @property
    def content_type(self) -> Optional[str]:
        """The media type of the body; setting None deletes it."""
        return self.get_header("Content-Type")

    @content_type.setter
    def content_type(self, value: Optional[str]) -> None:
        if value is None:
            self.delete_header("Content-Type")
        else:
            self._put(content_type_header(value if type(value) is str else str(value)))

    downloadable_as = _header_property(
        "Content-Disposition", "The file name under which the client saves the body", _disposition
    )
    viewable_as = _header_property(
        "Content-Disposition",
        "The file name of a body that the client displays",
        lambda name: _disposition(name, "inline"),
    )
    etag = _header_property("ETag", "The entity tag", _tag)
    expires = _header_property("Expires", "The time after which the response is stale", _date)
    last_modified = _header_property("Last-Modified", "The time of the last change", _date)
    location = _header_property("Location", "The URL of a redirect or a new resource, percent-encoded", _url)
    retry_after = _header_property("Retry-After", "The header `Retry-After`, seconds or a datetime", _date)
    vary = _header_property("Vary", "The names of the request headers that the response depends on", _listed)

    def set_cookie(
        self,
        name: str,
        value: str,
        expires: Optional[datetime] = None,
        max_age: Optional[int] = None,
        domain: Optional[str] = None,
        path: Optional[str] = None,
        secure: Optional[bool] = None,
        http_only: bool = True,
        same_site: Optional[str] = None,
        partitioned: bool = False,
    ) -> None:
        """Set a cookie and replace an earlier one of the same name.

        Args:
            name, value: Text without characters that cookies don't allow.
            expires: When the client deletes the cookie; UTC if it has no zone.
            max_age: Seconds after which the client deletes the cookie.
            domain, path: Where the client sends the cookie.
            secure: Whether it is sent over HTTPS only; by default the option `secure_cookies_by_default`.
            http_only: Whether scripts can't read it.
            same_site: ``"Lax"``, ``"Strict"`` or ``"None"``.
            partitioned: Whether each top-level site has a cookie of its own.
        """
        if not (isinstance(name, str) and _is_cookie_name(name)):
            raise KeyError(f"The name of a cookie must be a token (RFC 6265, section 4.1.1), not {name!r}.")
        if not (isinstance(value, str) and value.isascii()):
            raise ValueError(f"The value of a cookie must be ASCII text, not {value!r}.")
        cookie = format_cookie(
            name,
            value,
            max_age=None if max_age is None else int(max_age),
            expires=expires,
            path=path,
            domain=domain,
            secure=self.options.secure_cookies_by_default if secure is None else secure,
            httponly=http_only,
            samesite=same_site.lower() if same_site else None,
            partitioned=partitioned,
        )
        self._take_cookie(name)
        self._headers.add("set-cookie", cookie)

    def _take_cookie(self, name: str) -> str:
        """Remove a cookie that was set in this response, and return it as it was written."""
        start = f"{name}=".encode("latin-1", "replace")
        raw = self._headers.raw
        found = [pair for pair in raw if pair[0] == b"set-cookie" and pair[1].startswith(start)]
        if found:
            raw[:] = [pair for pair in raw if pair not in found]
        return found[0][1].decode("latin-1") if found else ""

    def unset_cookie(
        self,
        name: str,
        domain: Optional[str] = None,
        path: Optional[str] = None,
        same_site: str = "Lax",
        samesite: Optional[str] = None,
    ) -> None:
        """Tell the client to delete a cookie; `samesite` is the former name of `same_site`.

        One that was set in this response keeps its attributes, but for those given here.
        """
        if samesite is not None:
            warnings.warn('The parameter "samesite" is deprecated: use "same_site".', DeprecatedWarning, stacklevel=2)
            same_site = samesite
        _, *earlier = self._take_cookie(name).split("; ")
        kept = dict(part.partition("=")[::2] for part in earlier)
        cookie = format_cookie(
            name,
            "",
            expires=datetime(1970, 1, 1),
            domain=domain or kept.get("Domain"),
            path=path or kept.get("Path"),
            secure="Secure" in kept or same_site.lower() == "none",  # which browsers take only with Secure
            httponly="HttpOnly" in kept,
            samesite=same_site.lower() or None,
        )
        written = f"SameSite={same_site.capitalize()}"
        self._headers.add("set-cookie", cookie.replace(written, f"SameSite={same_site}") if same_site else cookie)


@lru_cache(maxsize=64)
def content_type_header(media_type: str) -> Tuple[bytes, bytes]:
    """Return the checked raw `Content-Type` of a media type, to which no charset is added."""
    return encode_header("content-type", media_type)


#: What is at most this many characters is nearly always a constant of the app's, no identifier, tag or date.
_SHORT = 24


@lru_cache(maxsize=256)
def _encode_short(name: str, value: str) -> Tuple[bytes, bytes]:
    """Return what `encode_header` does. PERF: checked once for each pair, 350 ns."""
    return encode_header(name, value)


def _refuse_cookie(name: str) -> None:
    if name.lower() == "set-cookie":
        raise HeaderNotSupported("Set-Cookie has its own methods: set_cookie(), unset_cookie(), append_header().")
