"""Configuration from files, and words for true and false."""

from __future__ import annotations

import os
import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, Union

from .exceptions import LoadFileException, PyFileError
from .helpers import import_string

_TRUE = frozenset(("y", "yes", "yep", "yup", "t", "true", "on", "enable", "enabled", "1"))
_FALSE = frozenset(("n", "no", "f", "false", "off", "disable", "disabled", "0"))
_variable = re.compile(r"\${(.+?)}")


def str_to_bool(val: str) -> bool:
    """Return the truth that a word means.

    Raises:
        ValueError: It means neither.
    """
    word = val.lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise ValueError(f"Invalid truth value {val}")


def load_module_from_file_location(
    location: Union[bytes, str, Path], encoding: str = "utf8", *args: Any, **kwargs: Any
) -> Any:
    """Return the module in a file, or what a dotted name names.

    Args:
        location: A path, in which ``${NAME}`` is an environment variable; or a dotted name.
        encoding: Of a path in bytes.
        *args, **kwargs: For `importlib.util.spec_from_file_location`.

    Raises:
        LoadFileException: An environment variable is not set.
        PyFileError: The file is no valid Python.
        IOError: The file can't be read.
        ValueError: The dotted name names nothing.
    """
    text = location.decode(encoding) if isinstance(location, bytes) else str(location)
    if not isinstance(location, Path) and "/" not in text and "$" not in text:
        try:
            return import_string(text)
        except ValueError:
            raise OSError(f"Unable to load configuration {text}") from None
    missing = {name for name in _variable.findall(text) if name not in os.environ}
    if missing:
        raise LoadFileException(f"The following environment variables are not set: {', '.join(sorted(missing))}")
    text = _variable.sub(lambda match: os.environ[match.group(1)], text)
    name = os.path.splitext(os.path.basename(text))[0]
    if text.endswith(".py"):
        spec = spec_from_file_location(name, text, *args, **kwargs)
        assert spec is not None and spec.loader is not None
        found = module_from_spec(spec)
        spec.loader.exec_module(found)
        return found
    found = ModuleType("config")
    found.__file__ = text
    try:
        with open(text) as file:
            exec(compile(file.read(), text, "exec"), found.__dict__)
    except OSError as error:
        error.strerror = f"Unable to load configuration file (e.strerror) {error.strerror}"
        raise
    except Exception as error:
        raise PyFileError(text) from error
    return found
