"""The command line of Bottle."""

from __future__ import annotations

import argparse
import configparser
import json
import sys
from typing import List, Optional, Tuple

from ._version import __version__
from .config import ConfigDict
from .running import run


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(prog="python -m fenrir_bottle", usage="%(prog)s [options] package.module:app")
    add = made.add_argument
    add("--version", action="store_true", help="show the version")
    add("-b", "--bind", metavar="ADDRESS", default="localhost", help="listen at ADDRESS, a host or host:port")
    add("-s", "--server", help="the server: a name of server_names, or a target")
    add("-p", "--plugin", action="append", help="install a plugin")
    add("-c", "--conf", action="append", metavar="FILE", help="read configuration from FILE (INI or JSON)")
    add("-C", "--param", action="append", metavar="NAME=VALUE", help="set a configuration value")
    add("--debug", action="store_true", help="show tracebacks, read templates again")
    add("--reload", action="store_true", help="start again when a file changes")
    add("app", nargs="?", help="the app")
    return made


def main(argv: Optional[List[str]] = None) -> int:
    """Run the command line, and return the exit status."""
    made = parser()
    options = made.parse_args(argv)
    if options.version:
        print(__version__)
        return 0
    if not options.app:
        made.print_help()
        print("\nError: no app is named.", file=sys.stderr)
        return 1
    sys.path.insert(0, ".")
    host, port = _address(options.bind)
    try:
        config = _config(options.conf or [], options.param or [])
    except (OSError, ValueError, TypeError, configparser.Error) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    run(
        options.app,
        options.server,
        host,
        port,
        reloader=options.reload,
        plugins=options.plugin,
        debug=options.debug,
        config=config,
    )
    return 0


def _address(bind: str) -> Tuple[str, int]:
    host, colon, port = bind.rpartition(":")
    if not colon or bind.endswith("]"):
        return bind.strip("[]"), 8080
    return host.strip("[]"), int(port)


def _config(files: List[str], values: List[str]) -> ConfigDict:
    config = ConfigDict()
    for path in files:
        if path.endswith(".json"):
            with open(path, encoding="utf8") as file:
                config.load_dict(json.load(file))
        else:
            with open(path, encoding="utf8"):
                config.load_config(path)
    for text in values:
        name, equals, value = text.partition("=")
        config[name] = value if equals else True
    return config
