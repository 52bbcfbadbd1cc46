"""The OpenAPI document and its pages."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import Any, List, Optional

import pytest
from pydantic import BaseModel, TypeAdapter, computed_field
from typing_extensions import Annotated

from fenrir_core import Fenrir
from fenrir_fastapi import APIRouter, Body, Depends, FastAPI, File, Form, Header, Path, Query, UploadFile
from fenrir_fastapi.openapi.models import APIKeyIn, EmailStr, OpenAPI
from fenrir_fastapi.openapi.utils import get_openapi
from fenrir_fastapi.security import HTTPBearer, OAuth2PasswordBearer
from fenrir_fastapi.security.api_key import APIKeyBase


class Kind(str, Enum):
    A = "a"


class Item(BaseModel):
    name: str
    kind: Optional[Kind] = None


class Box(BaseModel):
    size: int = 1

    @computed_field  # type: ignore[prop-decorator]
    @property
    def volume(self) -> int:
        return int(self.size**3)


def document(ask: Any, app: Any) -> Any:
    answer = ask(app, "GET", "/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def test_a_whole_document_is_as_fastapi_writes_it(ask: Any) -> None:
    app = FastAPI()

    @app.get("/items/{item_id}")
    async def read_items(item_id: Annotated[int, Path(ge=1)], q: Optional[str] = None, limit: int = 10) -> Any:
        """Read them.\f Not shown."""

    error = {"$ref": "#/components/schemas/HTTPValidationError"}
    found = document(ask, app)
    schemas = found.pop("components")["schemas"]
    assert sorted(schemas) == ["HTTPValidationError", "ValidationError"]
    assert found == {
        "openapi": "3.1.0",
        "info": {"title": "FastAPI", "version": "0.1.0"},
        "paths": {
            "/items/{item_id}": {
                "get": {
                    "summary": "Read Items",
                    "description": "Read them.",
                    "operationId": "read_items_items__item_id__get",
                    "parameters": [
                        {
                            "name": "item_id",
                            "in": "path",
                            "required": True,
                            "schema": {"type": "integer", "minimum": 1, "title": "Item Id"},
                        },
                        {
                            "name": "q",
                            "in": "query",
                            "required": False,
                            "schema": {"anyOf": [{"type": "string"}, {"type": "null"}], "title": "Q"},
                        },
                        {
                            "name": "limit",
                            "in": "query",
                            "required": False,
                            "schema": {"type": "integer", "default": 10, "title": "Limit"},
                        },
                    ],
                    "responses": {
                        "200": {
                            "description": "Successful Response",
                            "content": {
                                "application/json": {"schema": {"title": "Response Read Items Items  Item Id  Get"}}
                            },
                        },
                        "422": {
                            "description": "Validation Error",
                            "content": {"application/json": {"schema": error}},
                        },
                    },
                }
            }
        },
    }


def test_bodies_and_answers_are_components(ask: Any) -> None:
    app = Fenrir(title="Shop", version="2")

    @app.post("/items", status_code=201, tags=["items"])
    async def create(item: Item) -> List[Item]:
        return [item]

    found = document(ask, app)
    operation = found["paths"]["/items"]["post"]
    assert found["info"] == {"title": "Shop", "version": "2"}
    assert operation["tags"] == ["items"]
    assert operation["requestBody"] == {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}},
    }
    assert operation["responses"]["201"]["content"]["application/json"]["schema"] == {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Item"},
        "title": "Response Create Items Post",
    }
    assert {"Item", "Kind"} <= set(found["components"]["schemas"])


def test_several_body_parts_and_forms_are_one_component(ask: Any) -> None:
    app = FastAPI()

    @app.put("/both")
    async def both(item: Item, note: str = Body()) -> None: ...

    @app.post("/form")
    async def form(file: UploadFile, data: bytes = File(), note: str = Form("x")) -> None: ...

    found = document(ask, app)
    schemas = found["components"]["schemas"]
    assert schemas["Body_both_both_put"] == {
        "properties": {
            "item": {"$ref": "#/components/schemas/Item"},
            "note": {"type": "string", "title": "Note"},
        },
        "type": "object",
        "required": ["item", "note"],
        "title": "Body_both_both_put",
    }
    content = found["paths"]["/form"]["post"]["requestBody"]["content"]
    assert list(content) == ["multipart/form-data"]
    properties = schemas["Body_form_form_post"]["properties"]
    binary = {"type": "string", "contentMediaType": "application/octet-stream"}
    assert properties["file"] == {**binary, "title": "File"}
    assert properties["data"] == {**binary, "title": "Data"}


def test_parameters_of_dependencies_are_shown(ask: Any) -> None:
    app = FastAPI()

    def deep(x_key: str = Header()) -> None: ...

    def paging(page: int = Query(1, description="Which."), _: None = Depends(deep)) -> None: ...

    @app.get("/", dependencies=[Depends(paging)])
    async def show() -> None: ...

    parameters = document(ask, app)["paths"]["/"]["get"]["parameters"]
    assert [(item["in"], item["name"]) for item in parameters] == [("query", "page"), ("header", "x-key")]
    assert parameters[0]["description"] == "Which."


def test_a_parameter_model_is_shown_field_by_field(ask: Any) -> None:
    class Filters(BaseModel):
        limit: int = 5
        order: str

    app = FastAPI()

    @app.get("/")
    async def show(filters: Annotated[Filters, Query()]) -> None: ...

    parameters = document(ask, app)["paths"]["/"]["get"]["parameters"]
    assert [(item["name"], item["required"]) for item in parameters] == [("limit", False), ("order", True)]


def test_security_schemes_and_scopes_are_shown(ask: Any) -> None:
    from fenrir_fastapi import Security

    oauth = OAuth2PasswordBearer(tokenUrl="token", scopes={"me": "Read"})
    app = FastAPI()

    def user(token: str = Depends(oauth)) -> None: ...

    @app.get("/me")
    async def me(_: Any = Security(user, scopes=["me"]), __: Any = Depends(HTTPBearer())) -> None: ...

    found = document(ask, app)
    assert found["paths"]["/me"]["get"]["security"] == [{"OAuth2PasswordBearer": ["me"]}, {"HTTPBearer": []}]
    assert found["components"]["securitySchemes"] == {
        "OAuth2PasswordBearer": {
            "type": "oauth2",
            "flows": {"password": {"scopes": {"me": "Read"}, "tokenUrl": "token"}},
        },
        "HTTPBearer": {"type": "http", "scheme": "bearer"},
    }


def test_routes_of_other_paradigms_are_in_the_document_with_their_converters(ask: Any) -> None:
    class Things:
        async def on_get(self, req: Any, resp: Any, number: Any) -> None:
            """Show a thing."""
            resp.media = {}

    app = Fenrir()
    app.add_route("/things/{number:int}", Things())

    @app.get("/users/<ident:uuid>")
    async def user(ident):  # type: ignore[no-untyped-def]
        return str(ident)

    paths = document(ask, app)["paths"]
    (number,) = paths["/things/{number}"]["get"]["parameters"]
    assert number["schema"]["type"] == "integer"
    assert paths["/things/{number}"]["get"]["description"] == "Show a thing."
    (ident,) = paths["/users/{ident}"]["get"]["parameters"]
    assert (ident["schema"]["type"], ident["schema"]["format"]) == ("string", "uuid")


def test_further_answers_of_router_and_route_are_merged(ask: Any) -> None:
    app = FastAPI()
    router = APIRouter(prefix="/r", tags=["r"], responses={404: {"description": "Gone"}})

    @router.get("/one", responses={"4XX": {"model": Item}}, deprecated=True)
    async def one() -> None: ...

    @router.get("/hidden", include_in_schema=False)
    async def hidden() -> None: ...

    app.include_router(router, prefix="/api")
    found = document(ask, app)
    assert list(found["paths"]) == ["/api/r/one"]
    operation = found["paths"]["/api/r/one"]["get"]
    assert (operation["tags"], operation["deprecated"]) == (["r"], True)
    assert operation["responses"]["404"] == {"description": "Gone"}
    assert operation["responses"]["4XX"]["description"] == "Client Error"


def test_swagger_ui_is_served_at_both_places_from_this_host_alone(ask: Any) -> None:
    app = Fenrir(title="<Shop>")
    for path in ("/docs", "/openapi-docs"):
        page = ask(app, "GET", path)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "://" not in page.text
        assert "&lt;Shop&gt;" in page.text
        assert "'/openapi.json'" in page.text
    for name in ("swagger-ui.css", "swagger-ui-bundle.js"):
        assert f'"/docs/assets/swagger-ui-dist/{name}"' in ask(app, "GET", "/docs").text
        asset = ask(app, "GET", f"/docs/assets/swagger-ui-dist/{name}")
        assert (asset.status_code, len(asset.content) > 10_000) == (200, True)


def test_a_route_of_the_apps_author_keeps_its_place(ask: Any) -> None:
    app = Fenrir()

    @app.get("/docs")
    async def docs() -> str:
        return "mine"

    assert ask(app, "GET", "/docs").text == "mine"
    assert "swagger" in ask(app, "GET", "/openapi-docs").text


def test_without_a_document_url_there_is_neither_document_nor_page(ask: Any) -> None:
    app = Fenrir(openapi_url="")
    assert [ask(app, "GET", path).status_code for path in ("/openapi.json", "/docs", "/openapi-docs")] == [404] * 3


def test_the_author_may_replace_the_document(ask: Any) -> None:
    app = FastAPI()
    made = app.openapi()

    def mine() -> Any:
        return {**made, "x-mine": True}

    app.openapi = mine  # type: ignore[method-assign]
    assert document(ask, app)["x-mine"] is True


def test_the_plain_page_needs_no_script() -> None:
    from fenrir_fastapi.openapi.docs import plain_page

    app = FastAPI(description="<b>")

    @app.get("/items/{number}")
    async def items(number: int) -> None: ...

    page = plain_page(app.openapi())
    assert "<script" not in page
    assert "GET /items/{number}" in page
    assert "&lt;b&gt;" in page


def test_the_document_describes_webhooks_and_callbacks() -> None:
    app, router = FastAPI(), APIRouter()

    @router.post("{$callback_url}/done/{$request.body.id}")
    def done(item: Item) -> None: ...

    @app.post("/jobs", callbacks=router.routes)
    def start(callback_url: str) -> None: ...

    @app.webhooks.post("item-made")
    def item_made(item: Item) -> None: ...

    made = app.openapi()
    callback = made["paths"]["/jobs"]["post"]["callbacks"]["done"]["{$callback_url}/done/{$request.body.id}"]["post"]
    hook = made["webhooks"]["item-made"]["post"]
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}, "required": True}
    assert callback["requestBody"] == hook["requestBody"] == body
    assert list(made["paths"]) == ["/jobs"]


def test_a_prefix_that_a_proxy_takes_off_is_the_first_server(ask: Any) -> None:
    app = FastAPI(root_path="/api", servers=[{"url": "https://b.example"}])
    assert document(ask, app)["servers"] == [{"url": "/api"}, {"url": "https://b.example"}]
    assert app.openapi()["servers"] == [{"url": "https://b.example"}]
    assert "servers" not in document(ask, FastAPI(root_path="/api", root_path_in_servers=False))


def test_one_model_is_two_components_where_it_is_sent_otherwise_than_received() -> None:
    class Crate(BaseModel):
        price: Decimal = Decimal(1)

    def make(model: Any, separate: bool) -> Any:
        app = FastAPI(separate_input_output_schemas=separate)

        def echo(box: Any) -> Any:
            return box

        echo.__annotations__ = {"box": model, "return": model}
        app.post("/")(echo)
        return app.openapi()["components"]["schemas"]

    assert {"Crate-Input", "Crate-Output"} <= set(make(Crate, True))
    assert "Crate" in make(Crate, False)
    assert {"Box-Input", "Box-Output"} <= set(make(Box, False)), "computed fields are sent, and not received"


def test_a_function_of_the_author_makes_the_ids_of_operations() -> None:
    def make_id(route: Any) -> str:
        return f"{route.tags[0]}-{route.name}"

    app, router = FastAPI(generate_unique_id_function=make_id), APIRouter(tags=["items"])

    @router.get("/")
    def show() -> None: ...

    app.include_router(router, prefix="/items")
    assert app.openapi()["paths"]["/items/"]["get"]["operationId"] == "items-show"


def test_two_operations_of_one_id_are_warned_of() -> None:
    app = FastAPI()
    app.get("/a", operation_id="same")(lambda: None)
    app.get("/b", operation_id="same")(lambda: None)
    with pytest.warns(UserWarning, match="Duplicate Operation ID same"):
        app.openapi()


def test_the_document_of_any_routes_can_be_made() -> None:
    app = FastAPI()

    @app.get("/items/{number}")
    def show(number: int) -> None: ...

    made = get_openapi(title="Mine", version="2", routes=app.routes, tags=[{"name": "x"}])
    assert made["paths"] == app.openapi()["paths"]
    assert (made["info"], made["tags"]) == ({"title": "Mine", "version": "2"}, [{"name": "x"}])


def test_the_pages_can_be_configured(ask: Any) -> None:
    app = FastAPI(
        swagger_ui_init_oauth={"appName": "</script>"},
        swagger_ui_parameters={"deepLinking": False},
        swagger_ui_oauth2_redirect_url="/back",
    )
    page = ask(app, "GET", "/docs").text
    assert '"deepLinking": false' in page
    assert "window.location.origin + '/back'" in page
    assert "ui.initOAuth" in page
    assert page.count("</script>") == 2
    assert "swaggerUIRedirectOauth2" in ask(app, "GET", "/back").text
    assert ask(app, "GET", "/redoc").status_code == 200
    assert ask(FastAPI(redoc_url=None, docs_url=None), "GET", "/redoc").status_code == 404


def test_the_models_of_a_document_read_what_the_app_writes() -> None:
    app = FastAPI()

    @app.post("/")
    def echo(item: Item) -> Item:
        return item

    made = app.openapi()
    assert OpenAPI(**made).model_dump(mode="json", by_alias=True, exclude_unset=True) == made


def test_an_address_of_email_is_described_as_one() -> None:
    schema = TypeAdapter(EmailStr).json_schema()
    assert schema == {"type": "string", "format": "email"}


def test_a_base_of_api_keys_takes_their_place() -> None:
    described = APIKeyBase(name="key", location=APIKeyIn.header).model
    assert (described["in"], described["name"]) == ("header", "key")
