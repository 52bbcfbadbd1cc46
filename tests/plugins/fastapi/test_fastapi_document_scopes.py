from __future__ import annotations

from enum import Enum
from typing import Any, Dict, List

from typing_extensions import Annotated

from fenrir_fastapi import APIRouter, Depends, FastAPI, Query, Security
from fenrir_fastapi.security import OAuth2PasswordBearer, SecurityScopes

oauth2 = OAuth2PasswordBearer(tokenUrl="token", scopes={"read": "Read", "write": "Write"})


class Colour(str, Enum):
    red = "red"
    blue = "blue"


def reader(scopes: SecurityScopes, token: str = Depends(oauth2)) -> List[str]:
    return scopes.scopes


def writer(token: str = Depends(oauth2)) -> str:
    return token


def operation(app: FastAPI) -> Dict[str, Any]:
    found: Dict[str, Any] = app.openapi()["paths"]["/"]["get"]
    return found


def test_the_scopes_of_a_decorator_are_in_the_document() -> None:
    app = FastAPI()

    @app.get("/", dependencies=[Security(reader, scopes=["read"])])
    def home() -> None: ...

    assert operation(app)["security"] == [{"OAuth2PasswordBearer": ["read"]}]


def test_the_scopes_of_a_router_are_in_the_document() -> None:
    app, router = FastAPI(), APIRouter(dependencies=[Security(reader, scopes=["read"])])

    @router.get("/")
    def home() -> None: ...

    app.include_router(router)
    assert operation(app)["security"] == [{"OAuth2PasswordBearer": ["read"]}]


def test_a_scheme_that_two_dependencies_share_names_the_scopes_of_both() -> None:
    app = FastAPI()

    @app.get("/")
    def home(one: Any = Security(writer, scopes=["write"]), two: Any = Security(reader, scopes=["read"])) -> None: ...

    assert operation(app)["security"] == [{"OAuth2PasswordBearer": ["write", "read"]}]


def test_a_default_stands_beside_the_reference_to_an_enumeration() -> None:
    app = FastAPI()

    @app.get("/")
    def home(colour: Annotated[Colour, Query()] = Colour.red) -> None: ...

    assert operation(app)["parameters"][0]["schema"] == {"$ref": "#/components/schemas/Colour", "default": "red"}
