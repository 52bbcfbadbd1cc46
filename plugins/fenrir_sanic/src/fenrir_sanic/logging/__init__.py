"""Formatters of log records."""
