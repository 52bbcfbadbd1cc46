"""What is read from requests: text, JSON, forms, cookies, headers, sessions."""

# ruff: noqa: E501 - tables

from __future__ import annotations

import base64
import json
from typing import Any, Dict, List, Tuple, Union
from urllib.parse import quote

from .app import PREFIXES
from .cases import LOG_MARK, Case, body_is, both, case, escaped, is_json, named, says
from .sites import KEY

BAD = "\ufffd"
CLIENT = (200, 400, 404, 413, 422)
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
    quoted = raw.decode("utf-8", "werkzeug.url_quote") if _werkzeug() else replaced
    return replaced, quoted, kept, raw.decode("utf-8", "ignore"), "", None


def _werkzeug() -> bool:
    import werkzeug.urls  # registers the error handler

    return bool(werkzeug.urls)


def encoding() -> List[Case]:
    """Return cases with text that is none, in each place."""
    cases = []
    for where, prefix in PREFIXES.items():
        for label, raw in TEXTS.items():
            sent = escaped(raw)
            right = says("a", *readings(raw))
            # Sanic's paths are as they were sent, percent-encoded
            in_path = (
                says("a", *readings(raw), escaped(raw), quote(raw.decode("utf-8", "replace"), safe="()/"))
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


def multipart_of(disposition: bytes, content: bytes, more: bytes = b"") -> Dict[str, Any]:
    """Return the headers and body of a form with one part."""
    head = b"Content-Disposition: " + disposition + b"\r\n" + more
    return {
        "headers": [("content-type", "multipart/form-data; boundary=xx")],
        "body": b"--xx\r\n" + head + b"\r\n" + content + b"\r\n--xx--\r\n",
    }


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


def is_json_if_200(got: Any) -> Any:
    """Check that a 200 is JSON; an error page may be a page."""
    return is_json(got) if got.status == 200 else None


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
                case("cookies", f"{where} good beside {named(value)}", f"{prefix}/cookies", (200, 400), good_if_200,
                     headers=[("cookie", "good=yes"), ("cookie", value)], by_server=(400,) if b"\x01" in _bytes(value) else ())
            )  # fmt: skip
    return cases


def good_if_200(got: Any) -> Any:
    """Check that the cookie `good` was read."""
    return says("good", "yes")(got)


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
    old.get_timestamp = lambda: 1  # type: ignore[method-assign]
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


# ------------------------------------------------------------ JSON bodies

#: JSON bodies: what is sent, and the right statuses.
NO_JSON: Dict[str, bytes] = {
    "nothing": b"", "a cut object": b'{"a":', "two values": b"{} {}", "a comma": b"[1,]", "single quotes": b"{'a': 1}",
    "NaN": b'{"a": NaN}', "Infinity": b"[Infinity]", "-Infinity": b"-Infinity", "no UTF-8": b'"\xff"', "a cut character": b'"\xe2\x82"',
    "an encoded surrogate": b'"\xed\xa0\x80"', "an overlong slash": b'"\xc0\xaf"', "a line break in a text": b'"a\nb"',
    "NUL in a text": b'"a\0b"', "NUL": b"\0", "100,000 deep": b"[" * 100_000, "deep and closed": b"[" * 50_000 + b"]" * 50_000,
    "deep objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "a comment": b"/**/1", "a plus": b"+1", "a leading zero": b"01",
    "a bare dot": b".5", "hex": b"0x1", "a bad escape": b'"\\x41"', "a cut escape": b'"\\u00"', "a word": b"true false", "undefined": b"undefined",
    "blank": b"   ", "a form": b"a=1&b=2", "XML": b"<a/>", "a tab in a text": b'"a\tb"', "a digit of another script": "١".encode(), "5,000 digits": b"9" * 5000,
    "-5,000 digits": b"-" + b"9" * 5000, "5,000 digits, nested": b'{"a": ' + b"1" * 5000 + b"}", "an endless float": b"1e999", "-1e999": b'{"a": [-1e999]}', "vertical tab": b"\x0b1",
}  # fmt: skip
ODD_JSON: Dict[str, bytes] = {
    "half a pair": b'"\\ud800"', "half a pair as key": b'{"\\udc00": 1}', "halves the wrong way": b'"\\udc00\\ud800"', "NUL escaped": b'"\\u0000"',
    "a BOM": b"\xef\xbb\xbf{}", "UTF-16": '{"a": 1}'.encode("utf-16"), "UTF-32": '{"a": 1}'.encode("utf-32"), "UTF-16 without BOM": '{"a": 1}'.encode("utf-16-le"), "1e308": b"1e308",
    "an underflow": b"1e-999", "-0": b"-0.0", "many digits": b"0." + b"1" * 5000, "20 digits": b"12345678901234567890", "keys twice": b'{"a":1,"a":2}', "empty key": b'{"":1}',
    "__proto__": b'{"__proto__": {"a": 1}}', "100 deep": b"[" * 100 + b"]" * 100, "10,000 keys": json.dumps({str(n): n for n in range(10_000)}).encode(),
    "a long text": b'"' + b"x" * 100_000 + b'"', "a line separator": '"\u2028"'.encode(), "null": b"null", "a number": b"1", "a text": b'"a"', "false": b"false", "an element": b'"<script>alert(1)</script>"',
}  # fmt: skip


def json_bodies() -> List[Case]:
    """Return cases with JSON bodies: what is no JSON is a 4xx, what is odd is read or a 4xx, never a 500."""
    cases = []
    sent = [("content-type", "application/json")]
    for where, prefix in PREFIXES.items():
        for label, body in NO_JSON.items():
            empty_is_none = where in ("sanic", "bottle") and not body
            right = (200,) if empty_is_none else (400, 413, 415, 422)
            cases.append(
                case("json", f"{where} {label}", f"{prefix}/json", right, method="POST", headers=sent, body=body)
            )
        for label, body in ODD_JSON.items():
            cases.append(
                case(
                    "json",
                    f"{where} {label}",
                    f"{prefix}/json",
                    CLIENT,
                    is_json_if_200,
                    method="POST",
                    headers=sent,
                    body=body,
                )
            )
    bad = {**NO_JSON, **{label: body for label, body in ODD_JSON.items() if body[:1] != b"{" and label != "a BOM"}}
    for where in ("hybrid", "fastapi"):
        for end in ("model", "embedded"):
            for label, body in bad.items():
                # FastAPI's readers take the words of Python's `json` in what no field of a model is
                right = (200, 400, 422) if end == "model" and label in ("NaN", "-1e999") else (400, 413, 415, 422)
                cases.append(
                    case(
                        "json",
                        f"{where} {end} {label}",
                        f"{PREFIXES[where]}/{end}",
                        right,
                        is_json,
                        method="POST",
                        headers=sent,
                        body=body,
                    )
                )
        for field, values in TYPED.items():
            for value in values:
                cases.append(
                    case("json", f"{where} model {field}={named(value)}", f"{PREFIXES[where]}/model", (200, 400, 422), is_json, method="POST", headers=sent,
                         body=b'{"%s": %s}' % (field.encode(), value))
                )  # fmt: skip
    return cases


NUMBERS = [b"1e999", b"-1e999", b"NaN", b"Infinity", b'"nan"', b'"inf"', b'"Infinity"', b"1e308", b"9" * 400, b'"' + b"9" * 5000 + b'"', b'"\\ud800"', b"null", b"[]", b"{}", b"true", b'""', b'"1_0"', '"١"'.encode(), b'" 1 "', b"-0", b'"sNaN"', b'"1e1000000000"', b"1.5"]  # fmt: skip
TYPED: Dict[str, List[bytes]] = {
    "whole": NUMBERS, "real": NUMBERS, "exact": NUMBERS, "text": [b'"\\ud800"', b'"\\u0000"', b"1", b"[]", b'"\\udc00x"', b'"<script>alert(1)</script>"'],
    "day": [b"1e999", b"99999999999999999", b'"9999-12-31T23:59:59+23:59"', b'"0001-01-01T00:00:00+23:59"', b'"x"', b"-1e20", b'"2020-02-30"', b"NaN", b'"nan"'],
    "key": [b'"x"', b"1", b'"{12345678-1234-5678-1234-567812345678}"', b'"\\ud800"'], "raw": [b'"\\ud800"', b'"\\u00ff"', b"1", b'"\xc3\xbf"'],
    "many": [b"[1e999]", b'["x"]', b"1", b"[" * 300 + b"]" * 300, b"[NaN]", b"[null]"],
}  # fmt: skip


ENDLESS = ("nan", "inf", "-inf", "1e999", "9" * 400, "9" * 5000, "1e1000000000")


def typed() -> List[Case]:
    """Return cases with values for typed parameters: read or refused, and the answer is JSON."""
    cases = []
    texts = ["nan", "inf", "-inf", "1e999", "9" * 400, "9" * 5000, "1_0", "١", "²", "%ff", "%00", "%20 1".replace(" ", ""), "%ed%a0%80", "", "0x1", "1e1000000000", "sNaN", "-0", "true", "P1D", "99999999999999999"]  # fmt: skip
    for where in ("hybrid", "fastapi"):
        prefix = PREFIXES[where]
        for name in ("whole", "real", "exact", "day", "span", "key", "flag", "many", "raw"):
            for text in texts:
                value = text if "%" in text else escaped(text)
                # an endpoint that sends back a number that JSON has not is its author's mistake
                echo = (500,) if name in ("real", "exact") and text in ENDLESS else ()
                cases.append(
                    case(
                        "typed",
                        f"{where} {name}={named(text)}",
                        f"{prefix}/typed?{name}={value}",
                        (200, 400, 422, *echo),
                        None if echo else is_json,
                    )
                )
        for header, name in {"x-int": "x-int", "cookie": "c_int="}.items():
            for text in ("nan", "9" * 5000, "²", "", "\x7f"):
                value = text if header == "x-int" else name + text
                cases.append(
                    case(
                        "typed",
                        f"{where} {header}: {named(value)}",
                        f"{prefix}/typed",
                        (200, 400, 422),
                        is_json,
                        headers=[(header, value)],
                        by_server=(400,),
                    )
                )
        for kind, values in {
            "int": ["9" * 5000, "-1", "%b2", "%C2%B2", "%D9%A1", "1_0", "+1", "1.0", "nan", "%00"],
            "float": ["nan", "inf", "1e999", "9" * 5000, "%D9%A1", "1_0.0", "1..2", "."],
            "uuid": [
                "x",
                "%7B12345678-1234-5678-1234-567812345678%7D",
                "urn:uuid:12345678-1234-5678-1234-567812345678",
                "0" * 5000,
                "%00",
            ],
        }.items():
            for text in values:
                cases.append(
                    case(
                        "typed",
                        f"{where} path {kind}: {named(text)}",
                        f"{prefix}/{kind}/{text}",
                        (200, 400, 404, 422),
                        is_json,
                    )
                )
    for text in texts:
        pairs = "&".join(f"{kind}={text if '%' in text else escaped(text)}" for kind in ("int", "float"))
        for kind in ("int", "float", "uuid", "bool", "datetime", "date", "json"):
            value = text if "%" in text else escaped(text)
            cases.append(
                case("typed", f"falcon {kind}={named(text)}", f"/fc/facts?{kind}={value}", (200, 400), is_json)
            )
        assert pairs
    return cases


# ------------------------------------------------------------ forms

FORM = [("content-type", "multipart/form-data; boundary=xx")]
PART = b'--xx\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
END = b"\r\n--xx--\r\n"
#: Multipart bodies that are cut or broken: 400, for what is missing can't be told from what was not sent.
BROKEN: Dict[str, bytes] = {
    "nothing": b"", "no boundary": b"a=1", "cut in the head": b"--xx\r\nContent-Dispos", "cut in the value": PART + b"some", "cut before the end": PART + b"v\r\n--xx",
    "only the boundary": b"--xx\r\n", "another boundary": PART.replace(b"--xx", b"--yy") + b"v\r\n--yy--\r\n", "no name": PART.replace(b'; name="a"', b"") + b"v" + END,
    "no disposition": b"--xx\r\n\r\nv" + END, "a header without colon": b"--xx\r\nContent-Disposition\r\n\r\nv" + END, "cut after a file": PART + b"v\r\n--xx\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\nabc",
    "a long part header": PART.replace(b"\r\n\r\n", b"\r\nX: " + b"y" * 100_000 + b"\r\n\r\n") + b"v" + END,
}  # fmt: skip
#: What the frameworks read all the same: Falcon a part without a name, all but Falcon an empty body.
EMPTY = ("nothing",)
LENIENT = {
    "hybrid": EMPTY, "fastapi": EMPTY, "flask": EMPTY, "bottle": EMPTY, "falcon": ("no name", "a header without colon"),
    "sanic": ("a long part header",),
}  # fmt: skip
ODD_FORMS: Dict[str, bytes] = {
    "text before": b"preamble\r\n" + PART + b"v" + END, "text after": PART + b"v" + END + b"epilogue", "LF only": (PART + b"v" + END).replace(b"\r\n", b"\n"), "an empty form": b"--xx--\r\n",
    "name in another charset": PART.replace(b'"a"', b'"\xe9"') + b"v" + END, "a name of controls": PART.replace(b'"a"', b'"\x01\x1b"') + b"v" + END, "name without quotes": PART.replace(b'"a"', b"a") + b"v" + END,
    "a charset of the part": PART.replace(b"\r\n\r\n", b"\r\nContent-Type: text/plain; charset=foo\r\n\r\n") + b"v" + END, "codec zlib": PART.replace(b"\r\n\r\n", b"\r\nContent-Type: text/plain; charset=zlib\r\n\r\n") + b"v" + END,
    "base64": PART.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n") + b"!!!" + END, "an unknown coding": PART.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: x\r\n\r\n") + b"v" + END,
    "_charset_": PART.replace(b'"a"', b'"_charset_"') + b"zlib" + END, "nested": PART.replace(b"\r\n\r\n", b"\r\nContent-Type: multipart/mixed; boundary=yy\r\n\r\n") + b"--yy--" + END, "a length of the part": PART.replace(b"\r\n\r\n", b"\r\nContent-Length: 99999999999\r\n\r\n") + b"v" + END,
    "a folded header": PART.replace(b"; name", b";\r\n name") + b"v" + END, "another disposition": PART.replace(b"form-data", b"attachment") + b"v" + END, "a bad escape": PART.replace(b'"a"', b'"a\\"') + b"v" + END,
}  # fmt: skip
FILE_NAMES: Dict[str, bytes] = {
    "parents": b'filename="../../etc/passwd"', "absolute": b'filename="/etc/passwd"', "backslashes": b'filename="..\\\\..\\\\a"', "a drive": b'filename="C:\\a.txt"', "NUL": b'filename="a\0b"', "no UTF-8": b'filename="\xff.txt"',
    "empty": b'filename=""', "dots": b'filename=".."', "a forged line": f'filename="x\x1b[2J{LOG_MARK}"'.encode(), "an element": b'filename="<script>alert(1)</script>"', "long": b'filename="' + b"x" * 5000 + b'"', "extended": b"filename*=UTF-8''%e2%82%ac",
    "extended, no UTF-8": b"filename*=UTF-8''%ff%fe", "extended, no charset": b"filename*=%ff", "extended, codec": b"filename*=zlib''abc", "extended, cut": b"filename*=UTF-8'", "extended, percent": b"filename*=UTF-8''%zz%", "both": b"filename=\"a\"; filename*=UTF-8''b",
    "no end": b'filename="a', "without quotes": b"filename=a b", "a quote": b'filename="a%22b"', "continued": b'filename*0="a"; filename*1="b"', "RFC 2047": b'filename="=?utf-8?B?////?="', "RFC 2047, codec": b'filename="=?zlib?B?////?="', "twice": b'filename="a"; filename="b"',
}  # fmt: skip


def forms() -> List[Case]:
    """Return cases with forms that are cut, broken, odd, too large, or name files strangely."""
    cases = []
    for where, prefix in PREFIXES.items():
        lenient = where == "sanic"  # its `form` is empty where it can't be read, as Sanic's is
        for label, body in BROKEN.items():
            right = (200, 400) if lenient or label in LENIENT.get(where, ()) else (400, 413)
            check = nothing_read if lenient and label not in LENIENT["sanic"] else None
            cases.append(
                case(
                    "forms", f"{where} {label}", f"{prefix}/form", right, check, method="POST", headers=FORM, body=body
                )
            )
        for label, body in ODD_FORMS.items():
            cases.append(
                case(
                    "forms",
                    f"{where} {label}",
                    f"{prefix}/form",
                    (200, 400, 415),
                    is_json_if_200,
                    method="POST",
                    headers=FORM,
                    body=body,
                )
            )
        for label, disposition in FILE_NAMES.items():
            sent = multipart_of(b'form-data; name="f"; ' + disposition, b"content")
            cases.append(
                case(
                    "forms",
                    f"{where} file name: {label}",
                    f"{prefix}/form",
                    (200, 400),
                    is_json_if_200,
                    method="POST",
                    **sent,
                )
            )
        for label, header in {
            "none": "multipart/form-data",
            "empty": "multipart/form-data; boundary=",
            "long": "multipart/form-data; boundary=" + "x" * 3000,
            "cut": 'multipart/form-data; boundary="',
            "a blank": 'multipart/form-data; boundary="a b "',
            "no ASCII": "multipart/form-data; boundary=é",
        }.items():
            cases.append(
                case(
                    "forms",
                    f"{where} boundary: {label}",
                    f"{prefix}/form",
                    (200, 400, 415),
                    is_json_if_200,
                    method="POST",
                    headers=[("content-type", header)],
                    body=PART + b"v" + END,
                )
            )
        urlencoded = [("content-type", "application/x-www-form-urlencoded")]
        bombs = {
            "100,000 pairs": b"a=1&" * 100_000,
            "100,000 separators": b"&" * 100_000,
            "100,000 percent signs": b"a=" + b"%" * 100_000,
        }
        for label, body in bombs.items():
            right = (200, 400, 413)
            cases.append(
                case("forms", f"{where} {label}", f"{prefix}/form", right, method="POST", headers=urlencoded, body=body)
            )
        many = (PART + b"v\r\n") * 5000 + b"--xx--\r\n"
        cases.append(
            case(
                "forms",
                f"{where} 5,000 parts",
                f"{prefix}/form",
                (200,) if lenient else (400, 413),
                method="POST",
                headers=FORM,
                body=many,
            )
        )
        for label, content_type in {
            "utf-7": "utf-7",
            "a codec": "zlib",
            "idna": "idna",
            "unknown": "foo",
            "a NUL": "a%00",
        }.items():
            headers = [("content-type", f"application/x-www-form-urlencoded; charset={content_type}")]
            cases.append(
                case(
                    "forms",
                    f"{where} charset {label}",
                    f"{prefix}/form",
                    (200, 400, 415),
                    method="POST",
                    headers=headers,
                    body=b"a=%ff%c3%a9",
                )
            )
        for content_type in (
            "",
            "text",
            "application/json",
            "multipart/mixed; boundary=xx",
            "application/x-www-form-urlencoded-not",
            ";",
            "\u00e9",
        ):
            cases.append(
                case(
                    "forms",
                    f"{where} as {named(content_type)}",
                    f"{prefix}/form",
                    (200, 400, 415, 422),
                    method="POST",
                    headers=[("content-type", content_type)],
                    body=b"a=1",
                )
            )
    for where in ("hybrid", "fastapi"):
        for label, body in {
            "no number": b"a=x",
            "nothing": b"",
            "digits": b"a=" + b"9" * 5000,
            "no UTF-8": b"a=1&b=%ff",
            "NUL": b"a=1&b=%00",
            "a half": b"a=1&b=%ed%a0%80",
        }.items():
            cases.append(
                case(
                    "forms",
                    f"{where} typed: {label}",
                    f"{PREFIXES[where]}/typed-form",
                    (200, 400, 422),
                    is_json,
                    method="POST",
                    headers=urlencoded,
                    body=body,
                )
            )
    return cases


def nothing_read(got: Any) -> Any:
    """Check that a broken form was not taken for a whole one."""
    return both(says("fields", {}), says("files", {}))(got)


AREAS = {
    "encoding": encoding, "headers": headers, "authorization": authorization, "cookies": cookies, "sessions": sessions,
    "json": json_bodies, "typed": typed, "forms": forms,
}  # fmt: skip
assert body_is
