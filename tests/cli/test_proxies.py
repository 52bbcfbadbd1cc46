"""What is believed of a proxy, and the Unix socket that one connects to."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path
from typing import Any, List, Sequence

import pytest

from fenrir_cli.addresses import Trusted, address_of
from fenrir_cli.edge import at_the_edge
from fenrir_cli.errors import CliError
from fenrir_cli.listen import listening
from fenrir_cli.options import ServeOptions
from fenrir_cli.start import start

pytestmark = pytest.mark.once


def seen(client: Any, forwarded: Sequence[str], trusted: Sequence[str] = ()) -> Any:
    """Return the client that an app sees."""
    found: List[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        found.append(scope)

    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    scope = {"type": "http", "method": "GET", "client": client, "path": "/", "headers": headers}
    options = ServeOptions(proxy_headers=True, trusted_proxies=trusted)
    asyncio.run(at_the_edge(app, options)(scope, None, None))
    return found[0]["client"]


PROXY = ("10.0.0.7", 5000)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"), ("192.0.2.1:8080", "192.0.2.1"), ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"), ("[2001:DB8::1]:443", "2001:db8::1"), ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unknown", None), ("_hidden", None), ("", None), ("<script>", None), ("192.0.2.256", None), ("192.0.2", None),
        ("192.0.2.1:x", None), ("[::1", None), ("[::1]x", None), ("example.org", None), ("1.2.3.4 5", None),
        ("010.0.0.1", None), ("1.2.3.4:\xb2", None), ("a" * 5000, None),
    ],
)  # fmt: skip
def test_an_address_is_read_in_the_forms_that_proxies_write(text: str, address: Any) -> None:
    found = address_of(text)
    assert (None if found is None else str(found)) == address


@pytest.mark.parametrize(
    ("client", "trusted"),
    [
        (("10.0.0.7", 1), ["10.0.0.0/8"]), (("10.0.0.7", 1), ["10.0.0.7"]), (("fd00::9", 1), ["fd00::/8"]),
        (("::ffff:10.0.0.7", 1), ["10.0.0.0/8"]), (("127.0.0.1", 1), []), (("::1", 1), []), (("9.9.9.9", 1), ["*"]),
        (None, []), (("", 0), []),
    ],
)  # fmt: skip
def test_a_trusted_proxy_is_believed(client: Any, trusted: Sequence[str]) -> None:
    assert seen(client, ["192.0.2.1"], trusted) == ("192.0.2.1", 0)


@pytest.mark.parametrize(
    ("client", "trusted"),
    [
        (("11.0.0.7", 1), ["10.0.0.0/8"]),
        (("10.0.0.8", 1), ["10.0.0.7"]),
        (PROXY, []),
        (("app.sock", 1), ["10.0.0.0/8"]),
    ],
)
def test_another_is_not(client: Any, trusted: Sequence[str]) -> None:
    assert seen(client, ["192.0.2.1"], trusted) == client


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (["192.0.2.9, 192.0.2.1, 10.1.1.1"], "192.0.2.1"),  # the last that is no proxy
        (["192.0.2.9", "192.0.2.1"], "192.0.2.1"),  # in several headers
        (["10.2.2.2, 10.1.1.1"], "10.2.2.2"),  # all are proxies
        (["192.0.2.9, nonsense, 10.1.1.1"], "10.1.1.1"),  # what is before nonsense may be forged
        (["192.0.2.1:4711"], "192.0.2.1"),
        ([" , 192.0.2.1 , "], "192.0.2.1"),
    ],
)
def test_the_client_is_the_last_address_that_is_no_trusted_proxy(forwarded: List[str], client: str) -> None:
    assert seen(PROXY, forwarded, ["10.0.0.0/8"]) == (client, 0)


@pytest.mark.parametrize("junk", ["unknown", "<script>", "192.0.2.1, evil", "", "\xff", "a" * 9000])
def test_what_is_no_address_leaves_the_proxys_own(junk: str) -> None:
    assert seen(PROXY, [junk], ["10.0.0.0/8"]) == PROXY


@pytest.mark.parametrize("text", ["10.0.0.0/33", "proxy.example", "10.0.0.1/8", ""])
def test_a_trusted_proxy_that_is_no_address_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(CliError, match="--trusted-proxy"):
        start(ServeOptions(app="app:app", proxy_headers=True, trusted_proxies=[text]))


def test_all_are_trusted_by_an_asterisk() -> None:
    assert address_of("192.0.2.1") in Trusted(["*"])


# ------------------------------------------------------------ the Unix socket


@pytest.mark.parametrize(
    ("options", "mode"), [({}, 0o666), ({"uds_mode": "660"}, 0o660), ({"uds_mode": "0600"}, 0o600)]
)
def test_the_socket_has_the_mode_that_was_asked_for(tmp_path: Path, options: Any, mode: int) -> None:
    path = tmp_path / "web.sock"
    before = os.umask(0o077)
    try:
        with listening(ServeOptions(uds=str(path), **options)):
            assert stat.S_IMODE(path.stat().st_mode) == mode
    finally:
        os.umask(before)


@pytest.mark.parametrize("mode", ["rw", "9", "77777", "", "-1", "0o660"])
def test_what_is_no_mode_is_refused(mode: str) -> None:
    with pytest.raises(CliError, match="--uds-mode"):
        start(ServeOptions(app="app:app", uds="web.sock", uds_mode=mode))


def test_the_command_takes_the_mode_of_the_socket(project: Any, serve: Any) -> None:
    project.write("app.py", "from fenrir_core import App\napp = App(paradigms=[])\n")
    serve("app:app", "--uds", "web.sock", "--uds-mode", "660")
    assert stat.S_IMODE((project.directory / "web.sock").stat().st_mode) == 0o660
