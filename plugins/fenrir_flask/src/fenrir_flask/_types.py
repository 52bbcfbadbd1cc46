"""Types that several modules name; where nothing says more about a value, its name says what it is for."""

from __future__ import annotations

from typing import Any, Callable, Dict

#: Any function that an app's author registers: a view, a hook, an error handler.
Function = Callable[..., Any]
#: Values of any types by name: those of a path, the variables of a template, keywords.
Values = Dict[str, Any]
#: A `Flask`, or the hybrid app: its methods come from the plugins that are installed, so that no class has them all.
SomeApp = Any
#: What a view may return; `return_values` says what that is.
ReturnValue = Any
#: A request of the class that an app has as `request_class`.
SomeRequest = Any
#: A response of the class that an app has as `response_class`.
SomeResponse = Any
#: What JSON can express, and what an app's provider makes of it.
JSONValue = Any
#: A function, or a decorator that was called with the name of one.
Decorated = Any
#: An argument that is handed on as it is.
Passed = Any
#: The value of a key of the configuration, of an attribute of `g`, or of the session.
Stored = Any
