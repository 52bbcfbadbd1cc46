"""The options of `Flask.run`, in the words of `fenrir run`."""

from __future__ import annotations

from typing import Mapping

from ._types import Values

_NO_WERKZEUG = "it is for Werkzeug's development server, and another server serves here"
#: Options of Werkzeug's `run_simple` that can't be honoured, each with the reason.
REFUSED: Mapping[str, str] = {
    "threaded": "synchronous views run in threads, always",
    "ssl_context": "give it the names of two files, (certificate, key), in PEM format",
    "use_debugger": "pages about errors come with debug=True",
    "extra_files": "name them by patterns, reload_include=[...]",
    "exclude_patterns": "it is called reload_exclude=[...]",
    "use_evalex": _NO_WERKZEUG,
    "reloader_interval": _NO_WERKZEUG,
    "reloader_type": _NO_WERKZEUG,
    "request_handler": _NO_WERKZEUG,
    "static_files": _NO_WERKZEUG,
    "passthrough_errors": _NO_WERKZEUG,
}


def run_options(given: Values) -> Values:
    """Return the options of `fenrir run` that mean the same as those of `Flask.run`; others stay as they are."""
    found = dict(given)
    if "use_reloader" in found:
        found["reload"] = bool(found.pop("use_reloader"))
    if "processes" in found:
        found["workers"] = found.pop("processes")
    if found.get("threaded"):
        del found["threaded"]
    context = found.get("ssl_context", ())
    if context is None or (isinstance(context, tuple) and len(context) == 2):
        del found["ssl_context"]
        if context is not None:
            found["tls_cert"], found["tls_key"] = map(str, context)
    return found
