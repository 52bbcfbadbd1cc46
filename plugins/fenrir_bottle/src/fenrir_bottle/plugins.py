"""The plugins that every Bottle app has: JSON and templates."""

from __future__ import annotations

import functools
import inspect
import json
from typing import Any, Callable, Optional

from fenrir_core.authoring import encoder_of

from .exceptions import HTTPResponse
from .interfaces import BottleLike
from .proxies import current_response
from .routes import Callback, Route, is_async
from .templates import view
from .texts import json_dumps


class JSONPlugin:
    """The plugin that makes JSON of dictionaries.

    Args:
        json_dumps: What makes text of a dictionary; None for nothing.
    """

    name = "json"
    api = 2

    def __init__(self, json_dumps: Optional[Callable[..., str]] = json_dumps) -> None:
        self.json_dumps = json_dumps

    def setup(self, app: BottleLike) -> None:
        """Define the options ``json.enable`` and its like."""
        define = app.config._define
        define("json.enable", True, "Make JSON of dictionaries.", bool)
        define("json.ascii", False, "Write only ASCII characters.", bool)
        define("json.indent", True, "Make the JSON easier to read.", bool)
        define("json.dump_func", None, "The function that makes text of a dictionary.")

    def apply(self, callback: Callback, route: Route) -> Callback:
        """Return the callback with its dictionaries made JSON."""
        dumps = route.config.get("json.dump_func") or self.json_dumps
        if dumps is json_dumps:
            dumps = _dumps
        if not dumps or not route.config.get("json.enable", True):
            return callback
        encode = functools.partial(_encode, dumps)
        if is_async(route.callback):
            return _awaiting(callback, encode)

        @functools.wraps(callback)
        def wrapper(*a: Any, **ka: Any) -> Any:
            try:
                value = callback(*a, **ka)
            except HTTPResponse as response:
                value = response
            return encode(value) if isinstance(value, (dict, HTTPResponse)) else value

        return wrapper


def _awaiting(callback: Callback, encode: Callable[[Any], Any]) -> Callback:
    @functools.wraps(callback)
    async def wrapper(*a: Any, **ka: Any) -> Any:
        try:
            value = callback(*a, **ka)
            value = await value if inspect.isawaitable(value) else value
        except HTTPResponse as response:
            value = response
        return encode(value)

    return wrapper


def _by_plugin(value: Any) -> Any:
    """Return what a plugin's encoder makes of a value.

    Raises:
        TypeError: There is none.
    """
    encoder = encoder_of(type(value))
    if encoder is None:
        raise TypeError(f"{type(value).__name__} can't be written as JSON.")
    return encoder.to_json(value)


#: `json_dumps` with the encoders of plugins. PERF: made once, 1 us less than `json.dumps` with arguments.
_dumps = json.JSONEncoder(default=_by_plugin).encode


def _encode(dumps: Callable[..., str], value: Any) -> Any:
    """Return a dictionary as JSON, and a response with such a body changed likewise."""
    if isinstance(value, dict):
        text = dumps(value)  # before the type is set, so that an error is not sent as JSON
        current_response()._headers["Content-Type"] = ["application/json"]
        return text
    if isinstance(value, HTTPResponse) and isinstance(value.body, dict):
        value.body = dumps(value.body)
        value.content_type = "application/json"
    return value


class TemplatePlugin:
    """The plugin that renders routes with an option `template`: a name, or a name and a dictionary."""

    name = "template"
    api = 2

    def setup(self, app: BottleLike) -> None:
        """Make itself known as `app.tpl`."""
        app.tpl = self

    def apply(self, callback: Callback, route: Route) -> Callback:
        """Return the callback with its dictionaries rendered."""
        option = route.config.get("template")
        if isinstance(option, (tuple, list)) and len(option) == 2:
            return view(option[0], **option[1])(callback)
        return view(option)(callback) if isinstance(option, str) else callback
