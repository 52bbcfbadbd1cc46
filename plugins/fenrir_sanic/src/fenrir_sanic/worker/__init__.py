"""Loaders of apps, and names of Sanic's worker manager, which is not here: `fenrir run --workers` starts processes."""
