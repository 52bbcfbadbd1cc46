"""What each part of fenrir-security adds to a JSON route of the hybrid app: `python -m benchmarks.security`.

The apps are called in process, in turn, and of each the fastest round counts: on a machine with other work that is the
one least disturbed.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Dict, List, Tuple

from fenrir import Fenrir
from fenrir_core import BuildError

ROUNDS, CALLS = 300, 100
HEADERS: List[Tuple[bytes, bytes]] = [
    (b"host", b"example.com"),
    (b"user-agent", b"Mozilla/5.0"),
    (b"accept", b"application/json"),
    (b"sec-fetch-mode", b"cors"),
    (b"sec-fetch-site", b"same-origin"),
    (b"content-length", b"0"),
]
PARTS: Dict[str, Dict[str, Any]] = {
    "nothing": {},
    "csrf": {"csrf": True},
    "security_headers": {"security_headers": True},
    "security_headers without nonces": {"security_headers": {"csp": "default-src 'self'"}},
    "secure_cookies": {"secure_cookies": True},
    "secure (all three)": {"secure": True},
    "rate_limit in memory": {"rate_limit": "100000/second"},
    "session_idle": {"session_idle": 3600},
}


def make(settings: Dict[str, Any]) -> Fenrir:
    app = Fenrir(settings=settings)

    async def answer() -> Dict[str, str]:
        return {"hello": "world"}

    app.get("/")(answer)
    app.post("/")(answer)
    return app


async def call(app: Fenrir, method: str) -> float:
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "https",
        "path": "/", "raw_path": b"/", "query_string": b"", "root_path": "", "headers": HEADERS,
        "client": ("192.0.2.1", 50000), "server": ("127.0.0.1", 8000),
    }  # fmt: skip

    async def receive() -> Dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Dict[str, Any]) -> None:
        if message["type"] == "http.response.start" and message["status"] != 200:
            raise BuildError(f"The route answers {message['status']}.")

    began = time.perf_counter()
    for _ in range(CALLS):
        await app(dict(scope), receive, send)
    return (time.perf_counter() - began) / CALLS * 1e6


async def main() -> None:
    apps = {name: make(settings) for name, settings in PARTS.items()}
    best: Dict[Tuple[str, str], float] = {}
    for app in apps.values():
        await app.lifespan().__aenter__()
    for _ in range(ROUNDS):
        for name, app in apps.items():
            for method in ("GET", "POST"):
                key = name, method
                best[key] = min(best.get(key, 1e9), await call(app, method))
    print(f"{'part':34} {'GET us':>8} {'+':>6} {'POST us':>8} {'+':>6}")
    for name in apps:
        get, post = best[name, "GET"], best[name, "POST"]
        more = get - best["nothing", "GET"], post - best["nothing", "POST"]
        print(f"{name:34} {get:8.2f} {more[0]:6.2f} {post:8.2f} {more[1]:6.2f}")


if __name__ == "__main__":
    asyncio.run(main())
