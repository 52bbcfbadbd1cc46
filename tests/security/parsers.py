"""What must hold of each parser for any input: `test_parsers.py` tries few, `scripts/fuzz.py` many.

Each check takes text whose characters stand for bytes (latin-1), as headers come, and raises AssertionError, or the
parser's own error if that is none that it may raise.
"""

# ruff: noqa: E501 - tables

from __future__ import annotations

import asyncio
import json
import math
import re
from datetime import timezone
from typing import Any, AsyncIterator, Callable, Dict, List, NamedTuple, Optional, Tuple
from urllib.parse import quote, urlencode

from fenrir_bottle.request import _cookies as bottle_cookies
from fenrir_bottle.signing import unsign
from fenrir_bottle.texts import parse_auth, parse_http_header, parse_range_header, path_shift
from fenrir_core import BuildError, Headers, HTTPError, InvalidJSON, PreconditionFailed, RangeNotSatisfiable
from fenrir_core.http.accept import best_match, parse_accept, quality
from fenrir_core.http.conditions import decide, parse_range, seconds_of
from fenrir_core.http.cookies import format_cookie, parse_cookies
from fenrir_core.http.dates import format_date, parse_date
from fenrir_core.http.headers import content_disposition, encode_header, parse_options
from fenrir_core.http.hosts import host_matches, parse_host
from fenrir_core.http.json import dumps, loads, standard_loads
from fenrir_core.http.multipart import FormLimits, parse_form
from fenrir_core.http.query import last_values, split_query
from fenrir_core.routing.converters import DEFAULT_CONVERTERS
from fenrir_core.routing.templates import parse_template
from fenrir_falcon.etags import parse_etags
from fenrir_falcon.forwarded import parse_forwarded
from fenrir_falcon.util.mediatypes import InvalidMediaRange, InvalidMediaType
from fenrir_falcon.util.mediatypes import best_match as falcon_best_match
from fenrir_falcon.util.mediatypes import parse_header as falcon_parse_header
from fenrir_fastapi.middleware.sessions import SessionMiddleware
from fenrir_fastapi.security.http import split_authorization
from fenrir_fastapi.starlette.cookies import cookie_parser
from fenrir_fastapi.starlette.file_responses import MalformedRangeHeader, parse_ranges
from fenrir_fastapi.starlette.file_responses import RangeNotSatisfiable as StarletteRangeNotSatisfiable
from fenrir_flask import Flask, session
from fenrir_sanic import headers as sanic_headers
from fenrir_sanic.cookies.request import parse_cookie as sanic_parse_cookie
from fenrir_sanic.exceptions import InvalidHeader as SanicInvalidHeader
from fenrir_sanic.request.form import parse_multipart_form

Check = Callable[[str], None]


class Parser(NamedTuple):
    """A parser to be tried.

    Args:
        check: Raises for an input that it reads wrongly.
        seeds: Inputs from which others are made.
    """

    check: Check
    seeds: Tuple[str, ...]


def as_bytes(text: str) -> bytes:
    """Return the bytes that characters stand for."""
    return text.encode("latin-1", "replace")


def texts(pairs: Any) -> None:
    """Check that pairs are text."""
    assert all(isinstance(part, str) for pair in pairs for part in pair), pairs


# ------------------------------------------------------------ queries, cookies, forms


def query(text: str) -> None:
    try:
        pairs = split_query(as_bytes(text))
    except HTTPError as error:
        assert error.status == 400
        return
    texts(pairs)
    assert last_values(as_bytes(text)) == dict(pairs)
    assert split_query(urlencode(pairs).encode()) == pairs


def cookies(text: str) -> None:
    texts(parse_cookies(text).items())
    texts(cookie_parser(text).items())
    texts((name, value) for name, values in sanic_parse_cookie(text).items() for value in values)
    texts(bottle_cookies(text))
    assert parse_cookies(f"good=yes; {text}; good=yes")["good"] == "yes"
    assert dict(bottle_cookies(f"{text}; good=yes"))["good"] == "yes"
    value = "".join(character for character in text if character not in "\r\n\0")
    written = format_cookie("name", value).partition(";")[0]
    encode_header("set-cookie", written)
    assert parse_cookies(written) == {"name": value}


async def chunks(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


LIMITS = FormLimits(max_fields=20, max_files=20, max_field_size=1000)


def read_form(content_type: str, body: bytes, size: int = 1 << 20) -> Any:
    """Return the pairs of a form, or the status of what is wrong with it."""

    async def read() -> Any:
        form = await parse_form(content_type, chunks(body, size), LIMITS)
        found = []
        for name, value in form.multi_items():
            if isinstance(value, str):
                found.append((name, value))
            else:
                found.append((name, (value.filename, await value.read())))
                await value.close()
        return found

    try:
        return asyncio.run(read())
    except HTTPError as error:
        assert 400 <= error.status < 500
        return error.status


def multipart(text: str) -> None:
    body = as_bytes(text)
    whole = read_form("multipart/form-data; boundary=xx", body)
    assert read_form("multipart/form-data; boundary=xx", body, 7) == whole
    if b"--xx--" not in body and body:
        assert isinstance(whole, int), "a form that is cut off was read"
    try:
        parse_multipart_form(body, b"xx")
    except LookupError:
        pass  # an unknown charset; who calls it takes that for no form


def form_type(text: str) -> None:
    read_form(text, b'--xx\r\nContent-Disposition: form-data; name="a"\r\n\r\nv\r\n--xx--\r\n')
    read_form(text, b"a=1&b=%ff")
    sanic_headers.parse_content_header(text)
    falcon_parse_header(text)
    parse_http_header(text)


def disposition(text: str) -> None:
    parse_options(text)
    value = content_disposition(text)
    encode_header("content-disposition", value)
    assert value.isascii() and value.isprintable()
    cleaned = "".join("_" if ord(character) < 32 or ord(character) == 127 else character for character in text)
    assert parse_options(value)[1]["filename"] == cleaned


# ------------------------------------------------------------ what is accepted, ranges, conditions, dates


def accept(text: str) -> None:
    offered = ["text/html", "application/json"]
    parse_accept(text)
    assert 0 <= quality("text/html", text) <= 1
    assert best_match(offered, text) in (None, *offered)
    try:
        assert falcon_best_match(offered, text) in ("", *offered)
    except (InvalidMediaRange, InvalidMediaType):
        pass
    try:
        str(sanic_headers.parse_accept(text).match(*offered))
    except SanicInvalidHeader:
        pass


SIZE = 10


def within(spans: Any) -> None:
    """Check that ranges are parts of a file."""
    for start, stop in spans:
        assert isinstance(start, int) and 0 <= start < stop <= SIZE


def ranges(text: str) -> None:
    try:
        within(parse_range(text, SIZE) or ())
    except RangeNotSatisfiable:
        pass
    try:
        within(parse_ranges(text, SIZE, 20))
    except (MalformedRangeHeader, StarletteRangeNotSatisfiable):
        pass
    within(parse_range_header(text, SIZE))


def conditions(text: str) -> None:
    for name in ("if-match", "if-none-match", "if-range", "if-modified-since", "if-unmodified-since"):
        sent = Headers(raw=[(name.encode(), as_bytes(text)), (b"range", b"bytes=0-1")])
        try:
            decision = decide("GET", sent, size=SIZE, etag='"a"', modified=1_700_000_000.5)
        except PreconditionFailed:
            assert name in ("if-match", "if-unmodified-since")
            continue
        assert decision.status in (200, 206, 304)
        within(decision.ranges)
    for tag in parse_etags(text) or ():
        assert isinstance(tag, str)


def dates(text: str) -> None:
    try:
        moment = parse_date(text)
    except ValueError:
        assert seconds_of(text) is None
        return
    assert moment.tzinfo is timezone.utc
    if moment.year >= 1000:
        assert parse_date(format_date(moment)) == moment.replace(microsecond=0)


# ------------------------------------------------------------ proxies, credentials, hosts


class ProxyConfig:
    """The settings of Sanic that trust proxies."""

    FORWARDED_SECRET, PROXIES_COUNT, REAL_IP_HEADER, FORWARDED_FOR_HEADER = "s", 1, None, "x-forwarded-for"


class SentHeaders(Dict[str, str]):
    """Headers under Sanic's names of their methods."""

    def getall(self, name: str, default: Any) -> Any:
        return [self[name]] if name in self else default

    def getone(self, name: str, default: Any) -> Any:
        return self.get(name, default)


def forwarded(text: str) -> None:
    for hop in parse_forwarded(text):
        texts([(part,) for part in (hop.src, hop.host, hop.scheme) if part is not None])
    found = sanic_headers.parse_forwarded(SentHeaders({"forwarded": text}), ProxyConfig)
    assert found is None or all(isinstance(value, (str, int)) for value in found.values())
    names = ("x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-path")
    sanic_headers.parse_xforwarded(SentHeaders(dict.fromkeys(names, text)), ProxyConfig)


def authorization(text: str) -> None:
    texts([split_authorization(text)])
    found = parse_auth(text)
    assert found is None or len(found) == 2
    sanic_headers.parse_credentials(text, ("Bearer", "Token"))
    with FLASK.test_request_context(headers=[("Authorization", text.replace("\r", "").replace("\n", ""))]) as context:
        str(context.request.authorization)


def hosts(text: str) -> None:
    found = parse_host(text)
    if found is not None:
        name, port = found
        assert name and (port is None or 0 <= port <= 65535)
        assert not set(name) & set("/\\@?# \t\r\n\0")
        assert parse_host(name if ":" not in name or name.startswith("[") else f"[{name}]") is not None
        host_matches(name, "*.example.org")
    sanic_headers.parse_host(text)


# ------------------------------------------------------------ paths


def templates(text: str) -> None:
    try:
        found = parse_template("/" + text, DEFAULT_CONVERTERS)
    except BuildError:
        return
    assert found.source == "/" + text


def converters(text: str) -> None:
    for converter in DEFAULT_CONVERTERS.values():
        try:
            value = converter.parse(text)
        except ValueError:
            continue
        if isinstance(value, float):
            assert math.isfinite(value) or not re.fullmatch(converter.regex, text)
    if text.strip("/"):
        path_shift("/a", "/" + quote(text), 1)


# ------------------------------------------------------------ JSON and sessions


def read_json(read: Callable[[bytes], Any], body: bytes) -> Tuple[bool, Any]:
    """Return whether a body is JSON, and its value."""
    try:
        return True, read(body)
    except InvalidJSON:
        return False, None


def codec(text: str) -> None:
    body = as_bytes(text)
    is_json, value = read_json(loads, body)
    was_json, other = read_json(standard_loads, body)
    assert (is_json, repr(value)) == (was_json, repr(other))
    if is_json:
        assert repr(loads(dumps(value))) == repr(value)
        assert repr(json.loads(dumps(value))) == repr(value)


FLASK = Flask("parsers")
FLASK.secret_key = "the secret of the parsers' tests"
STARLETTE: Any = SessionMiddleware(FLASK, secret_key="the secret of the parsers' tests")  # type: ignore[arg-type]  # none is called


def sessions(text: str) -> None:
    assert not STARLETTE._read(text)
    assert unsign("name", text, "the secret") is None
    sent = "".join(character for character in text if character.isprintable())
    with FLASK.test_request_context(headers=[("Cookie", f"session={sent}")]):
        assert not session


PART = '--xx\r\nContent-Disposition: form-data; name="a"; filename="b"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nv\r\n'
DATE = "Tue, 14 Nov 2023 22:13:20 GMT"
PARSERS: Dict[str, Parser] = {
    "query": Parser(query, ("a=1&b=%C3%A9&a=+", "a&=&b=%ff%zz%", "a=1;b=2", "")),
    "cookies": Parser(cookies, ('a=1; b="q\\"\\054"; c', "a=b=c;;; d", 'x="', "\xff=\xfe; $Version=1")),
    "multipart": Parser(multipart, (PART + "--xx--\r\n", PART + PART + "--xx--", PART.replace("\r\n", "\n"), "--xx--\r\n", PART)),
    "form_type": Parser(form_type, ("multipart/form-data; boundary=xx", 'multipart/form-data; boundary="x\\x"; charset=zlib',
                                    "application/x-www-form-urlencoded; charset=utf-8")),
    "disposition": Parser(disposition, ('form-data; name="a"; filename="b\\"c"', "attachment; filename*=UTF-8''%e2%82%ac", "a%41.txt", "\xe9")),
    "accept": Parser(accept, ("text/html;q=0.5, */*;q=0.1", 'a/b;c="d,e";q=1', "*", "text/html;level=1;q=1e999")),
    "ranges": Parser(ranges, ("bytes=0-4", "bytes=-3,5-", "bytes=9-99999999999999999999", "items=1-2", "bytes=\xb2-\xb3")),
    "conditions": Parser(conditions, ('"a"', 'W/"a", "b"', "*", DATE, "Sunday, 06-Nov-94 08:49:37 GMT", '"a')),
    "dates": Parser(dates, (DATE, "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Fri, 31 Dec 9999 23:59:59 -2359")),
    "forwarded": Parser(forwarded, ('for=1.2.3.4;proto=https;host="a:8"', 'secret=s;for="[::1]:80";port=8', "for=_x, for=unknown", "1.2.3.4, 5.6.7.8")),
    "authorization": Parser(authorization, ("Basic YTpi", "Bearer abc", 'Digest username="a", qop=auth', "Token x", "basic \xff")),
    "hosts": Parser(hosts, ("example.org:80", "[::1]:8", "a.b", "1.2.3.4", "[v1.x]", "xn--e1afmkfd.xn--p1ai:65536")),
    "templates": Parser(templates, ("a/{b}", "<int:c>/x", "<c:re:[a-z]+>", "{b:path}", "{a:int(min=1)}-{b}", "{{a}}", "<a:b>")),
    "converters": Parser(converters, ("1", "-1.5", "2023-11-14", "12345678-1234-5678-1234-567812345678", "a-b", "a/b", "nan", "\xb2")),
    "json": Parser(codec, ('{"a": [1, 2.5, null, true, "\\u00e9"]}', "[1e308, -0.0, 12345678901234567890]", '"\\ud800"', "NaN", "1e999", '{"a":1,"a":2}')),
    "sessions": Parser(sessions, ("eyJuIjoxfQ.ZVPrUA.aaaa", ".eJyrVkpUslIyVKoFAA.ZVPrUA.x", "bnVsbA==.ZVPrUA.x", "!aa?bb", "")),
}  # fmt: skip
#: Pieces that mean something to a parser.
TOKENS: List[str] = [
    *"=;,\"'\\%&+-./:*?@[](){}<>|~^!#$ \t\r\n\0\x1b\x7f\x85\xa0\xb2\xff0123456789aAzZ_",
    "--", "--xx", "\r\n", "\r\n\r\n", "%ff", "%00", "%", "%C3%A9", "\\ud800", "\xc3\xa9", "\xed\xa0\x80", "\xc0\xaf", "q=", "charset=", "boundary=", "filename=",
    "filename*=UTF-8''", "name=", "bytes=", "GMT", "1e999", "NaN", "null", "W/", "Basic ", "Bearer ", "for=", "host=", "9" * 30, "{a}", "<int:a>", "{a:path}",
]  # fmt: skip


def check(name: str, text: str) -> Optional[str]:
    """Try a parser; return what is wrong, or None."""
    try:
        PARSERS[name].check(text)
    except Exception as error:
        return f"{name} {text!r}: {type(error).__name__}: {error}"
    return None
