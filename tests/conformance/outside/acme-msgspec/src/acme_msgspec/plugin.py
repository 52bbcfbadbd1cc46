"""msgspec's structs as parameters and answers of every paradigm, and MessagePack."""

from __future__ import annotations

import inspect
from typing import Any, Iterable, Optional

import msgspec

from fenrir_core import Encoder, HTTPError, MediaType, Param, PluginInfo, Request, Resolver, hookimpl

fenrir_plugin = PluginInfo(api="1")


@hookimpl
def fenrir_encoders() -> Iterable[Encoder]:
    """Write structs as JSON objects, wherever they are."""
    yield Encoder(msgspec.Struct, msgspec.to_builtins, msgspec.json.schema)


@hookimpl
def fenrir_media_types() -> Iterable[MediaType]:
    """Read and write MessagePack."""
    yield MediaType("application/msgpack", _loads, msgspec.msgpack.encode)


def _loads(body: bytes) -> Any:
    try:
        return msgspec.msgpack.decode(body)
    except msgspec.DecodeError as error:  # COMPAT: no ValueError before msgspec 0.19
        raise ValueError(str(error)) from None


@hookimpl
def fenrir_make_resolver(param: Param) -> Optional[Resolver]:
    """Fill parameters that are annotated with a struct from the body."""
    kind: Any = param.annotation
    if not inspect.isclass(kind) or not issubclass(kind, msgspec.Struct):
        return None

    def read(request: Request) -> Any:
        try:
            return msgspec.convert(request.loaded_json, kind)
        except msgspec.ValidationError as error:
            raise HTTPError(422, str(error)) from None

    content = {"application/json": {"schema": msgspec.json.schema(kind)}}
    return Resolver(read, needs=frozenset({"body"}), openapi={"requestBody": {"required": True, "content": content}})
