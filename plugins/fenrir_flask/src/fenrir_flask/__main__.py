"""`python -m fenrir_flask`: the command line of Flask apps."""

from __future__ import annotations

from .cli import main

if __name__ == "__main__":
    main()
