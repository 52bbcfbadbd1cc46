"""The types of what users hand over, where no narrower one holds."""

from __future__ import annotations

from typing import Any, Callable, Dict

#: A handler, a middleware, a listener or another function of a user's.
AnyCallable = Callable[..., Any]
#: Values by name, such as keywords or the fields of a document.
Values = Dict[str, Any]
