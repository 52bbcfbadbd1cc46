"""What is read from requests: JSON, typed parameters, forms."""

# ruff: noqa: E501 - tables

from __future__ import annotations

import json
from typing import Dict, List

from .app import PREFIXES
from .cases import LOG_MARK, Case, both, case, escaped, is_json, is_json_if_200, multipart_of, named, says

CLIENT = (200, 400, 404, 413, 422)
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
    texts = ["nan", "inf", "-inf", "1e999", "9" * 400, "9" * 5000, "1_0", "١", "²", "%ff", "%00", "%201", "%ed%a0%80", "", "0x1", "1e1000000000", "sNaN", "-0", "true", "P1D", "99999999999999999"]  # fmt: skip
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
        for kind in ("int", "float", "uuid", "bool", "datetime", "date", "json"):
            value = text if "%" in text else escaped(text)
            cases.append(
                case("typed", f"falcon {kind}={named(text)}", f"/fc/facts?{kind}={value}", (200, 400), is_json)
            )
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


#: A broken form was not taken for a whole one.
nothing_read = both(says("fields", {}), says("files", {}))


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


AREAS = {"json": json_bodies, "typed": typed, "forms": forms}
