"""The frozen values that hooks take and return.

Nothing here does anything: the build reads these values, checks them and composes the app from them. Plugins import
them from `fenrir_core`. The check of a field stands beside it and runs when a hook returns the value.
"""

from __future__ import annotations

from .app import AppMethod, AppProperty, Build, Lifespan, Middleware, OpenAPIPart
from .base import EMPTY, Call, Contribution, Origin, PluginInfo, RouteOption, Setting, nonblocking
from .encoding import Encoder, MediaType, TemplateContext
from .handling import BodyEncoder, ErrorFormat, ExceptionHandler, ReturnHandler, RouteHook
from .observing import Observer
from .parameters import (
    Batch,
    BatchField,
    Constant,
    CurrentConnection,
    Param,
    ParameterSource,
    PathValue,
    Provide,
    Resolver,
)
from .routes import Mount, Route

__all__ = [
    "AppMethod", "AppProperty", "Batch", "BatchField", "BodyEncoder", "Build", "Call", "Constant", "Contribution",
    "CurrentConnection", "EMPTY", "Encoder", "ErrorFormat", "ExceptionHandler", "Lifespan",
    "MediaType", "Middleware", "Mount", "Observer", "OpenAPIPart", "Origin", "Param", "ParameterSource", "PathValue",
    "PluginInfo", "Provide", "Resolver", "ReturnHandler", "Route", "RouteHook", "RouteOption", "Setting",
    "TemplateContext", "nonblocking",
]  # fmt: skip
