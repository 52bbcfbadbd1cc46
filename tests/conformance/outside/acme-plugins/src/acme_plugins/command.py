"""The command `fenrir paths`."""

from __future__ import annotations

import importlib
import sys

from fenrir_core import App


def paths() -> None:
    """Print the paths of `app:app` in the current directory."""
    sys.path.insert(0, ".")
    app: App = importlib.import_module("app").app
    print("\n".join(sorted({target.route.path for target in app.compiled_routes})))
