"""The state of an application."""
