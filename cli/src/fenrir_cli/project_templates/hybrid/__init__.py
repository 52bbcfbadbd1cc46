"""A site that may mix all paradigms."""

from __future__ import annotations

#: The packages whose files it begins with, later ones over earlier.
EXTENDS = ("fenrir_cli.project_templates.common", "fenrir_cli.project_templates.site")
#: How its app is written.
MANNER = "in any mix of the installed paradigms"
#: What its app needs.
REQUIRES = "fenrir-framework"
