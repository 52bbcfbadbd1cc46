"""HTTP: headers, bodies, requests, responses, streams, WebSockets and files; knows no plugin."""

from __future__ import annotations
