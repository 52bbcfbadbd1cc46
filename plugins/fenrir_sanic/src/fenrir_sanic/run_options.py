"""The options of `Sanic.run`, in the words of `fenrir run`."""

from __future__ import annotations

from typing import Mapping

from .values import Values

_NO_SANIC = "it is for Sanic's own server, and another server serves here"
#: Options of `Sanic.run` that can't be honoured, each with the reason.
REFUSED: Mapping[str, str] = {
    "ssl": "give it the names of two files, {'cert': ..., 'key': ...}, in PEM format",
    "sock": "give the number of the open socket, fd=sock.detach()",
    "fast": "say how many processes serve, workers=...",
    "auto_tls": "give a certificate, ssl={'cert': ..., 'key': ...}",
    "version": "HTTP/1.1 is always served; http2=True offers HTTP/2, too",
    "reload_dir": "name files by patterns, reload_include=[...]",
    "noisy_exceptions": "errors that nobody handles are logged, always",
    "verbosity": "it is called log_level='debug'",
    "motd": _NO_SANIC,
    "motd_display": _NO_SANIC,
    "protocol": _NO_SANIC,
    "backlog": _NO_SANIC,
    "loop": _NO_SANIC,
    "register_sys_signals": _NO_SANIC,
}


def run_options(given: Values) -> Values:
    """Return the options of `fenrir run` that mean the same as those of `Sanic.run`; others stay as they are."""
    found = dict(given)
    if found.pop("dev", False):
        found["debug"] = True
        found.setdefault("auto_reload", True)
    # `debug` alone does not reload
    found["reload"] = bool(found.pop("auto_reload", False))
    for theirs, ours in (("unix", "uds"), ("access_log", "access_log")):
        value = found.pop(theirs, None)
        if value is not None:
            found[ours] = value
    if found.pop("single_process", False) and found.get("workers", 1) == 1:
        found["reload"] = False
    pair = found.get("ssl")
    if isinstance(pair, dict) and set(pair) == {"cert", "key"}:
        del found["ssl"]
        found["tls_cert"], found["tls_key"] = str(pair["cert"]), str(pair["key"])
    return found
