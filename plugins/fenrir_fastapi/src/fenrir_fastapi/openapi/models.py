"""The objects of an OpenAPI document as pydantic models.

Source: OpenAPI Specification 3.1.0, section 4.8; JSON Schema 2020-12. Every object takes more
keys than are named here, as the specification lets extensions (``x-…``) be put anywhere.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Dict, List, Optional, Union

from pydantic import AnyUrl, BaseModel, ConfigDict, Field
from typing_extensions import Annotated, Literal

#: The types that JSON Schema knows.
SchemaType = Literal["array", "boolean", "integer", "null", "number", "object", "string"]
Text = Optional[str]
Flag = Optional[bool]
Amount = Annotated[Optional[int], Field(ge=0)]


class _Object(BaseModel):
    model_config = ConfigDict(extra="allow")


class Contact(_Object):
    """Whom to contact."""

    name: Text = None
    url: Optional[AnyUrl] = None
    email: Text = None


class License(_Object):
    """The licence."""

    name: str
    identifier: Text = None
    url: Optional[AnyUrl] = None


class Info(_Object):
    """What is said of the API as a whole."""

    title: str
    version: str
    summary: Text = None
    description: Text = None
    termsOfService: Text = None
    contact: Optional[Contact] = None
    license: Optional[License] = None


class ServerVariable(_Object):
    """A part of a server's URL that can be chosen."""

    default: str
    enum: Annotated[Optional[List[str]], Field(min_length=1)] = None
    description: Text = None


class Server(_Object):
    """A server."""

    url: Union[AnyUrl, str]
    description: Text = None
    variables: Optional[Dict[str, ServerVariable]] = None


class Reference(BaseModel):
    """Refer to another place of the document."""

    ref: str = Field(alias="$ref")


class Discriminator(BaseModel):
    """Say which property tells the alternatives apart."""

    propertyName: str
    mapping: Optional[Dict[str, str]] = None


class XML(_Object):
    """Say what a property is in XML."""

    name: Text = None
    namespace: Text = None
    prefix: Text = None
    attribute: Flag = None
    wrapped: Flag = None


class ExternalDocumentation(_Object):
    """A link to more documentation."""

    url: AnyUrl
    description: Text = None


SchemaOrBool = Union["Schema", bool]
Schemas = Optional[List["SchemaOrBool"]]
NamedSchemas = Optional[Dict[str, "SchemaOrBool"]]


class Schema(_Object):
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


class Example(_Object):
    """An example."""

    summary: Text = None
    description: Text = None
    value: Any = None
    externalValue: Optional[AnyUrl] = None


class ParameterInType(Enum):
    """Say where a parameter is."""

    query = "query"
    header = "header"
    path = "path"
    cookie = "cookie"


class Encoding(_Object):
    """Say how one property of a form is written."""

    contentType: Text = None
    headers: Optional[Dict[str, Union[Header, Reference]]] = None
    style: Text = None
    explode: Flag = None
    allowReserved: Flag = None


class MediaType(_Object):
    """A body of one media type."""

    schema_: Union[Schema, Reference, None] = Field(default=None, alias="schema")
    example: Any = None
    examples: Optional[Dict[str, Union[Example, Reference]]] = None
    encoding: Optional[Dict[str, Encoding]] = None


class ParameterBase(_Object):
    """What parameters and headers have in common."""

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
    """A header of an answer."""


class RequestBody(_Object):
    """The body of a request."""

    content: Dict[str, MediaType]
    description: Text = None
    required: Flag = None


class Link(_Object):
    """A way from an answer to another operation."""

    operationRef: Text = None
    operationId: Text = None
    parameters: Optional[Dict[str, Any]] = None
    requestBody: Any = None
    description: Text = None
    server: Optional[Server] = None


class Response(_Object):
    """An answer."""

    description: str
    headers: Optional[Dict[str, Union[Header, Reference]]] = None
    content: Optional[Dict[str, MediaType]] = None
    links: Optional[Dict[str, Union[Link, Reference]]] = None


class Operation(_Object):
    """One method of a path."""

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


class PathItem(_Object):
    """A path."""

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


class SecuritySchemeType(Enum):
    """Say what kind a security scheme is of."""

    apiKey = "apiKey"
    http = "http"
    oauth2 = "oauth2"
    openIdConnect = "openIdConnect"


class SecurityBase(_Object):
    """A security scheme."""

    type_: SecuritySchemeType = Field(alias="type")
    description: Text = None


class APIKeyIn(Enum):
    """Say where an API key is."""

    query = "query"
    header = "header"
    cookie = "cookie"


class APIKey(SecurityBase):
    """An API key."""

    type_: SecuritySchemeType = Field(default=SecuritySchemeType.apiKey, alias="type")
    in_: APIKeyIn = Field(alias="in")
    name: str


class HTTPBase(SecurityBase):
    """HTTP authentication."""

    type_: SecuritySchemeType = Field(default=SecuritySchemeType.http, alias="type")
    scheme: str


class HTTPBearer(HTTPBase):
    """A bearer token."""

    scheme: Literal["bearer"] = "bearer"
    bearerFormat: Text = None


class OAuthFlow(_Object):
    """What OAuth2 flows have in common."""

    refreshUrl: Text = None
    scopes: Dict[str, str] = {}


class OAuthFlowImplicit(OAuthFlow):
    """The implicit flow."""

    authorizationUrl: str


class OAuthFlowPassword(OAuthFlow):
    """The password flow."""

    tokenUrl: str


class OAuthFlowClientCredentials(OAuthFlow):
    """The flow of client credentials."""

    tokenUrl: str


class OAuthFlowAuthorizationCode(OAuthFlow):
    """The flow of authorisation codes."""

    authorizationUrl: str
    tokenUrl: str


class OAuthFlows(_Object):
    """The flows that an OAuth2 scheme has."""

    implicit: Optional[OAuthFlowImplicit] = None
    password: Optional[OAuthFlowPassword] = None
    clientCredentials: Optional[OAuthFlowClientCredentials] = None
    authorizationCode: Optional[OAuthFlowAuthorizationCode] = None


class OAuth2(SecurityBase):
    """OAuth2."""

    type_: SecuritySchemeType = Field(default=SecuritySchemeType.oauth2, alias="type")
    flows: OAuthFlows


class OpenIdConnect(SecurityBase):
    """OpenID Connect."""

    type_: SecuritySchemeType = Field(default=SecuritySchemeType.openIdConnect, alias="type")
    openIdConnectUrl: str


SecurityScheme = Union[APIKey, HTTPBase, OAuth2, OpenIdConnect, HTTPBearer]


class Components(_Object):
    """What the document refers to."""

    schemas: Optional[Dict[str, Union[Schema, Reference]]] = None
    responses: Optional[Dict[str, Union[Response, Reference]]] = None
    parameters: Optional[Dict[str, Union[Parameter, Reference]]] = None
    examples: Optional[Dict[str, Union[Example, Reference]]] = None
    requestBodies: Optional[Dict[str, Union[RequestBody, Reference]]] = None
    headers: Optional[Dict[str, Union[Header, Reference]]] = None
    securitySchemes: Optional[Dict[str, Union[SecurityScheme, Reference]]] = None
    links: Optional[Dict[str, Union[Link, Reference]]] = None
    callbacks: Optional[Dict[str, Any]] = None
    pathItems: Optional[Dict[str, Union[PathItem, Reference]]] = None


class Tag(_Object):
    """A tag."""

    name: str
    description: Text = None
    externalDocs: Optional[ExternalDocumentation] = None


class OpenAPI(_Object):
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
