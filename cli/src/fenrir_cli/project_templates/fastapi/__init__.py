"""A site in the paradigm of FastAPI."""

from __future__ import annotations

#: The packages whose files it begins with, later ones over earlier.
EXTENDS = (
    "fenrir_cli.project_templates.common",
    "fenrir_cli.project_templates.site",
    "fenrir_cli.project_templates.single",
)
