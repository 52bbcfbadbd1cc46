"""The base class and common types of the OpenAPI objects."""

from __future__ import annotations

from typing import Optional

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import Annotated

Text = Optional[str]
Flag = Optional[bool]
Amount = Annotated[Optional[int], Field(ge=0)]


class BaseModelWithConfig(BaseModel):
    """An object of an OpenAPI document, which may have extensions."""

    model_config = ConfigDict(extra="allow")


OpenAPIObject = BaseModelWithConfig
