"""The objects of an OpenAPI document as pydantic models.

Source: OpenAPI Specification 3.1.0, section 4.8; JSON Schema 2020-12. Every object takes more
keys than are named here, since the specification allows extensions (``x-…``) anywhere.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Dict, List, Optional, Union

from pydantic import AnyUrl, BaseModel, Field
from typing_extensions import Annotated, Literal

from ..starlette.types import Values
from .email import EmailStr as EmailStr
from .model_base import Amount, BaseModelWithConfig, Flag, OpenAPIObject, Text
from .security_models import (
    APIKey,
    APIKeyIn,
    HTTPBase,
    HTTPBearer,
    OAuth2,
    OAuthFlow,
    OAuthFlowAuthorizationCode,
    OAuthFlowClientCredentials,
    OAuthFlowImplicit,
    OAuthFlowPassword,
    OAuthFlows,
    OpenIdConnect,
    SecurityBase,
    SecurityScheme,
    SecuritySchemeType,
)

__all__ = [
    "APIKey", "APIKeyIn", "BaseModelWithConfig", "Components", "Contact", "Discriminator", "EmailStr", "Encoding",
    "Example",
    "ExternalDocumentation", "HTTPBase", "HTTPBearer", "Header", "Info", "License", "Link", "MediaType", "OAuth2",
    "OAuthFlow", "OAuthFlowAuthorizationCode", "OAuthFlowClientCredentials", "OAuthFlowImplicit", "OAuthFlowPassword",
    "OAuthFlows", "OpenAPI", "OpenIdConnect", "Operation", "Parameter", "ParameterBase", "ParameterInType",
    "PathItem", "Reference", "RequestBody", "Response", "Schema", "SchemaType", "SecurityBase", "SecurityScheme",
    "SecuritySchemeType", "Server", "ServerVariable", "Tag", "XML",
]  # fmt: skip

#: The types of JSON Schema.
SchemaType = Literal["array", "boolean", "integer", "null", "number", "object", "string"]


class Contact(OpenAPIObject):
    """The contact information of an API."""

    name: Text = None
    url: Optional[AnyUrl] = None
    email: Text = None


class License(OpenAPIObject):
    """The license of an API."""

    name: str
    identifier: Text = None
    url: Optional[AnyUrl] = None


class Info(OpenAPIObject):
    """The description of an API."""

    title: str
    version: str
    summary: Text = None
    description: Text = None
    termsOfService: Text = None
    contact: Optional[Contact] = None
    license: Optional[License] = None


class ServerVariable(OpenAPIObject):
    """A variable in a server's URL."""

    default: str
    enum: Annotated[Optional[List[str]], Field(min_length=1)] = None
    description: Text = None


class Server(OpenAPIObject):
    """A server."""

    url: Union[AnyUrl, str]
    description: Text = None
    variables: Optional[Dict[str, ServerVariable]] = None


class Reference(BaseModel):
    """A reference to another place in the document."""

    ref: str = Field(alias="$ref")


class Discriminator(BaseModel):
    """The property that tells alternative schemas apart."""

    propertyName: str
    mapping: Optional[Dict[str, str]] = None


class XML(OpenAPIObject):
    """The representation of a property in XML."""

    name: Text = None
    namespace: Text = None
    prefix: Text = None
    attribute: Flag = None
    wrapped: Flag = None


class ExternalDocumentation(OpenAPIObject):
    """A link to more documentation."""

    url: AnyUrl
    description: Text = None


SchemaOrBool = Union["Schema", bool]
Schemas = Optional[List["SchemaOrBool"]]
NamedSchemas = Optional[Dict[str, "SchemaOrBool"]]


class Schema(OpenAPIObject):
    """A JSON schema."""

    vocabulary: Text = Field(default=None, alias="$vocabulary")
    id: Text = Field(default=None, alias="$id")
    anchor: Text = Field(default=None, alias="$anchor")
    dynamicAnchor: Text = Field(default=None, alias="$dynamicAnchor")
    ref: Text = Field(default=None, alias="$ref")
    dynamicRef: Text = Field(default=None, alias="$dynamicRef")
    defs: NamedSchemas = Field(default=None, alias="$defs")
    comment: Text = Field(default=None, alias="$comment")
    allOf: Schemas = None
    anyOf: Schemas = None
    oneOf: Schemas = None
    not_: Optional[SchemaOrBool] = Field(default=None, alias="not")
    if_: Optional[SchemaOrBool] = Field(default=None, alias="if")
    then: Optional[SchemaOrBool] = None
    else_: Optional[SchemaOrBool] = Field(default=None, alias="else")
    dependentSchemas: NamedSchemas = None
    prefixItems: Schemas = None
    items: Optional[SchemaOrBool] = None
    contains: Optional[SchemaOrBool] = None
    properties: NamedSchemas = None
    patternProperties: NamedSchemas = None
    additionalProperties: Optional[SchemaOrBool] = None
    propertyNames: Optional[SchemaOrBool] = None
    unevaluatedItems: Optional[SchemaOrBool] = None
    unevaluatedProperties: Optional[SchemaOrBool] = None
    type: Union[SchemaType, List[SchemaType], None] = None
    enum: Optional[List[Any]] = None
    const: Any = None
    multipleOf: Annotated[Optional[float], Field(gt=0)] = None
    maximum: Optional[float] = None
    exclusiveMaximum: Optional[float] = None
    minimum: Optional[float] = None
    exclusiveMinimum: Optional[float] = None
    maxLength: Amount = None
    minLength: Amount = None
    pattern: Text = None
    maxItems: Amount = None
    minItems: Amount = None
    uniqueItems: Flag = None
    maxContains: Amount = None
    minContains: Amount = None
    maxProperties: Amount = None
    minProperties: Amount = None
    required: Optional[List[str]] = None
    format: Text = None
    contentEncoding: Text = None
    contentMediaType: Text = None
    contentSchema: Optional[SchemaOrBool] = None
    title: Text = None
    description: Text = None
    default: Any = None
    deprecated: Flag = None
    readOnly: Flag = None
    writeOnly: Flag = None
    examples: Optional[List[Any]] = None
    example: Any = None
    discriminator: Optional[Discriminator] = None
    xml: Optional[XML] = None
    externalDocs: Optional[ExternalDocumentation] = None


class Example(OpenAPIObject):
    """An example."""

    summary: Text = None
    description: Text = None
    value: Any = None
    externalValue: Optional[AnyUrl] = None


class ParameterInType(Enum):
    """The places of parameters."""

    query = "query"
    header = "header"
    path = "path"
    cookie = "cookie"


class Encoding(OpenAPIObject):
    """The encoding of one property of a form."""

    contentType: Text = None
    headers: Optional[Dict[str, Union[Header, Reference]]] = None
    style: Text = None
    explode: Flag = None
    allowReserved: Flag = None


class MediaType(OpenAPIObject):
    """A body of one media type."""

    schema_: Union[Schema, Reference, None] = Field(default=None, alias="schema")
    example: Any = None
    examples: Optional[Dict[str, Union[Example, Reference]]] = None
    encoding: Optional[Dict[str, Encoding]] = None


class ParameterBase(OpenAPIObject):
    """The common base of parameters and headers."""

    description: Text = None
    required: Flag = None
    deprecated: Flag = None
    style: Text = None
    explode: Flag = None
    allowReserved: Flag = None
    schema_: Union[Schema, Reference, None] = Field(default=None, alias="schema")
    example: Any = None
    examples: Optional[Dict[str, Union[Example, Reference]]] = None
    content: Optional[Dict[str, MediaType]] = None


class Parameter(ParameterBase):
    """A parameter."""

    name: str
    in_: ParameterInType = Field(alias="in")


class Header(ParameterBase):
    """A response header."""


class RequestBody(OpenAPIObject):
    """A request body."""

    content: Dict[str, MediaType]
    description: Text = None
    required: Flag = None


class Link(OpenAPIObject):
    """A link from a response to another operation."""

    operationRef: Text = None
    operationId: Text = None
    parameters: Optional[Values] = None
    requestBody: Any = None
    description: Text = None
    server: Optional[Server] = None


class Response(OpenAPIObject):
    """A response."""

    description: str
    headers: Optional[Dict[str, Union[Header, Reference]]] = None
    content: Optional[Dict[str, MediaType]] = None
    links: Optional[Dict[str, Union[Link, Reference]]] = None


class Operation(OpenAPIObject):
    """The operation of one method of a path."""

    tags: Optional[List[str]] = None
    summary: Text = None
    description: Text = None
    externalDocs: Optional[ExternalDocumentation] = None
    operationId: Text = None
    parameters: Optional[List[Union[Parameter, Reference]]] = None
    requestBody: Union[RequestBody, Reference, None] = None
    responses: Optional[Dict[str, Union[Response, Any]]] = None
    callbacks: Optional[Dict[str, Union[Dict[str, PathItem], Reference]]] = None
    deprecated: Flag = None
    security: Optional[List[Dict[str, List[str]]]] = None
    servers: Optional[List[Server]] = None


class PathItem(OpenAPIObject):
    """The operations of a path."""

    ref: Text = Field(default=None, alias="$ref")
    summary: Text = None
    description: Text = None
    get: Optional[Operation] = None
    put: Optional[Operation] = None
    post: Optional[Operation] = None
    delete: Optional[Operation] = None
    options: Optional[Operation] = None
    head: Optional[Operation] = None
    patch: Optional[Operation] = None
    trace: Optional[Operation] = None
    servers: Optional[List[Server]] = None
    parameters: Optional[List[Union[Parameter, Reference]]] = None


class Components(OpenAPIObject):
    """The reusable objects of the document."""

    schemas: Optional[Dict[str, Union[Schema, Reference]]] = None
    responses: Optional[Dict[str, Union[Response, Reference]]] = None
    parameters: Optional[Dict[str, Union[Parameter, Reference]]] = None
    examples: Optional[Dict[str, Union[Example, Reference]]] = None
    requestBodies: Optional[Dict[str, Union[RequestBody, Reference]]] = None
    headers: Optional[Dict[str, Union[Header, Reference]]] = None
    securitySchemes: Optional[Dict[str, Union[SecurityScheme, Reference]]] = None
    links: Optional[Dict[str, Union[Link, Reference]]] = None
    callbacks: Optional[Values] = None
    pathItems: Optional[Dict[str, Union[PathItem, Reference]]] = None


class Tag(OpenAPIObject):
    """A tag."""

    name: str
    description: Text = None
    externalDocs: Optional[ExternalDocumentation] = None


class OpenAPI(OpenAPIObject):
    """A whole document."""

    openapi: str
    info: Info
    jsonSchemaDialect: Text = None
    servers: Optional[List[Server]] = None
    paths: Optional[Dict[str, Union[PathItem, Any]]] = None
    webhooks: Optional[Dict[str, Union[PathItem, Reference]]] = None
    components: Optional[Components] = None
    security: Optional[List[Dict[str, List[str]]]] = None
    tags: Optional[List[Tag]] = None
    externalDocs: Optional[ExternalDocumentation] = None


for _model in (Schema, Operation, Encoding):
    _model.model_rebuild()
