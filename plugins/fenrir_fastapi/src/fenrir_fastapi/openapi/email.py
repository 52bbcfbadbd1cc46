"""Addresses of e-mail: pydantic's type where email-validator is installed, else any text."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from fenrir_core.authoring import JSONObject

__all__ = ["EmailStr"]

if TYPE_CHECKING or find_spec("email_validator") is not None:
    from pydantic import EmailStr
else:

    class EmailStr(str):
        """Text that is described as an address, and not validated: email-validator is not installed."""

        @classmethod
        def validate(cls, v: Any) -> str:
            """Return a value as text."""
            return str(v)

        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
            return core_schema.no_info_plain_validator_function(cls.validate)

        @classmethod
        def __get_pydantic_json_schema__(
            cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
        ) -> JSONObject:
            return {"type": "string", "format": "email"}
