"""Dependencies by type: what fills a handler's parameter of a class."""

from __future__ import annotations

import inspect
from typing import Any, Mapping, Optional, get_type_hints

from fenrir_core import Connection, Param, Resolver

from ..request import Request, request_of
from ..values import AnyCallable, Values


class Dependency:
    """What makes the values of one type.

    Args:
        constructor: Makes a value, or an awaitable of it.
        request_arg: Its parameter that takes the request.
    """

    def __init__(self, constructor: AnyCallable, request_arg: Optional[str] = None) -> None:
        self.constructor = constructor
        target = constructor.__init__ if inspect.isclass(constructor) else constructor
        try:
            self.names = list(inspect.signature(constructor).parameters)
            self.hints: Mapping[str, Any] = get_type_hints(target)
        except (NameError, TypeError, ValueError):
            self.names, self.hints = [], {}
        self._of_request = frozenset(name for name in self.names if name == request_arg or self._takes_request(name))

    def _takes_request(self, name: str) -> bool:
        hint = self.hints.get(name)
        return inspect.isclass(hint) and issubclass(hint, Request)

    async def make(self, connection: Connection, known: Mapping[type, Dependency]) -> Any:
        """Return a value for a request.

        Args:
            connection: The request.
            known: The dependencies by type.
        """
        values: Values = {}
        for name in self.names:
            hint: Any = self.hints.get(name)
            if name in self._of_request:
                values[name] = request_of(connection)
            elif hint in known:
                values[name] = await known[hint].make(connection, known)
            elif name in connection.path_params:
                values[name] = connection.path_params[name]
        made = self.constructor(**values)
        return await made if inspect.isawaitable(made) else made


def resolver_of(param: Param, extensions: Any) -> Optional[Resolver]:
    """Return what fills a parameter from the extensions of an app; None if they have nothing for it."""
    dependencies: Mapping[type, Dependency] = getattr(extensions, "dependencies", {})
    constants: Mapping[str, object] = getattr(extensions, "constants", {})
    if inspect.isclass(param.annotation) and param.annotation in dependencies:
        found = dependencies[param.annotation]

        async def make(connection: Connection) -> Any:
            return await found.make(connection, dependencies)

        return Resolver(make, is_async=True)
    if param.name in constants and not param.in_path:
        value = constants[param.name]
        return Resolver(lambda connection: value)
    return None
