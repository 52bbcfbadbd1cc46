"""What answers are made of: headers, links, files, ranges, errors, events."""

# ruff: noqa: E501 - tables

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional

from .app import PREFIXES
from .cases import TAG, Case, Got, body_is, both, case, escaped, has, is_json, is_json_if_200, named
from .sites import SECRET, TEN

EVIL: Dict[str, str] = {
    "CR LF": "a\r\nx-evil: 1", "LF": "a\nx-evil: 1", "CR": "a\rx-evil: 1", "NUL": "a\0b", "CR LF CR LF": "a\r\n\r\n<b>", "only LF": "\n", "a latin letter": "\u00e9", "another script": "\u65e5\u672c", "a half": "\ufffd", "ESC": "\x1b[2J", "DEL": "\x7f", "C1": "\x85", "line separator": "\u2028",
    "a quote": 'a"; x="', "a semicolon": "a; path=/; domain=evil", "a comma": "a, b", "a backslash": "a\\", "an angle": ">; rel=x, </b", "blank": "a b", "percent": "%0d%0ax-evil: 1", "slashes": "/evil.example", "an emoji": "\U0001f600",
}  # fmt: skip
BREAKS = set("\r\n\0")
#: Ways that take a header's value as it is: what can't be in a header is the author's mistake, a clean 500.
PLAIN = {"header", "append", "add", "type", "tuple", "etag"}
WAYS: Dict[str, List[str]] = {
    "hybrid": ["header", "cookie", "redirect", "type", "download", "tuple"],
    "fastapi": ["header", "append", "cookie", "redirect", "type", "download"],
    "flask": ["header", "cookie", "redirect", "location", "type", "download", "tuple"],
    "falcon": ["header", "append", "cookie", "redirect", "location", "link", "type", "download", "viewable", "etag"],
    "sanic": ["header", "cookie", "redirect", "type", "download", "stream"],
    "bottle": ["header", "add", "cookie", "signed", "redirect", "type", "download"],
}


def injection() -> List[Case]:
    """Return cases with data in each header that a helper sets."""
    cases = []
    for where, ways in WAYS.items():
        for way in ways:
            for label, value in EVIL.items():
                right: List[int] = [200, 302, 303, 307, 308]
                if way in PLAIN and (
                    BREAKS & set(value) or any(ord(sign) > 255 for sign in value) or not value.isprintable()
                ):
                    right.append(500)
                elif way in ("cookie", "signed"):
                    right += (
                        [500]
                        if not value.isprintable() or any(sign in value for sign in ';, \\"') or not value.isascii()
                        else []
                    )
                elif way in ("download", "stream", "viewable", "redirect", "location", "link") and BREAKS & set(value):
                    right.append(500)  # refused by the peers
                cases.append(
                    case(
                        "injection",
                        f"{where} {way}: {label}",
                        f"{PREFIXES[where]}/out/{way}?v={escaped(value)}",
                        right,
                        split_not,
                    )
                )
    return cases


def split_not(got: Got) -> Optional[str]:
    """Check that neither a link nor a file name nor a cookie became two."""
    if "domain" in _unquoted(got.header("set-cookie")).lower():
        return "a cookie got a domain"
    if "rel=x" in _unquoted(got.header("link")):
        return "a link was forged"
    if "x=" in _unquoted(got.header("content-disposition")):
        return "a parameter was forged"
    location = got.header("location")
    if location and (
        not location.isascii()
        or not location.isprintable()
        or " " in location
        or not location.startswith(("/", "http://testserver/"))
    ):
        return "the location is not a URL of this host"
    return None


def _unquoted(value: str) -> str:
    """Return a header without its quoted strings."""
    return re.sub(r'"(?:\\.|[^"\\])*"|<[^>]*>', "", value)


def outputs() -> List[Case]:
    """Return cases with values that an answer can't say as they are."""
    cases = []
    for where, prefix in PREFIXES.items():
        for value in ("nan", "inf"):
            # what is no number in JSON is null, or the mistake of who sends it; Flask and Bottle write Python's words
            cases.append(
                case(
                    "outputs",
                    f"{where} number: {value}",
                    f"{prefix}/out/number?v={value}",
                    (200, 500),
                    number_or_null if where in ("flask", "bottle") else is_json_if_200,
                )
            )
        cases.append(case("outputs", f"{where} half a pair in text", f"{prefix}/out/text?v=a", (200, 500)))
        cases.append(
            case("outputs", f"{where} half a pair in JSON", f"{prefix}/out/json?v=a", (200, 500), is_json_if_200)
        )
    return cases


def number_or_null(got: Got) -> Optional[str]:
    """Check that the words of Python's `json` are all that is no JSON."""
    return is_json(got._replace(body=got.body.replace(b"NaN", b"null").replace(b"Infinity", b"null")))


def events() -> List[Case]:
    """Return cases with data in the fields of server-sent events."""
    cases = []
    values = {
        "LF": "a\nevent: evil",
        "CR": "a\revent: evil",
        "CR LF": "a\r\nevent: evil",
        "two": "a\n\nevent: evil\ndata: 1\n\n",
        "NUL": "a\0b",
        "a half": "\ufffd",
        "colon": ": x",
        "line separator": "\u2028event: evil",
        "another script": "\u65e5",
    }
    for where, end in {"hybrid": "/out/event", "fastapi": "/fa/events", "falcon": "/fc/out/event"}.items():
        for label, value in values.items():
            cases.append(case("events", f"{where} {label}", f"{end}?v={escaped(value)}", (200, 500), no_forged_event))
    return cases


def no_forged_event(got: Got) -> Optional[str]:
    """Check that no field begins a line that was sent as data."""
    lines = got.body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return "an event was forged" if b"event: evil" in lines or b"event:evil" in lines else None


# ------------------------------------------------------------ files

#: End points that serve files below a folder.
FOLDERS = {
    "hybrid send_from_directory": "/files", "hybrid StaticFiles": "/static", "fastapi StaticFiles": "/fa/static", "fastapi StaticFiles(html)": "/fa/files", "flask static": "/fl/static", "flask send_from_directory": "/fl/files",
    "falcon static": "/fc/static", "falcon downloadable": "/fc/files", "sanic static": "/sa/static", "sanic file": "/sa/files", "bottle static_file": "/bo/files",
}  # fmt: skip
SHOTS = [
    "../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "%2e%2e%2fsecret.txt", "..%5csecret.txt", "..\\secret.txt", "%252e%252e%252fsecret.txt", "sub/../../secret.txt", "sub/..%2f..%2fsecret.txt", "....//secret.txt",
    "../public-not/secret.txt", "..%2fpublic-not%2fsecret.txt", "/etc/passwd", "%2fetc%2fpasswd", "//etc/passwd", "link.txt", "loop", "pipe", "a.txt%00", "a.txt%00.jpg", "%00", "sub", "sub/", ".", "..", "", "%2e", "a.txt/", "a.txt/..", "a.txt/x",
    "x" * 300, "x" * 5000, "sub/" * 500, "%ff", "%c0%ae%c0%ae/secret.txt", "%e0%80%ae./secret.txt", "a.txt%0a", "~root", "file:///etc/passwd", "C:%5cwindows", "a.txt::$DATA", "%ed%a0%80", "nul", "a.txt.", "a.txt%20", "%0d%0ax-evil:1", "*", "./a.txt", "sub%2fb.txt", "-", "...",
]  # fmt: skip


def traversal() -> List[Case]:
    """Return cases with ways out of the folder: not found, or a file that is in it."""
    cases = []
    for where, folder in FOLDERS.items():
        for shot in SHOTS:
            cases.append(
                case(
                    "traversal",
                    f"{where} {named(shot)}",
                    f"{folder}/{shot}",
                    (200, 301, 302, 307, 308, 400, 403, 404, 405, 414),
                    only_public,
                    by_server=(400, 414),
                )
            )
    return cases


def only_public(got: Got) -> Optional[str]:
    """Check that a file that is answered is one of the folder."""
    if got.status == 200 and got.text not in (TEN, ""):
        return "something else was answered"
    location = got.header("location")
    if location.startswith(("//", "/\\", "\\")) or (location.startswith("http") and "testserver" not in location):
        return "a redirect leaves the host"
    return SECRET if SECRET in got.text else None


FILES = {
    "hybrid FileResponse": "/file", "hybrid send_from_directory": "/files/a.txt", "hybrid StaticFiles": "/static/a.txt", "fastapi FileResponse": "/fa/file", "fastapi StaticFiles": "/fa/static/a.txt", "flask send_file": "/fl/file",
    "flask static": "/fl/static/a.txt", "falcon static": "/fc/static/a.txt", "sanic static": "/sa/static/a.txt", "bottle static_file": "/bo/file",
}  # fmt: skip
MODIFIED = "Tue, 14 Nov 2023 22:13:20 GMT"
BEFORE = "Tue, 14 Nov 2023 22:13:19 GMT"
AFTER = "Wed, 15 Nov 2023 00:00:00 GMT"
#: A malformed range: ignored (RFC 9110), 400 (Starlette, Falcon) or 416 (Werkzeug, Bottle, Sanic); never a part.
NONE = (200, 400, 416), None
#: Ranges of a file of ten bytes (RFC 9110, section 14): the status, the body, `Content-Range`.
RANGES: Dict[Any, Any] = {
    "bytes=0-4": (206, "01234", "bytes 0-4/10"), "bytes=5-": (206, "56789", "bytes 5-9/10"), "bytes=-3": (206, "789", "bytes 7-9/10"), "bytes=-20": (206, TEN, "bytes 0-9/10"), "bytes=9-9": (206, "9", "bytes 9-9/10"), "bytes=0-99": (206, TEN, "bytes 0-9/10"),
    "bytes=10-": (416, None, "bytes */10"), "bytes=99-100": (416, None, "bytes */10"), "bytes=-0": NONE,
    "bytes=5-2": NONE, "bytes=a-b": NONE, "bytes": NONE, "items=0-1": NONE, "bytes=": NONE, "bytes=-": NONE, "bytes=--1": NONE, "bytes=1-2-3": NONE, "bytes=\u00b2-": NONE, b"bytes=\xb2-": NONE, b"bytes=0-\xb2": NONE, "bytes=1-2,x": NONE, "bytes=x,1-2": NONE, "bytes=1-2,-": NONE, "bytes=+1-2": NONE, "bytes=1_0-": NONE, "bytes=0x1-": NONE, "bytes=1.0-": NONE,
}  # fmt: skip
#: Preconditions (RFC 9110, section 13.2.2); `{etag}` is the file's.
CONDITIONS: Dict[str, Any] = {
    "If-None-Match: {etag}": 304, "If-None-Match: *": 304, 'If-None-Match: "x", {etag}': 304, "If-None-Match: W/{etag}": 304, 'If-None-Match: "x"': 200, "If-Match: *": 200, "If-Match: {etag}": 200, 'If-Match: "x", {etag}': 200, 'If-Match: "x"': 412, "If-Match: W/{etag}": 412,
    f"If-Modified-Since: {MODIFIED}": 304, f"If-Modified-Since: {AFTER}": 304, f"If-Modified-Since: {BEFORE}": 200, "If-Modified-Since: junk": 200, f"If-Unmodified-Since: {MODIFIED}": 200, f"If-Unmodified-Since: {BEFORE}": 412, "If-Unmodified-Since: junk": 200,
    f'If-None-Match: "x"|If-Modified-Since: {AFTER}': 200, f"If-Match: {{etag}}|If-Unmodified-Since: {BEFORE}": 200, f"If-None-Match: {{etag}}|If-Modified-Since: {BEFORE}": 304, "If-Range: {etag}|Range: bytes=0-1": 206, 'If-Range: "x"|Range: bytes=0-1': 200, "If-Range: W/{etag}|Range: bytes=0-1": 200, f"If-Range: {MODIFIED}|Range: bytes=0-1": 206, f"If-Range: {BEFORE}|Range: bytes=0-1": 200,
    "If-Range: junk|Range: bytes=0-1": 200, 'If-Match: "x"|Range: bytes=0-1': 412, "If-None-Match: {etag}|Range: bytes=99-": 304,
}  # fmt: skip


def ranges() -> List[Case]:
    """Return cases with ranges, on every end point that serves a file."""
    cases = []
    for where, target in FILES.items():
        for value, (status, body, *content_range) in RANGES.items():
            checks = [] if body is None else [body_is(body.encode())]
            checks += [has("content-range", text) for text in content_range]
            cases.append(case("ranges", f"{where} {value}", target, status, both(*checks), headers=[("range", value)]))
            cases.append(
                case(
                    "ranges",
                    f"{where} HEAD {value}",
                    target,
                    (200, 206, 400, 405, 416),
                    method="HEAD",
                    headers=[("range", value)],
                )
            )
    return cases


def conditions() -> List[Case]:
    """Return cases with preconditions; `ETAG` in a header stands for the file's own tag."""
    cases = []
    for where, target in FILES.items():
        for text, status in CONDITIONS.items():
            headers = [tuple(line.replace("{etag}", "ETAG").split(": ", 1)) for line in text.split("|")]
            cases.append(case("conditions", f"{where} {text}", target, status, no_body_if_304, headers=headers))
    return cases


def no_body_if_304(got: Got) -> Optional[str]:
    """Check that what has no body has none, and what is a part is this part."""
    return {304: body_is(b""), 200: body_is(TEN.encode()), 206: body_is(b"01")}.get(got.status, lambda _: None)(got)


# ------------------------------------------------------------ errors and methods


def errors() -> List[Case]:
    """Return cases whose error pages could show what was sent, or what is inside."""
    cases = []
    accepts = ["text/html", "application/json", "text/plain", "application/xml", "*/*", "text/html;q=0", ""]
    for where, prefix in PREFIXES.items():
        for accept in accepts:
            sent = [("accept", accept), ("user-agent", TAG), ("referer", TAG)]
            for target, status in {
                f"/{escaped(TAG)}": 404, f"/nowhere?x={escaped(TAG)}": 404, f"/nowhere?x={TAG.replace(' ', '')}": 404, f"/boom/{escaped(TAG)}": 500, f"/query/{escaped(TAG)}/": 404,
            }.items():  # fmt: skip
                cases.append(
                    case(
                        "errors",
                        f"{where} {target} as {accept!r}",
                        prefix + target,
                        (status, 400),
                        headers=sent,
                        by_server=(400,),
                    )
                )
            cases.append(
                case(
                    "errors",
                    f"{where} bad JSON as {accept!r}",
                    f"{prefix}/json",
                    (400, 422),
                    method="POST",
                    headers=[*sent, ("content-type", "application/json")],
                    body=TAG.encode(),
                )
            )
            cases.append(
                case(
                    "errors",
                    f"{where} wrong method as {accept!r}",
                    f"{prefix}/query",
                    405,
                    method="DELETE",
                    headers=sent,
                )
            )
    return cases


def methods() -> List[Case]:
    """Return cases with methods that no route has; hypercorn sends them on in upper case."""
    cases = []
    for where, prefix in PREFIXES.items():
        for method in (
            "DELETE",
            "PUT",
            "PATCH",
            "POST",
            "PROPFIND",
            "MKCOL",
            "LOCK",
            "SEARCH",
            "TRACE",
            "FOO",
            "get",
            "Get",
            "M-SEARCH",
            "X" * 60,
        ):
            cases.append(
                case(
                    "methods",
                    f"{where} {named(method)}",
                    f"{prefix}/query",
                    (405, 501, 400),
                    allowed,
                    method=method,
                    by_server=(200, 400, 405, 501),
                )
            )
        for method in ("HEAD", "OPTIONS"):  # each class does as its framework
            cases.append(case("methods", where, f"{prefix}/query", (200, 204, 405), method=method))
        for method in ("GET", "DELETE", "FOO"):
            cases.append(
                case(
                    "methods",
                    f"{where} {method} of a POST",
                    f"{prefix}/json",
                    (405, 501, 400),
                    allowed,
                    method=method,
                    by_server=(200, 400, 405, 501),
                )
            )
    return cases


def allowed(got: Got) -> Optional[str]:
    """Check that a 405 says what is allowed."""
    return None if got.status != 405 or got.header("allow") else "no Allow"


AREAS = {
    "injection": injection, "outputs": outputs, "events": events, "traversal": traversal, "ranges": ranges, "conditions": conditions, "errors": errors, "methods": methods,
}  # fmt: skip
