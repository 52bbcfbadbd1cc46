"""`python -m fenrir.cli`: the command line, which comes with fenrir-cli."""

from __future__ import annotations

import importlib
import sys


def main() -> None:
    """Run the command line.

    Raises:
        SystemExit: With the command's exit code, or 1 when fenrir-cli is not installed.
    """
    try:
        command_line = importlib.import_module("fenrir_cli.main")
    except ModuleNotFoundError as error:
        if error.name != "fenrir_cli":
            raise
        sys.exit('The command line comes with fenrir-cli: pip install "fenrir-core[cli]"')
    command_line.main()


if __name__ == "__main__":
    main()
