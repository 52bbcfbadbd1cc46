"""The command line of Bottle: ``python -m fenrir_bottle package.module:app``."""

from __future__ import annotations

import sys

from .command import main

if __name__ == "__main__":
    sys.exit(main())
