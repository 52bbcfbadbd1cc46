"""The grammar of `Host`, and hosts of requests."""

from __future__ import annotations

import time
from typing import Any, List, Optional, Tuple

import pytest

from fenrir_core.authoring import escape_path, host_matches, host_of, parse_host, sent_host, server_host


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("example.org", ("example.org", None)),
        ("Example.ORG:8080", ("Example.ORG", 8080)),
        ("example.org.:80", ("example.org.", 80)),
        ("example.org:", ("example.org", None)),
        ("xn--bcher-kva.example", ("xn--bcher-kva.example", None)),
        ("my_app-1", ("my_app-1", None)),
        ("192.0.2.1:65535", ("192.0.2.1", 65535)),
        ("[::1]", ("::1", None)),
        ("[2001:DB8::192.0.2.1]:1", ("2001:DB8::192.0.2.1", 1)),
    ],
)
def test_a_host_is_a_name_and_a_port(text: str, parsed: Tuple[str, Optional[int]]) -> None:
    assert parse_host(text) == parsed


@pytest.mark.parametrize(
    "text",
    [
        "", ".", "..", ":80", "a..b", ".a", "a..", "a b", " a", "a ", "a\n", "a\t", "a\0", "a/", "a?", "a#", "a@b",
        "a\\b", "a,b", "a%41", "a'b", 'a"b', "a<b", "a:b", "a:-1", "a:+1", "a:1 ", "a:65536", "a:000080", "a:1:2",
        "a:\u0661", "b\xfccher", "\u212a", "::1", "[::1", "::1]", "[]", "[a]", "[1::2::3]", "[::1]a", "[::1]:x",
        "[::1%25eth0]", "[v1.a]", "[1.2.3.4]", "[[::1]]", "http://a", "//a", "a" * 256, "a." * 128,
    ],
)  # fmt: skip
def test_what_is_no_host_is_none(text: str) -> None:
    assert parse_host(text) is None


@pytest.mark.parametrize("text", ["a" * 10**6, "a." * 10**6, "[" + ":" * 10**6 + "]", "a:" + "1" * 10**6])
def test_a_long_host_costs_nothing(text: str) -> None:
    begun = time.perf_counter()
    assert parse_host(text) is None
    assert time.perf_counter() - begun < 0.1


@pytest.mark.parametrize(
    ("host", "pattern", "matches"),
    [
        ("example.com", "example.com", True),
        ("Example.COM.:80", "example.com", True),
        ("example.com", "Example.com.", True),
        ("www.example.com", "example.com", False),
        ("a.example.com", "*.example.com", True),
        ("a.b.example.com:81", "*.Example.com", True),
        ("example.com", "*.example.com", False),
        ("evil-example.com", "*.example.com", False),
        ("aexample.com", "*.example.com", False),
        ("example.com.evil", "*.example.com", False),
        ("a.example.com.evil", "*.example.com", False),
        (".example.com", "*.example.com", False),
        ("evil/.example.com", "*.example.com", False),
        ("evil?.example.com", "*.example.com", False),
        ("a@b.example.com", "*.example.com", False),
        ("anything", "*", True),
        ("any thing", "*", False),
        ("", "*", False),
        ("[::1]:80", "[::1]", True),
        ("[::1]", "::1", True),
        ("[::2]", "[::1]", False),
    ],
)
def test_hosts_are_compared_label_by_label(host: str, pattern: str, matches: bool) -> None:
    assert host_matches(host, pattern) is matches


def scope_of(*hosts: str, server: Any = ("127.0.0.1", 8000), scheme: str = "http") -> Any:
    headers: List[Tuple[bytes, bytes]] = [(b"host", host.encode("latin-1")) for host in hosts]
    return {"type": "http", "headers": [(b"a", b"b"), *headers], "server": server, "scheme": scheme}


def test_the_sent_host_is_kept_as_it_is() -> None:
    assert host_of(scope_of("Example.org:80")) == "Example.org:80"


@pytest.mark.parametrize("hosts", [[], [""], ["a/b"], ["a", "b"], ["a", "a"]])
def test_without_one_valid_host_the_servers_address_is_taken(hosts: List[str]) -> None:
    assert (sent_host(scope_of(*hosts)), host_of(scope_of(*hosts))) == (None, "127.0.0.1:8000")


@pytest.mark.parametrize(
    ("server", "scheme", "host"),
    [
        (("example.org", 80), "http", "example.org"),
        (("example.org", 443), "wss", "example.org"),
        (("example.org", 80), "https", "example.org:80"),
        (("::1", 8000), "http", "[::1]:8000"),
        (("fe80::1%eth0", 80), "http", "[fe80::1]"),
        (("/run/app.sock", None), "http", None),
        (("", None), "http", None),
        (None, "http", None),
    ],
)
def test_the_servers_address_has_the_form_of_a_host(server: Any, scheme: str, host: Optional[str]) -> None:
    assert server_host(scope_of(server=server, scheme=scheme)) == host


def test_a_server_without_an_address_is_localhost() -> None:
    assert host_of(scope_of(server=("/run/app.sock", None))) == "localhost"


@pytest.mark.parametrize(
    ("path", "escaped"),
    [
        ("/a%20b/\xe9;c=1", "/a%20b/\xe9;c=1"),
        ("/a?b#c\\d", "/a%3Fb%23c%5Cd"),
        ("/a\n\tb\0", "/a%0A%09b%00"),
        ("@evil.example", "/@evil.example"),
        ("//a", "//a"),
        ("", ""),
    ],
)
def test_an_escaped_path_is_nothing_but_a_path(path: str, escaped: str) -> None:
    assert escape_path(path) == escaped
