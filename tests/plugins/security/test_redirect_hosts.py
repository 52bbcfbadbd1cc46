"""Which URLs of a client may be redirected to."""

from __future__ import annotations

from typing import Any, List, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenrir_security import url_has_allowed_host

pytestmark = pytest.mark.once

HOSTS = ("example.com", "*.shop.example", "localhost:8080", "[::1]:8080", "xn--bcher-kva.example")

LOCAL = [
    "/",
    "/account?tab=2#top",
    "/a b",
    "/search?next=http://evil.example/",
    "/search?q=a\\b",
    "/über/straße",
    "/a:b",
    "/@user",
    "account",
    "./account",
    "../account",
    "?page=2",
    "#top",
    "/%2F%2Fevil.example",
    "/%5Cevil.example",
    "/a//b",
    "/.//evil.example",
    "\\account",  # a path for browsers, too
]
ALLOWED = [
    "http://example.com",
    "https://example.com/",
    "https://EXAMPLE.com/a?b#c",
    "HTTPS://example.com",
    "https://example.com.",
    "//example.com/a",
    "http://example.com:80/",
    "https://example.com:443/",
    "https://a.shop.example/",
    "https://a.b.shop.example/",
    "http://localhost:8080/",
    "http://[::1]:8080/",
    "https://xn--bcher-kva.example/",
    "https://example.com?a",
    "https://example.com#a",
]
REFUSED: List[Any] = [
    # empty, and no text
    "",
    None,
    b"/",
    7,
    ["/"],
    # another host
    "http://evil.example",
    "https://evil.example/example.com",
    "//evil.example",
    "//evil.example/example.com",
    "https://example.com.evil.example",
    "https://evilexample.com",
    "https://evil.example?example.com",
    "https://evil.example#example.com",
    "https://shop.example/",
    "https://evilshop.example/",
    # more slashes, as browsers read them
    "///evil.example",
    "////evil.example",
    "///example.com",
    "http:///evil.example",
    "http:////evil.example",
    "https:///example.com",
    "http:/evil.example",
    "http:evil.example",
    "https:evil.example",
    "http:",
    "http://",
    "//",
    "//?example.com",
    # backslashes
    "\\\\evil.example",
    "\\/evil.example",
    "/\\evil.example",
    "/\\/evil.example",
    "http:\\\\evil.example",
    "http:/\\evil.example",
    "https://example.com\\@evil.example",
    "https://evil.example\\example.com",
    "https://evil.example\\.example.com",
    # user names
    "https://example.com@evil.example",
    "https://user@example.com/",
    "https://user:password@example.com/",
    "https://evil.example:80@example.com",
    "https://example.com%40evil.example",
    "//example.com@evil.example",
    # control characters and white space
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    " /account",
    "/account ",
    "\n/account",
    "/account\r\nset-cookie: a=1",
    "/a\x00b",
    "ht\ntp://evil.example",
    "java\tscript:alert(1)",
    "\x01//evil.example",
    "\x7f//evil.example",
    "\x85//evil.example",
    "\u2028//evil.example",
    "\u3000//evil.example",
    "\ufeff//evil.example",
    # other schemes
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "data:text/html,x",
    "ftp://example.com/",
    "ws://example.com/",
    "file:///etc/passwd",
    "mailto:a@example.com",
    "x:/example.com",
    # hosts that are no names: unicode, percent-encoding, wrong ports and brackets
    "https://example。com",
    "https://example．com",
    "https://ｅxample.com",
    "https://bücher.example/",
    "https://exämple.com",
    "https://evil.example／.example.com",
    "https://%65xample.com",
    "https://example.com:99999",
    "https://example.com:x",
    "https://example.com:8080/",
    "https://example.com:80/",
    "http://example.com:443/",
    "//example.com:443/",
    "http://localhost/",
    "http://[::1]/",
    "https://[example.com]/",
    "https://[::1",
    "https://example..com",
    "https://exa mple.com",
    "https://example.com:80:80",
]


@pytest.mark.parametrize("url", LOCAL)
def test_a_url_without_a_host_stays_here(url: str) -> None:
    assert url_has_allowed_host(url) and url_has_allowed_host(url, HOSTS) and url_has_allowed_host(url, HOSTS, True)


@pytest.mark.parametrize("url", ALLOWED)
def test_a_url_of_an_allowed_host(url: str) -> None:
    assert (url_has_allowed_host(url, HOSTS), url_has_allowed_host(url)) == (True, False)


@pytest.mark.parametrize("url", REFUSED, ids=repr)
def test_a_url_that_may_lead_elsewhere(url: Any) -> None:
    assert (url_has_allowed_host(url, HOSTS), url_has_allowed_host(url)) == (False, False)


HTTPS: List[Tuple[str, bool]] = [
    ("https://example.com/", True),
    ("http://example.com/", False),
    ("//example.com/", False),
    ("HTTPS://example.com/", True),
    ("/account", True),
]


@pytest.mark.parametrize(("url", "is_right"), HTTPS)
def test_https_can_be_required(url: str, is_right: bool) -> None:
    assert url_has_allowed_host(url, "example.com", require_https=True) is is_right


def test_one_host_can_be_given_as_text() -> None:
    assert url_has_allowed_host("https://example.com/", "example.com")
    assert not url_has_allowed_host("https://e/", "example.com")


def test_a_star_allows_every_host_but_no_trick() -> None:
    assert url_has_allowed_host("https://anything.example/", "*")
    assert not url_has_allowed_host("https://user@anything.example/", "*")


@given(st.text(alphabet="/\\:@.?#\t\n ahtps%", max_size=14))
def test_what_is_allowed_without_hosts_has_none_for_a_browser(url: str) -> None:
    """A browser drops tabs and line breaks, trims, and takes backslashes for slashes (URL Standard, 4.4)."""
    if url_has_allowed_host(url):
        seen = "".join(letter for letter in url if letter not in "\t\n").strip().replace("\\", "/")
        assert not seen.startswith("//") and not seen.lower().startswith(("http:", "https:"))
