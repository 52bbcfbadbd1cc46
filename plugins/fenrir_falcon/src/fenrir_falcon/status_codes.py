"""Status lines such as `HTTP_200` and `HTTP_OK`, and conversions between lines and codes.

The lines are written out, since they are Falcon's public names and do not depend on the Python version.

Source: RFC 9110, section 15, and the IANA registry of HTTP status codes.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Dict, Union

__all__ = [
    "HTTP_100",
    "HTTP_101",
    "HTTP_102",
    "HTTP_103",
    "HTTP_200",
    "HTTP_201",
    "HTTP_202",
    "HTTP_203",
    "HTTP_204",
    "HTTP_205",
    "HTTP_206",
    "HTTP_207",
    "HTTP_208",
    "HTTP_226",
    "HTTP_300",
    "HTTP_301",
    "HTTP_302",
    "HTTP_303",
    "HTTP_304",
    "HTTP_305",
    "HTTP_307",
    "HTTP_308",
    "HTTP_400",
    "HTTP_401",
    "HTTP_402",
    "HTTP_403",
    "HTTP_404",
    "HTTP_405",
    "HTTP_406",
    "HTTP_407",
    "HTTP_408",
    "HTTP_409",
    "HTTP_410",
    "HTTP_411",
    "HTTP_412",
    "HTTP_413",
    "HTTP_414",
    "HTTP_415",
    "HTTP_416",
    "HTTP_417",
    "HTTP_418",
    "HTTP_421",
    "HTTP_422",
    "HTTP_423",
    "HTTP_424",
    "HTTP_425",
    "HTTP_426",
    "HTTP_428",
    "HTTP_429",
    "HTTP_431",
    "HTTP_451",
    "HTTP_500",
    "HTTP_501",
    "HTTP_502",
    "HTTP_503",
    "HTTP_504",
    "HTTP_505",
    "HTTP_506",
    "HTTP_507",
    "HTTP_508",
    "HTTP_510",
    "HTTP_511",
    "HTTP_701",
    "HTTP_702",
    "HTTP_703",
    "HTTP_710",
    "HTTP_711",
    "HTTP_712",
    "HTTP_719",
    "HTTP_720",
    "HTTP_721",
    "HTTP_722",
    "HTTP_723",
    "HTTP_724",
    "HTTP_725",
    "HTTP_726",
    "HTTP_727",
    "HTTP_740",
    "HTTP_741",
    "HTTP_742",
    "HTTP_743",
    "HTTP_744",
    "HTTP_745",
    "HTTP_748",
    "HTTP_749",
    "HTTP_750",
    "HTTP_753",
    "HTTP_754",
    "HTTP_755",
    "HTTP_759",
    "HTTP_771",
    "HTTP_772",
    "HTTP_773",
    "HTTP_774",
    "HTTP_776",
    "HTTP_777",
    "HTTP_778",
    "HTTP_779",
    "HTTP_780",
    "HTTP_781",
    "HTTP_782",
    "HTTP_783",
    "HTTP_784",
    "HTTP_785",
    "HTTP_786",
    "HTTP_791",
    "HTTP_792",
    "HTTP_797",
    "HTTP_799",
    "HTTP_ACCEPTED",
    "HTTP_ALREADY_REPORTED",
    "HTTP_BAD_GATEWAY",
    "HTTP_BAD_REQUEST",
    "HTTP_CONFLICT",
    "HTTP_CONTENT_TOO_LARGE",
    "HTTP_CONTINUE",
    "HTTP_CREATED",
    "HTTP_EARLY_HINTS",
    "HTTP_EXPECTATION_FAILED",
    "HTTP_FAILED_DEPENDENCY",
    "HTTP_FORBIDDEN",
    "HTTP_FOUND",
    "HTTP_GATEWAY_TIMEOUT",
    "HTTP_GONE",
    "HTTP_HTTP_VERSION_NOT_SUPPORTED",
    "HTTP_IM_A_TEAPOT",
    "HTTP_IM_USED",
    "HTTP_INSUFFICIENT_STORAGE",
    "HTTP_INTERNAL_SERVER_ERROR",
    "HTTP_LENGTH_REQUIRED",
    "HTTP_LOCKED",
    "HTTP_LOOP_DETECTED",
    "HTTP_METHOD_NOT_ALLOWED",
    "HTTP_MISDIRECTED_REQUEST",
    "HTTP_MOVED_PERMANENTLY",
    "HTTP_MULTIPLE_CHOICES",
    "HTTP_MULTI_STATUS",
    "HTTP_NETWORK_AUTHENTICATION_REQUIRED",
    "HTTP_NON_AUTHORITATIVE_INFORMATION",
    "HTTP_NOT_ACCEPTABLE",
    "HTTP_NOT_EXTENDED",
    "HTTP_NOT_FOUND",
    "HTTP_NOT_IMPLEMENTED",
    "HTTP_NOT_MODIFIED",
    "HTTP_NO_CONTENT",
    "HTTP_OK",
    "HTTP_PARTIAL_CONTENT",
    "HTTP_PAYMENT_REQUIRED",
    "HTTP_PERMANENT_REDIRECT",
    "HTTP_PRECONDITION_FAILED",
    "HTTP_PRECONDITION_REQUIRED",
    "HTTP_PROCESSING",
    "HTTP_PROXY_AUTHENTICATION_REQUIRED",
    "HTTP_REQUESTED_RANGE_NOT_SATISFIABLE",
    "HTTP_REQUEST_ENTITY_TOO_LARGE",
    "HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE",
    "HTTP_REQUEST_TIMEOUT",
    "HTTP_REQUEST_URI_TOO_LONG",
    "HTTP_RESET_CONTENT",
    "HTTP_SEE_OTHER",
    "HTTP_SERVICE_UNAVAILABLE",
    "HTTP_SWITCHING_PROTOCOLS",
    "HTTP_TEMPORARY_REDIRECT",
    "HTTP_TOO_EARLY",
    "HTTP_TOO_MANY_REQUESTS",
    "HTTP_UNAUTHORIZED",
    "HTTP_UNAVAILABLE_FOR_LEGAL_REASONS",
    "HTTP_UNPROCESSABLE_ENTITY",
    "HTTP_UNSUPPORTED_MEDIA_TYPE",
    "HTTP_UPGRADE_REQUIRED",
    "HTTP_USE_PROXY",
    "HTTP_VARIANT_ALSO_NEGOTIATES",
    "code_to_http_status",
    "http_status_to_code",
]

Status = Union[int, str, HTTPStatus]

HTTP_100 = HTTP_CONTINUE = "100 Continue"
HTTP_101 = HTTP_SWITCHING_PROTOCOLS = "101 Switching Protocols"
HTTP_102 = HTTP_PROCESSING = "102 Processing"
HTTP_103 = HTTP_EARLY_HINTS = "103 Early Hints"
HTTP_200 = HTTP_OK = "200 OK"
HTTP_201 = HTTP_CREATED = "201 Created"
HTTP_202 = HTTP_ACCEPTED = "202 Accepted"
HTTP_203 = HTTP_NON_AUTHORITATIVE_INFORMATION = "203 Non-Authoritative Information"
HTTP_204 = HTTP_NO_CONTENT = "204 No Content"
HTTP_205 = HTTP_RESET_CONTENT = "205 Reset Content"
HTTP_206 = HTTP_PARTIAL_CONTENT = "206 Partial Content"
HTTP_207 = HTTP_MULTI_STATUS = "207 Multi-Status"
HTTP_208 = HTTP_ALREADY_REPORTED = "208 Already Reported"
HTTP_226 = HTTP_IM_USED = "226 IM Used"
HTTP_300 = HTTP_MULTIPLE_CHOICES = "300 Multiple Choices"
HTTP_301 = HTTP_MOVED_PERMANENTLY = "301 Moved Permanently"
HTTP_302 = HTTP_FOUND = "302 Found"
HTTP_303 = HTTP_SEE_OTHER = "303 See Other"
HTTP_304 = HTTP_NOT_MODIFIED = "304 Not Modified"
HTTP_305 = HTTP_USE_PROXY = "305 Use Proxy"
HTTP_307 = HTTP_TEMPORARY_REDIRECT = "307 Temporary Redirect"
HTTP_308 = HTTP_PERMANENT_REDIRECT = "308 Permanent Redirect"
HTTP_400 = HTTP_BAD_REQUEST = "400 Bad Request"
HTTP_401 = HTTP_UNAUTHORIZED = "401 Unauthorized"
HTTP_402 = HTTP_PAYMENT_REQUIRED = "402 Payment Required"
HTTP_403 = HTTP_FORBIDDEN = "403 Forbidden"
HTTP_404 = HTTP_NOT_FOUND = "404 Not Found"
HTTP_405 = HTTP_METHOD_NOT_ALLOWED = "405 Method Not Allowed"
HTTP_406 = HTTP_NOT_ACCEPTABLE = "406 Not Acceptable"
HTTP_407 = HTTP_PROXY_AUTHENTICATION_REQUIRED = "407 Proxy Authentication Required"
HTTP_408 = HTTP_REQUEST_TIMEOUT = "408 Request Timeout"
HTTP_409 = HTTP_CONFLICT = "409 Conflict"
HTTP_410 = HTTP_GONE = "410 Gone"
HTTP_411 = HTTP_LENGTH_REQUIRED = "411 Length Required"
HTTP_412 = HTTP_PRECONDITION_FAILED = "412 Precondition Failed"
HTTP_413 = HTTP_CONTENT_TOO_LARGE = HTTP_REQUEST_ENTITY_TOO_LARGE = "413 Content Too Large"
HTTP_414 = HTTP_REQUEST_URI_TOO_LONG = "414 URI Too Long"
HTTP_415 = HTTP_UNSUPPORTED_MEDIA_TYPE = "415 Unsupported Media Type"
HTTP_416 = HTTP_REQUESTED_RANGE_NOT_SATISFIABLE = "416 Range Not Satisfiable"
HTTP_417 = HTTP_EXPECTATION_FAILED = "417 Expectation Failed"
HTTP_418 = HTTP_IM_A_TEAPOT = "418 I'm a Teapot"
HTTP_421 = HTTP_MISDIRECTED_REQUEST = "421 Misdirected Request"
HTTP_422 = HTTP_UNPROCESSABLE_ENTITY = "422 Unprocessable Entity"
HTTP_423 = HTTP_LOCKED = "423 Locked"
HTTP_424 = HTTP_FAILED_DEPENDENCY = "424 Failed Dependency"
HTTP_425 = HTTP_TOO_EARLY = "425 Too Early"
HTTP_426 = HTTP_UPGRADE_REQUIRED = "426 Upgrade Required"
HTTP_428 = HTTP_PRECONDITION_REQUIRED = "428 Precondition Required"
HTTP_429 = HTTP_TOO_MANY_REQUESTS = "429 Too Many Requests"
HTTP_431 = HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE = "431 Request Header Fields Too Large"
HTTP_451 = HTTP_UNAVAILABLE_FOR_LEGAL_REASONS = "451 Unavailable For Legal Reasons"
HTTP_500 = HTTP_INTERNAL_SERVER_ERROR = "500 Internal Server Error"
HTTP_501 = HTTP_NOT_IMPLEMENTED = "501 Not Implemented"
HTTP_502 = HTTP_BAD_GATEWAY = "502 Bad Gateway"
HTTP_503 = HTTP_SERVICE_UNAVAILABLE = "503 Service Unavailable"
HTTP_504 = HTTP_GATEWAY_TIMEOUT = "504 Gateway Timeout"
HTTP_505 = HTTP_HTTP_VERSION_NOT_SUPPORTED = "505 HTTP Version Not Supported"
HTTP_506 = HTTP_VARIANT_ALSO_NEGOTIATES = "506 Variant Also Negotiates"
HTTP_507 = HTTP_INSUFFICIENT_STORAGE = "507 Insufficient Storage"
HTTP_508 = HTTP_LOOP_DETECTED = "508 Loop Detected"
HTTP_510 = HTTP_NOT_EXTENDED = "510 Not Extended"
HTTP_511 = HTTP_NETWORK_AUTHENTICATION_REQUIRED = "511 Network Authentication Required"

# The RFC of jokes: "7XX Developer Errors"
HTTP_701 = "701 Meh"
HTTP_702 = "702 Emacs"
HTTP_703 = "703 Explosion"
HTTP_710 = "710 PHP"
HTTP_711 = "711 Convenience Store"
HTTP_712 = "712 NoSQL"
HTTP_719 = "719 I am not a teapot"
HTTP_720 = "720 Unpossible"
HTTP_721 = "721 Known Unknowns"
HTTP_722 = "722 Unknown Unknowns"
HTTP_723 = "723 Tricky"
HTTP_724 = "724 This line should be unreachable"
HTTP_725 = "725 It works on my machine"
HTTP_726 = "726 It's a feature, not a bug"
HTTP_727 = "727 32 bits is plenty"
HTTP_740 = "740 Computer says no"
HTTP_741 = "741 Compiling"
HTTP_742 = "742 A kitten dies"
HTTP_743 = "743 I thought I knew regular expressions"
HTTP_744 = "744 Y U NO write integration tests?"
HTTP_745 = "745 I don't always test my code, but when I do I do it in production"
HTTP_748 = "748 Confounded by Ponies"
HTTP_749 = "749 Reserved for Chuck Norris"
HTTP_750 = "750 Didn't bother to compile it"
HTTP_753 = "753 Syntax Error"
HTTP_754 = "754 Too many semi-colons"
HTTP_755 = "755 Not enough semi-colons"
HTTP_759 = "759 Unexpected T_PAAMAYIM_NEKUDOTAYIM"
HTTP_771 = "771 Cached for too long"
HTTP_772 = "772 Not cached long enough"
HTTP_773 = "773 Not cached at all"
HTTP_774 = "774 Why was this cached?"
HTTP_776 = "776 Error on the Exception"
HTTP_777 = "777 Coincidence"
HTTP_778 = "778 Off By One Error"
HTTP_779 = "779 Off By Too Many To Count Error"
HTTP_780 = "780 Project owner not responding"
HTTP_781 = "781 Operations"
HTTP_782 = "782 QA"
HTTP_783 = "783 It was a customer request, honestly"
HTTP_784 = "784 Management, obviously"
HTTP_785 = "785 TPS Cover Sheet not attached"
HTTP_786 = "786 Try it now"
HTTP_791 = "791 The Internet shut down due to copyright restrictions"
HTTP_792 = "792 Climate change driven catastrophic weather event"
HTTP_797 = "797 This is the last page of the Internet. Go back"
HTTP_799 = "799 End of the world"

_LINES: Dict[int, str] = {
    int(line[:3]): line for name, line in list(globals().items()) if name[:5] == "HTTP_" and isinstance(line, str)
}

_CODES: Dict[object, int] = {line: code for code, line in _LINES.items()}


def code_to_http_status(status: Union[Status, bytes]) -> str:
    """Return the status line of a code, `HTTPStatus` or line: ``"404 Not Found"``.

    Raises:
        ValueError: The argument is not a status between 100 and 999.
    """
    if type(status) is int and status in _LINES:  # PERF: nearly always, 500 ns
        return _LINES[status]
    if isinstance(status, bytes):
        status = status.decode("latin-1")
    if isinstance(status, str) and not status.isdigit():
        http_status_to_code(status)
        return status
    code = http_status_to_code(status)
    return _LINES.get(code, f"{code} Unknown")


def http_status_to_code(status: Union[Status, bytes]) -> int:
    """Return the code of a status line, `HTTPStatus` or number.

    Raises:
        ValueError: The argument is not a status between 100 and 999.
    """
    known = _CODES.get(status)  # PERF: nearly always a line, 400 ns
    if known is not None:
        return known
    if isinstance(status, bytes):
        status = status.decode("latin-1")
    try:
        code = int(status[:3]) if isinstance(status, str) and len(status) >= 3 else int(status)
    except (TypeError, ValueError):
        raise ValueError(f"{status!r} is not an HTTP status: pass a code, an HTTPStatus or a status line.") from None
    if not 100 <= code <= 999:
        raise ValueError(f"{status!r} is not an HTTP status: codes are 100 to 999.")
    return code
