"""What is read from requests: text, headers, cookies, sessions."""

# ruff: noqa: E501 - tables

from __future__ import annotations

import base64
import json
from typing import Any, Dict, List, Tuple, Union
from urllib.parse import quote

import werkzeug.urls  # noqa: F401  # registers the error handler `werkzeug.url_quote`

from .app import PREFIXES
from .cases import LOG_MARK, Case, case, escaped, is_json, is_json_if_200, multipart_of, named, says
from .sites import KEY

BAD = "\ufffd"
#: Bytes that are no UTF-8, and text that is trouble.
TEXTS: Dict[str, bytes] = {
    "a lone byte": b"\xff",
    "a cut character": b"\xe2\x82",
    "an overlong dot": b"\xc0\xae",
    "an overlong slash": b"\xc0\xaf",
    "a surrogate": b"\xed\xa0\x80",
    "beyond Unicode": b"\xf5\x80\x80\x80",
    "NUL": b"a\0b",
    "CR LF": b"a\r\nb",
    "ESC": b"\x1b[2J",
    "a C1 control": "\x85\x9b".encode(),
    "a line separator": "\u2028".encode(),
    "right to left": "\u202eabc".encode(),
    "a forged line": f"\n{LOG_MARK}".encode(),
    "an element": b"<script>alert(1)</script>",
    "4 kB": b"x" * 4000,
    "a percent sign": b"%",
    "digits of another script": "\u0663\u00b2".encode(),
}


def readings(raw: bytes) -> Tuple[Any, ...]:
    """Return how a text may be read: as UTF-8 with what is none replaced, kept encoded, or dropped."""
    replaced = raw.decode("utf-8", "replace")
    kept = "".join(character if ord(character) != 0xFFFD else "" for character in replaced)
    quoted = raw.decode("utf-8", "werkzeug.url_quote")
    return replaced, quoted, kept, raw.decode("utf-8", "ignore"), "", None


def encoding() -> List[Case]:
    """Return cases with text that is none, in each place."""
    cases = []
    for where, prefix in PREFIXES.items():
        for label, raw in TEXTS.items():
            sent = escaped(raw)
            right = says("a", *readings(raw))
            # Sanic's paths are as they were sent, percent-encoded
            in_path = (
                says("a", *readings(raw), escaped(raw), quote(raw.decode("utf-8", "replace"), safe="()"))
                if where == "sanic"
                else right
            )
            cases.append(case("encoding", f"{where} query: {label}", f"{prefix}/query?a={sent}", (200, 400), right))
            cases.append(case("encoding", f"{where} path: {label}", f"{prefix}/path/{sent}", (200, 400, 404), in_path))
            form = [("content-type", "application/x-www-form-urlencoded")]
            in_form = f"{where} form: {label}"
            cases.append(
                case(
                    "encoding",
                    in_form,
                    f"{prefix}/form",
                    (200, 400),
                    method="POST",
                    headers=form,
                    body=b"a=" + sent.encode(),
                )
            )
            multipart = multipart_of(b'form-data; name="a"', raw)
            cases.append(
                case("encoding", f"{where} part: {label}", f"{prefix}/form", (200, 400), method="POST", **multipart)
            )
            cases.append(case("encoding", f"{where} not found: {label}", f"{prefix}/nowhere/{sent}", (400, 404)))
            cases.append(case("encoding", f"{where} failure: {label}", f"{prefix}/boom/{sent}", (500, 400, 404)))
        for raw_name in (
            b"%",
            b"%zz",
            b"%u0041",
            b"%f",
            b"+",
            b"&&&",
            b"=",
            b"a=%",
            b"a=%%%",
            b"a=%2",
            b"a[]=1",
            b";a=1",
            b"?a=1",
        ):
            cases.append(
                case(
                    "encoding",
                    f"{where} query: {named(raw_name)}",
                    f"{prefix}/query?{raw_name.decode()}",
                    (200, 400),
                    is_json,
                )
            )
    return cases


# ------------------------------------------------------------ headers that helpers parse

JUNK: Dict[str, List[Union[str, bytes]]] = {
    "authorization": [b"Basic \xb2",
        "", "Basic", "Basic ", "Basic !!!", "Basic Og==", "Basic YQ==", "Basic /////w==", "Basic YTpi YTpi", "basic YTpi",
        "Bearer", "Bearer  a  b", 'Digest nonce="', 'Digest """', "Digest =,=,=", ":", "Basic Basic", "Negotiate ====",
        b"\xff\xfe", b"Basic \xff", b"\xffearer x", "Bearer\tx", "Basic " + "Q" * 4001, "Basic " + "=" * 50, "Basic YTpi\u00e9",
        "Digest username*=UTF-8''%ff", "Basic " + base64.b64encode(b"\xff:\xfe").decode(), "Basic YTpi,Bearer x", "\u00b2",
        "Basic " + base64.b64encode(b"a\r\nx-evil: 1:b").decode(), "Basic 0", "Token", "Digest realm=\"a\" qop=auth",
    ],
    "forwarded": [
        "", 'for="', "for=;;;", 'for="[::1', "for=_a,for=\"_b:99999999999\"", 'for="1.2.3.4:port"', 'by=;host="evil\\"',
        "=;=;=", "for=1.2.3.4;for=5.6.7.8", 'secret=s;for="', "secret=s;proto=javascript;host=\"<a>\"", "for", ",,,,",
        b"for=\xff", "for=\u00e9", "secret=s;port=abc", "for=\"\\\\\\\\\"", "host=a b", "for=" + "x" * 4000, "secret=s;port=99999999",
        "secret=s;for=unknown;path=%ff%zz;port=-1", "proto=https" * 100,
    ],
    "x-forwarded-for": ["", ",", ", , ,", "[::1", "1.2.3.4:abc", b"\xff", "_x", "1.2.3.4, evil\u00e9", ":" * 300, "unknown", "1" * 4000],
    "x-forwarded-port": [b"\xb2", "", "abc", "99999999", "-1", "\u00b2", "1e3", "0x10", "١", "8" * 5000],
    "x-forwarded-proto": ["", "javascript", "https,http", "\u00e9", "<a>", "ht tp"],
    "x-forwarded-host": ["", "a b", "a/b", "a:b:c", "[", "evil.example,x", b"\xff", "a@b", ":80", "a:99999999", "<a>"],
    "x-forwarded-path": ["", "%ff", "//evil", "\u00e9"],
    "x-scheme": ["", "javascript"],
    "x-real-ip": ["", "x", "[::"],
    "accept": [b"text/html;q=\xb2",
        "", "*", "*/*;q=abc", "text/html;q=-1", "text/html;q=1e999", "text/html;q=nan", ";;;;", "a/b/c", ",", 'text/*;q="',
        "text/html;q", "/", "text/", "/html", "*/html", "text/html;q=0.1234567", "text/html;;;q=1", "a/b," * 500, b"\xff/\xff",
        "text/html;q=\u00b2", "text/html;level=\"a,b\";q=0.5", "text/html;q=inf", "text/html; q = 0.5", "=", "text/html;=",
    ],
    "accept-language": [b"en;q=\xb2", "", "-", "en;q=\u00b2", "en;q=nan", "*;q=", ",,,", b"\xff", "en-" * 500, "x" * 4000, "de;q=1e400", "de;q=-0"],
    "accept-encoding": ["", "gzip;q=foo", "gzip;q=", ";", "*;q=nan", b"\xff", "gzip," * 500, "br;q=1e999"],
    "accept-charset": ["", "utf-8;q=x", ";q", "*;q=nan", b"\xff"],
    "range": [b"bytes=\xb2-", b"bytes=-\xb3",
        "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=\u00b2-", "bytes=" + "0-0," * 900 + "0-0", "items=0-1",
        "bytes=99999999999999999999999999-", "=", "bytes=0-0;1", "bytes=--1", "bytes=1-2-3", "bytes= 0 - 1", b"bytes=\xff-", "bytes=0-" + "9" * 5000,
        "bytes=-" + "9" * 5000, "bytes=١-٢", "bytes=+1-2", "bytes=1_0-", "BYTES=0-1", "bytes=0-1,", "bytes=,", "0-1",
    ],
    "if-range": [b"\xb2", "", '"', "W/", 'W/"a"', "Thu, 99 Foo 2020", b"\xff", "0", "\u00b2", 'W/"', "Mon, 01 Jan 0000 00:00:00 GMT"],
    "if-match": ["", '"', "W/", "*,*", 'W/"a"', '"a', "a", b'"\xff"', '"a",' * 500, "\\", '"a"b"c"', "W/W/\"a\""],
    "if-none-match": ["", '"', "W/", "*,*", 'W/"a"', '"a', "a", b'"\xff"', '"a",' * 500, "\\", '"' * 4000],
    "if-modified-since": [b"\xb2",
        "", "Thu, 99 Foo 2020", "Mon, 01 Jan 99999 00:00:00 GMT", "0", "-1", "Mon, 01 Jan 0000 00:00:00 GMT", "\u00b2", b"\xff",
        "Mon, 01 Jan 2020 25:61:61 GMT", "Mon, 01 Jan 2020 00:00:00 +9999", "Mon, 01 Jan 2020 00:00:00 -9999", "x" * 4000,
        "Mon, 31 Feb 2020 00:00:00 GMT", "Mon, 01 Jan 1 00:00:00 GMT", "9" * 500, "Mon, 01 Jan ٢٠٢٠ 00:00:00 GMT", "Jan",
        "Mon, 01 Jan 2020", "2020-01-01T00:00:00Z", "Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 01 Jan 0001 00:00:00 +2359",
    ],
    "content-type": [b"\xb2",
        "", "/", ";", "text", "application/json; charset=foo", 'application/json; charset="', "multipart/form-data",
        "multipart/form-data; boundary=", 'multipart/form-data; boundary="', "multipart/form-data; boundary=" + "x" * 4000,
        "application/x-www-form-urlencoded; charset=utf-7", "application/json; charset=undefined", "application/json;charset=idna",
        "text/plain; charset=rot13", "application/x-www-form-urlencoded; charset=zlib", "text/plain; charset=\0", b"\xff/\xff",
        b"multipart/form-data; boundary=\xff", "a/b; c", "a/b; c=; =d; ;;", "application/json; charset*=utf-8''%ff", "text/html; x=\"\\",
        "application/json, text/plain", "\u00b2/\u00b2", "multipart/form-data; boundary*=utf-8''a%ff", "application/json; charset=utf-16",
        "application/x-www-form-urlencoded; charset=punycode", "text/plain; charset=unicode_escape", "application/json;" * 200,
    ],
    "cookie": [
        "", "a", "=", 'a="', 'a="\\', ";;;;", "a=b; a=c", b"\xff=\xff", "a=\x01", "__proto__=1", "$Version=1; a=b", "a=" + "x" * 4000,
        'a="\\999"', 'a="\\0"', 'a="\\377"', "a[]=1", "a b=c", "=b", "a==b", "a=%ff%00", "expires=x; path=/", "a=\u00e9", b"a=\xe9",
        'a="b;c"', "a=b,c=d", "\u00e9=1", 'session="', "session=.", "session=!x", "n=!x?y", "httponly; secure", "a=\t", "a;b;c", "\\=\\",
        "a=!a?gAR9lC4=", 'a="\\012x-evil: 1"',
    ],
    "date": ["", "x", "Mon, 01 Jan 0000 00:00:00 GMT", b"\xff"],
    "x-date": ["", "x", "Mon, 01 Jan 0000 00:00:00 GMT", b"\xff", "Mon, 01 Jan 2020 00:00:00 +9999"],
    "x-int": [b"\xb2", "", "x", "\u00b2", "9" * 5000, "1_0", "١", "+1", " 1 ", "0x1", "nan", "1e3", b"\xff", "-1"],
    "max-forwards": [b"\xb2", "", "abc", "\u00b2", "-1", "9" * 5000],
    "origin": ["", "null", "x", b"\xff", "http://[", "a b"],
    "referer": ["", "http://[", b"\xff", "javascript:alert(1)", "x" * 4000],
    "user-agent": ["", b"\xff", "x" * 4000, "\u00e9"],
    "cache-control": [b"max-age=\xb2", "", 'max-age="', "max-age=abc", ",,,", "=", "max-age=-1", b"\xff", "max-age=\u00b2", "max-age=" + "9" * 5000],
    "pragma": ["", "=", b"\xff"],
    "content-md5": ["", "x", b"\xff"],
    "content-encoding": ["", "gzip", "x,y", b"\xff"],
    "expect": ["", "x", b"\xff"],
    "access-control-request-headers": ["", ",,,", b"\xff", "a b"],
    "access-control-request-method": ["", "a b", b"\xff"],
    "x-requested-with": ["", b"\xff"],
    "last-event-id": [b"\xff", "\u00e9"],
    "x-http-method-override": ["", "A B", b"\xff"],
}  # fmt: skip
#: Headers that say how a body comes, so that a server looks at them first.
FRAMING = {"expect"}


def headers() -> List[Case]:
    """Return cases with junk in each header that a helper parses."""
    cases = []
    for where, prefix in PREFIXES.items():
        for header, values in JUNK.items():
            # the hybrid app's and FastAPI's requests parse few headers themselves
            for value in (
                values[::3] if where in ("hybrid", "fastapi") and header not in ("content-type", "cookie") else values
            ):
                server = (
                    (400, 417, 431) if header in FRAMING or b"\x01" in _bytes(value) or b"\0" in _bytes(value) else ()
                )
                cases.append(
                    case(
                        "headers", f"{where} {header}: {named(value)}", f"{prefix}/facts", (200, 400), is_json_if_200,
                        headers=[(header, value)], by_server=server,
                    )
                )  # fmt: skip
    return cases


def _bytes(value: Union[str, bytes]) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def authorization() -> List[Case]:
    """Return cases with junk credentials for each security scheme; none of them lets anybody in as somebody."""
    cases = []
    for where in ("hybrid", "fastapi"):
        for scheme in ("basic", "bearer", "digest", "oauth2"):
            for value in JUNK["authorization"]:
                cases.append(
                    case(
                        "authorization", f"{where} {scheme}: {named(value)}", f"{PREFIXES[where]}/auth/{scheme}",
                        (200, 401, 400), is_json, headers=[("authorization", value)],
                    )
                )  # fmt: skip
        for scheme, header in {"header": "x-key", "cookie": "cookie"}.items():
            for value in ("", b"\xff", 'key="', "x" * 4000):
                cases.append(
                    case(
                        "authorization", f"{where} {scheme}: {named(value)}", f"{PREFIXES[where]}/auth/{scheme}",
                        (200, 401), is_json, headers=[(header, value)],
                    )
                )  # fmt: skip
    return cases


def cookies() -> List[Case]:
    """Return cases with junk among cookies: the good one is still read."""
    cases = []
    for where, prefix in PREFIXES.items():
        for value in JUNK["cookie"]:
            cases.append(
                case("cookies", f"{where} {named(value)}", f"{prefix}/cookies", (200, 400), is_json_if_200, headers=[("cookie", value)],
                     by_server=(400,) if b"\x01" in _bytes(value) else ())
            )  # fmt: skip
            cases.append(
                case("cookies", f"{where} good beside {named(value)}", f"{prefix}/cookies", (200, 400), says("good", "yes"),
                     headers=[("cookie", "good=yes"), ("cookie", value)], by_server=(400,) if b"\x01" in _bytes(value) else ())
            )  # fmt: skip
    return cases


# ------------------------------------------------------------ sessions and signed cookies


def sessions() -> List[Case]:
    """Return cases with sessions that are forged, foreign, expired or unreadable: each is an empty one."""
    cases = []
    values: Dict[str, Union[str, bytes]] = {**dict(forged()), "bytes": b"\xff\xfe", "text": "\u00e9"}
    for where in ("hybrid", "fastapi", "flask", "bottle"):
        for label, value in values.items():
            header = b"session=" + _bytes(value)
            cases.append(
                case(
                    "sessions",
                    f"{where} {label}",
                    f"{PREFIXES[where]}/session",
                    200,
                    says("n", None),
                    headers=[("cookie", header)],
                )
            )
    return cases


def forged() -> List[Tuple[str, str]]:
    """Return cookies that are no session of this app."""
    import hashlib
    import hmac
    import pickle
    import zlib

    from itsdangerous import TimestampSigner, URLSafeSerializer, URLSafeTimedSerializer

    payload = base64.b64encode(json.dumps({"n": 1}).encode()).decode()
    foreign, other_salt = (
        URLSafeTimedSerializer("another key", salt="cookie-session"),
        URLSafeTimedSerializer(KEY, salt="x"),
    )
    own = URLSafeTimedSerializer(
        KEY, salt="cookie-session", signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha1}
    )
    old = TimestampSigner(KEY)
    old.get_timestamp = lambda: 1  # type: ignore[method-assign]  # in 1970
    no_json = TimestampSigner(KEY).sign(base64.b64encode(b"\xff{")).decode()
    not_base64 = TimestampSigner(KEY).sign(b"!!!").decode()
    number = TimestampSigner(KEY).sign(base64.b64encode(b"1")).decode()
    deep = TimestampSigner(KEY).sign(base64.b64encode(b"[" * 100_00)).decode()[:3500]
    evil = pickle.dumps({"n": 1})
    signed = base64.b64encode(hmac.new(KEY.encode(), evil, hashlib.sha256).digest()).decode()
    good = own.dumps({"n": 1})
    return [
        ("empty", ""), ("a dot", "."), ("dots", "..."), ("not signed", payload), ("foreign", foreign.dumps({"n": 1})),
        ("another salt", other_salt.dumps({"n": 1})), ("cut", good[:-3]), ("tampered", "x" + good), ("no time", URLSafeSerializer(KEY).dumps({"n": 1})),
        ("expired", old.sign(payload).decode()), ("no JSON", no_json), ("no base64", not_base64), ("a number", number), ("deep", deep),
        ("a pickle", f"!{signed}?{base64.b64encode(evil).decode()}"), ("half a pickle", f"!?{payload}"), ("only marks", "!?"),
        ("a bomb", "." + base64.urlsafe_b64encode(zlib.compress(b"0" * 1_000_000)).decode()[:2000] + ".aa.bb"), ("null", "null"), ("a space", " "),
        ("3 kB", "x" * 3000), ("a quote", '"'), ("an escape", '"\\377"'), ("no time at all", payload + ".!!!.???"), ("negative", payload + ".-1.x"),
    ]  # fmt: skip


AREAS = {
    "encoding": encoding, "headers": headers, "authorization": authorization, "cookies": cookies, "sessions": sessions,
}  # fmt: skip
