"""Parameters: where they come from, what they become, how mistakes are told."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any, Dict, List, Optional, Set
from uuid import UUID

import pytest
from pydantic import BaseModel, Field
from typing_extensions import Annotated

from fenrir_core import BuildError, Fenrir
from fenrir_fastapi import Body, Cookie, Depends, FastAPI, File, Form, Header, Path, Query, Request, UploadFile


class Item(BaseModel):
    name: str
    price: float = Field(gt=0)
    tags: List[str] = []


class User(BaseModel):
    username: str


class Color(str, Enum):
    RED = "red"
    BLUE = "blue"


class Filters(BaseModel):
    limit: int = 10
    order: Optional[str] = None
    tag: List[str] = []


def test_a_query_parameter_is_converted_and_has_its_default(ask: Any) -> None:
    app = Fenrir()

    @app.get("/items")
    async def items(skip: int, limit: int = 10, flag: bool = False) -> Dict[str, Any]:
        return {"skip": skip, "limit": limit, "flag": flag}

    assert ask(app, "GET", "/items?skip=3&flag=yes").json() == {"skip": 3, "limit": 10, "flag": True}


def test_a_missing_query_parameter_is_told_in_fastapis_words(ask: Any) -> None:
    app = Fenrir()

    @app.get("/items")
    async def items(skip: int) -> None: ...

    answer = ask(app, "GET", "/items")
    assert answer.status_code == 422
    assert answer.json() == {
        "detail": [{"type": "missing", "loc": ["query", "skip"], "msg": "Field required", "input": None}]
    }


def test_mistakes_of_all_places_are_told_at_once_in_the_order_of_the_places(ask: Any) -> None:
    app = Fenrir()

    @app.post("/items/{number}")
    async def items(
        item: Item,
        session: Annotated[str, Cookie()],
        x_token: Annotated[int, Header()],
        size: int,
        number: int,
    ) -> None: ...

    answer = ask(app, "POST", "/items/x?size=big", json={"name": "a", "price": -1}, headers={"x-token": "no"})
    assert [error["loc"] for error in answer.json()["detail"]] == [
        ["path", "number"],
        ["query", "size"],
        ["header", "x-token"],
        ["cookie", "session"],
        ["body", "price"],
    ]


def test_mistakes_of_dependencies_come_first(ask: Any) -> None:
    app = Fenrir()

    async def paging(page: int) -> int:
        return page

    @app.get("/items")
    async def items(size: int, page: Annotated[int, Depends(paging)]) -> None: ...

    answer = ask(app, "GET", "/items")
    assert [error["loc"][1] for error in answer.json()["detail"]] == ["page", "size"]


def test_a_path_parameter_is_validated_by_its_annotation(ask: Any) -> None:
    app = Fenrir()

    @app.get("/colors/{color}/{number}")
    async def show(color: Color, number: Annotated[int, Path(ge=1)]) -> Dict[str, Any]:
        return {"color": color, "number": number}

    assert ask(app, "GET", "/colors/red/2").json() == {"color": "red", "number": 2}
    errors = ask(app, "GET", "/colors/green/0").json()["detail"]
    assert [(error["type"], error["loc"]) for error in errors] == [
        ("enum", ["path", "color"]),
        ("greater_than_equal", ["path", "number"]),
    ]


def test_a_path_parameter_without_annotation_is_what_its_converter_made(ask: Any) -> None:
    app = Fenrir()

    @app.get("/items/<number:int>")
    async def show(number):  # type: ignore[no-untyped-def]
        return {"number": number}

    assert ask(app, "GET", "/items/7").json() == {"number": 7}


def test_a_list_takes_every_value_of_its_name(ask: Any) -> None:
    app = Fenrir()

    @app.get("/")
    async def show(
        q: Annotated[List[int], Query()], x: Annotated[Optional[Set[str]], Header()] = None
    ) -> Dict[str, Any]:
        return {"q": q, "x": sorted(x or ())}

    answer = ask(app, "GET", "/?q=1&q=2", headers=[("x", "a"), ("x", "b")])
    assert answer.json() == {"q": [1, 2], "x": ["a", "b"]}


def test_of_a_repeated_name_a_scalar_takes_the_last_value(ask: Any) -> None:
    app = Fenrir()

    @app.get("/")
    async def show(q: int) -> Dict[str, Any]:
        return {"q": q}

    assert ask(app, "GET", "/?q=1&q=2").json() == {"q": 2}


def test_an_alias_is_the_name_on_the_wire_and_in_mistakes(ask: Any) -> None:
    app = Fenrir()

    @app.get("/")
    async def show(q: str = Query(alias="item-query", min_length=3), n: int = Query(1, validation_alias="num")) -> Any:
        return [q, n]

    assert ask(app, "GET", "/?item-query=abc&num=2").json() == ["abc", 2]
    assert ask(app, "GET", "/?item-query=a").json()["detail"][0]["loc"] == ["query", "item-query"]


def test_a_header_is_found_with_dashes_for_underscores(ask: Any) -> None:
    app = Fenrir()

    @app.get("/")
    async def show(user_agent: str = Header(), odd_one: str = Header("none", convert_underscores=False)) -> Any:
        return [user_agent, odd_one]

    answer = ask(app, "GET", "/", headers={"user-agent": "me", "odd-one": "no", "odd_one": "yes"})
    assert answer.json() == ["me", "yes"]


def test_a_query_parameter_never_fills_a_header_of_the_same_name(ask: Any) -> None:
    app = Fenrir()

    @app.get("/")
    async def show(q: str, token: Optional[str] = Header(None)) -> Any:
        return [q, token]

    assert ask(app, "GET", "/?q=1&token=forged").json() == ["1", None]


def test_a_mutable_default_is_fresh_in_each_request(ask: Any) -> None:
    app = Fenrir()

    @app.post("/")
    async def show(q: List[str] = Query([]), body: List[str] = Body([])) -> Any:
        q.append("x")
        body.append("y")
        return [q, body]

    assert [ask(app, "POST", "/").json() for _ in range(2)] == [[["x"], ["y"]]] * 2


def test_a_default_factory_is_called_for_each_request(ask: Any) -> None:
    app, count = Fenrir(), iter(range(10))

    @app.get("/")
    async def show(q: int = Query(default_factory=lambda: next(count))) -> Any:
        return q

    assert [ask(app, "GET", "/").json() for _ in range(2)] == [0, 1]


def test_a_model_is_the_json_body(ask: Any) -> None:
    app = Fenrir()

    @app.post("/items")
    async def create(item: Item) -> Dict[str, Any]:
        return {"got": item.model_dump()}

    answer = ask(app, "POST", "/items", json={"name": "a", "price": "2.5"})
    assert answer.json() == {"got": {"name": "a", "price": 2.5, "tags": []}}


def test_a_missing_body_is_told(ask: Any) -> None:
    app = Fenrir()

    @app.post("/items")
    async def create(item: Item) -> None: ...

    answer = ask(app, "POST", "/items", content=b"", headers={"content-type": "application/json"})
    assert answer.json() == {"detail": [{"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}]}


def test_broken_json_is_told_with_its_place(ask: Any) -> None:
    app = Fenrir()

    @app.post("/items")
    async def create(item: Item) -> None: ...

    answer = ask(app, "POST", "/items", content=b'{"a": }', headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["detail"] == [
        {
            "type": "json_invalid",
            "loc": ["body", 6],
            "msg": "JSON decode error",
            "input": {},
            "ctx": {"error": "Expecting value"},
        }
    ]


def test_a_body_that_is_no_object_is_told_as_fastapi_tells_it(ask: Any) -> None:
    app = Fenrir()

    @app.post("/items")
    async def create(item: Item) -> None: ...

    (error,) = ask(app, "POST", "/items", json=[]).json()["detail"]
    assert (error["type"], error["loc"], error["input"]) == ("model_attributes_type", ["body"], [])


def test_a_body_of_another_media_type_is_no_json(ask: Any) -> None:
    app = Fenrir()

    @app.post("/items")
    async def create(item: Item) -> Any:
        return item.name

    body = b'{"name": "a", "price": 1}'
    assert ask(app, "POST", "/items", content=body, headers={"content-type": "text/plain"}).status_code == 422
    assert ask(app, "POST", "/items", content=body).status_code == 422
    geo = ask(app, "POST", "/items", content=body, headers={"content-type": "application/geo+json"})
    assert geo.status_code == 200


def test_several_body_parameters_are_keys_of_one_object(ask: Any) -> None:
    app = Fenrir()

    @app.put("/items")
    async def update(item: Item, user: User, importance: int = Body()) -> Any:
        return {"item": item, "user": user, "importance": importance}

    body = {"item": {"name": "a", "price": 1}, "user": {"username": "b"}, "importance": 5}
    assert ask(app, "PUT", "/items", json=body).json()["importance"] == 5
    errors = ask(app, "PUT", "/items", json={"item": {"name": "a"}}).json()["detail"]
    assert [error["loc"] for error in errors] == [["body", "item", "price"], ["body", "user"], ["body", "importance"]]


def test_a_body_parameter_of_a_dependency_makes_keys_of_all(ask: Any) -> None:
    app = Fenrir()

    async def user_of(user: User) -> User:
        return user

    @app.post("/items")
    async def create(item: Item, user: User = Depends(user_of)) -> Any:
        return [item.name, user.username]

    body = {"item": {"name": "a", "price": 1}, "user": {"username": "b"}}
    assert ask(app, "POST", "/items", json=body).json() == ["a", "b"]


def test_embed_asks_for_a_key(ask: Any) -> None:
    app = Fenrir()

    @app.post("/items")
    async def create(item: Annotated[Item, Body(embed=True)]) -> Any:
        return item.name

    assert ask(app, "POST", "/items", json={"item": {"name": "a", "price": 1}}).text == "a"


def test_bodies_may_be_lists_and_dicts(ask: Any) -> None:
    app = Fenrir()

    @app.post("/list")
    async def many(items: List[Item]) -> Any:
        return [item.name for item in items]

    @app.post("/dict")
    async def weights(weights: Dict[int, float]) -> Any:
        return sum(weights)

    assert ask(app, "POST", "/list", json=[{"name": "a", "price": 1}]).json() == ["a"]
    assert ask(app, "POST", "/dict", json={"1": 2.0, "3": 1.0}).json() == 4


def test_form_fields_are_read_and_empty_ones_count_as_absent(ask: Any) -> None:
    app = Fenrir()

    @app.post("/login")
    async def login(username: str = Form(), remember: bool = Form(False)) -> Any:
        return [username, remember]

    assert ask(app, "POST", "/login", data={"username": "a", "remember": ""}).json() == ["a", False]
    assert ask(app, "POST", "/login", data={"username": ""}).json()["detail"][0]["loc"] == ["body", "username"]


def test_a_model_takes_a_whole_form(ask: Any) -> None:
    app = Fenrir()

    @app.post("/login")
    async def login(user: Annotated[User, Form()]) -> Any:
        return user.username

    assert ask(app, "POST", "/login", data={"username": "a"}).text == "a"
    assert ask(app, "POST", "/login").json()["detail"][0]["loc"] == ["body", "username"]


def test_files_come_as_objects_or_as_bytes(ask: Any) -> None:
    app = Fenrir()

    @app.post("/files")
    async def files(one: UploadFile, two: bytes = File(), note: str = Form()) -> Any:
        return [one.filename, (await one.read()).decode(), two.decode(), note]

    sent = {"one": ("a.txt", b"first"), "two": ("b.txt", b"second")}
    assert ask(app, "POST", "/files", files=sent, data={"note": "n"}).json() == ["a.txt", "first", "second", "n"]
    missing = ask(app, "POST", "/files", data={"note": "n"}).json()["detail"]
    assert [error["loc"] for error in missing] == [["body", "one"], ["body", "two"]]


def test_several_files_keep_their_order(ask: Any) -> None:
    app = Fenrir()

    @app.post("/files")
    async def files(files: List[UploadFile]) -> Any:
        return [file.filename for file in files]

    sent = [("files", ("b", b"1")), ("files", ("a", b"2"))]
    assert ask(app, "POST", "/files", files=sent).json() == ["b", "a"]


def test_a_model_takes_the_whole_query(ask: Any) -> None:
    app = Fenrir()

    @app.get("/")
    async def show(filters: Annotated[Filters, Query()]) -> Any:
        return filters.model_dump()

    assert ask(app, "GET", "/?limit=3&tag=a&tag=b").json() == {"limit": 3, "order": None, "tag": ["a", "b"]}
    assert ask(app, "GET", "/?limit=x").json()["detail"][0]["loc"] == ["query", "limit"]


def test_dates_and_ids_without_marker_are_query_parameters(ask: Any) -> None:
    app = Fenrir()

    @app.get("/")
    async def show(day: date, ident: Optional[UUID] = None) -> Any:
        return {"day": day, "ident": ident}

    assert ask(app, "GET", "/?day=2024-02-29").json() == {"day": "2024-02-29", "ident": None}


def test_a_request_is_injected_by_its_annotation(ask: Any) -> None:
    app = Fenrir()

    @app.get("/items/{number}")
    async def show(request: Request) -> Any:
        return [request.method, request.url.path, request.query_params["q"], request.path_params, str(request.base_url)]

    answer = ask(app, "GET", "/items/3?q=1&q=2")
    assert answer.json() == ["GET", "/items/3", "2", {"number": "3"}, "http://test/"]


def test_an_annotation_with_an_unknown_name_is_an_error_that_names_the_parameter() -> None:
    app = Fenrir()

    @app.get("/")
    async def show(item: Unknown) -> None: ...  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(BuildError, match=r"test_fastapi_parameters.py:\d+: route '/'.*'item'.*'Unknown'"):
        app.build()


def test_a_type_that_can_not_be_read_is_an_error_that_names_the_remedy() -> None:
    class Database:
        pass

    app = Fenrir()

    @app.get("/")
    async def show(db: Database) -> None: ...

    with pytest.raises(BuildError, match=r"'db' of .*Depends\(\)"):
        app.build()


def test_a_marker_for_another_place_than_the_path_is_an_error() -> None:
    app = FastAPI()

    with pytest.raises(BuildError, match="'number'.*in the path"):

        @app.get("/items/{number}")
        async def show(number: int = Query()) -> None: ...


def test_a_default_inside_of_annotated_is_an_error() -> None:
    app = FastAPI()

    with pytest.raises(BuildError, match=r"'q' .*Query\(\) in Annotated.* `= 1`"):

        @app.get("/")
        async def show(q: Annotated[int, Query(1)]) -> None: ...


def test_a_sync_handler_gets_its_parameters_too(ask: Any) -> None:
    app = Fenrir()

    @app.post("/{number}")
    def create(number: int, item: Item) -> Any:
        return [number, item.name]

    assert ask(app, "POST", "/4", json={"name": "a", "price": 1}).json() == [4, "a"]


def test_the_limits_of_all_markers_of_a_parameter_hold(ask: Any) -> None:
    app = FastAPI()

    @app.get("/")
    async def show(number: Annotated[int, Query(gt=2), Query(lt=5)]) -> int:
        return number

    assert [ask(app, "GET", f"/?number={number}").status_code for number in (2, 3, 5)] == [422, 200, 422]
