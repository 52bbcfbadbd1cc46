"""Jinja for a paradigm that brings no way of its own to render templates."""
