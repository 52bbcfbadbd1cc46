"""`Host` headers over real servers."""

from __future__ import annotations

import json
import socket
from typing import Any, List

import pytest

#: Values that are no host; those with control characters are refused by the servers.
HOSTILE = [
    "evil.example/public", "evil.example?public", "evil.example#public", "user@evil.example", "evil.example\\public",
    "evil.example public", "127.0.0.1:x", "[::1",
]  # fmt: skip


def answer_of(port: int, *hosts: str) -> str:
    """Return the whole answer to `GET /site/url` with these `Host` headers."""
    lines = ["GET /site/url HTTP/1.1", *(f"Host: {host}" for host in hosts), "Connection: close", "", ""]
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall("\r\n".join(lines).encode("latin-1"))
        answer = b""
        while True:
            data = connection.recv(65536)
            if not data:
                return answer.decode("latin-1")
            answer += data


@pytest.mark.parametrize("hosts", [[host] for host in HOSTILE] + [["a.example", "b.example"]], ids=str)
def test_no_host_header_decides_a_urls_path(server: Any, hosts: List[str]) -> None:
    answer = answer_of(server.port, *hosts)
    if " 400 " in answer.partition("\r\n")[0]:  # the server itself refuses it
        assert "/site/url" not in answer
        return
    url = f"http://127.0.0.1:{server.port}/site/url"
    assert json.loads(answer[answer.index("[") : answer.rindex("]") + 1]) == [url, "/site/url", url]


def test_a_valid_host_is_kept(server: Any) -> None:
    answer = answer_of(server.port, "www.example.org:8080")
    assert '"http://www.example.org:8080/site/url"' in answer
