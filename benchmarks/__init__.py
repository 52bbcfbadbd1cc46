"""Benchmarks of Fenrir beside hand-written ASGI code and other frameworks: `python -m benchmarks`."""
