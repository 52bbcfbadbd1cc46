"""Import one module in a process of its own and report side effects; run as a script by `check_plugin`.

Reads ``{"module": …, "path": [sys.path …]}`` from its input; writes a list of sentences as
JSON in the last line of its output.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import logging
import os
import signal
import sys
import threading
from typing import Dict, List

#: What is reported if there is no such module.
NOT_THERE = "is not possible: there is no such module"


def snapshot() -> Dict[str, object]:
    """Return what an import must not change."""
    return {
        "changed the environment (os.environ)": dict(os.environ),
        "changed the working directory": os.getcwd(),
        "changed the import path (sys.path)": list(sys.path),
        "set up logging (handlers of the root logger)": list(logging.getLogger().handlers),
        "changed the signal handlers": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
        "started threads": len(threading.enumerate()),
        "replaced sys.excepthook": sys.excepthook,
        "made an app": _apps(),
    }


def _apps() -> int:
    kind = sys.modules["fenrir_core.app"].App
    return sum(1 for item in gc.get_objects() if isinstance(item, kind))


def probe(module: str) -> List[str]:
    """Import a module and return one sentence for each side effect."""
    importlib.import_module("fenrir_core._public")  # the kernel's own imports are not the plugin's
    before = snapshot()
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name and f"{module}.".startswith(f"{error.name}."):
                return [NOT_THERE]
            return [f"failed: {error}"]
        except BaseException as error:  # also SystemExit: a script that is not a module
            return [f"failed with no environment variables of the app's set: {type(error).__name__}: {error}"]
    after = snapshot()
    found = [what for what, value in after.items() if value != before[what]]
    printed = (out.getvalue() + err.getvalue()).strip()
    return found + ([f"printed {printed[:200]!r}"] if printed else [])


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    sys.path[:] = asked["path"]
    sys.stdout.write("\n" + json.dumps(probe(asked["module"])))
