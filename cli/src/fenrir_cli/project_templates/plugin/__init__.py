"""A distribution with a plugin."""
