"""The version of Falcon that this package follows."""

from __future__ import annotations

#: COMPAT: what libraries compare is Falcon's version, not this package's.
__version__ = "4.4.0"
