"""Measure Fenrir beside hand-written ASGI code and beside other frameworks: `python -m benchmarks`."""
