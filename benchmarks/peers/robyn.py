"""Robyn on its own server: `python -m benchmarks.peers.robyn PORT`."""

# mypy: ignore-errors
from __future__ import annotations

import logging
import sys

port = int(sys.argv.pop())

from robyn import Robyn  # noqa: E402 - it reads the command line

app = Robyn(__file__)
logging.disable(logging.CRITICAL)


@app.get("/json")
async def _json(request):
    return {"message": "Hello, world"}


@app.get("/text")
async def _text(request):
    return "Hello, world"


if __name__ == "__main__":
    app.start(host="127.0.0.1", port=port)
