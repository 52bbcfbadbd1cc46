"""The options of the application class and of rules, and what they are by default."""

from __future__ import annotations

import os
from typing import Mapping, Optional, Tuple, Union

from .._types import Values

#: The path of a folder, or None for none.
Folder = Union[str, "os.PathLike[str]", None]


def kernel_settings(defaults: Mapping[str, object], given: Values) -> Tuple[Values, Values]:
    """Return the keywords of a constructor that are keys of the configuration, by those keys, and the kernel's."""
    own = {key.upper(): value for key, value in given.items() if key.upper() in defaults and key != "debug"}
    others = {key: value for key, value in given.items() if key.upper() not in own}
    if "debug" in given:
        own["DEBUG"] = given["debug"]
    return own, others


def select_autoescape(name: Optional[str]) -> bool:
    """Return whether values are escaped in a template: in markup files and in string templates."""
    return name is None or name.endswith((".html", ".htm", ".xml", ".xhtml", ".svg"))
