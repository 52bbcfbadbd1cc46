from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest
from tests.examples.loading import loaded, new_client

BOTH = ("fenrir_fastapi", "fastapi")
ADMIN = {"username": "admin", "password": "correct horse"}
ADA = {"username": "ada", "password": "analytical engine"}
ROPE = {"sku": "ROPE-10", "name": " Rope ", "cents": 1250, "stock": 4, "size": {"width": 12, "unit": "cm"}}
ZERO = "00000000-0000-0000-0000-000000000000"


def set_environment(monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
    monkeypatch.setenv("SHOP_DATABASE", f"sqlite:///{directory / 'shop.db'}")
    monkeypatch.setenv("SHOP_ADMIN_PASSWORD", ADMIN["password"])
    monkeypatch.setenv("SHOP_SECRET", "for the tests alone, and long enough for HS256")
    monkeypatch.setenv("CHAT_MAX_UPLOAD", "100")


@pytest.fixture(params=BOTH)
def framework(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    set_environment(monkeypatch, tmp_path)
    return str(request.param)


@pytest.fixture
def shop(framework: str, tmp_path: Path) -> Iterator[Any]:
    with loaded("fastapi_shop", framework, tmp_path) as module, new_client(framework, module.app) as client:
        yield client


@pytest.fixture
def chat_module(framework: str, tmp_path: Path) -> Iterator[Any]:
    with loaded("fastapi_chat", framework, tmp_path) as module:
        yield module


@pytest.fixture
def chat(framework: str, chat_module: Any) -> Iterator[Any]:
    with new_client(framework, chat_module.app) as client:
        yield client


def signed_in(client: Any, user: Dict[str, str], scope: str = "") -> Dict[str, str]:
    answer = client.post("/token", data={**user, "scope": scope})
    assert answer.status_code == 200
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def with_ada(client: Any) -> Dict[str, str]:
    assert client.post("/users", json=ADA).status_code == 201
    return signed_in(client, ADA)


# ---------------------------------------------------------------- the shop
def test_a_user_registers_and_signs_in(shop: Any) -> None:
    created = shop.post("/users", json={**ADA, "full_name": "Ada Lovelace"})
    assert (created.status_code, created.json()) == (201, {"id": 2, "username": "ada", "full_name": "Ada Lovelace"})
    assert shop.get("/users/me", headers=signed_in(shop, ADA)).json() == created.json()


def test_a_name_is_given_once(shop: Any) -> None:
    assert shop.post("/users", json=ADA).json() == {"id": 2, "username": "ada", "full_name": None}
    again = shop.post("/users", json=ADA)
    assert (again.status_code, again.json()) == (409, {"detail": "The name is taken"})


def test_a_wrong_password_gets_no_token(shop: Any) -> None:
    answer = shop.post("/token", data={**ADMIN, "password": "battery staple"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_a_token_has_the_scopes_that_were_asked_for_and_allowed(shop: Any) -> None:
    assert shop.post("/token", data=ADMIN).json()["scope"] == "orders items"
    assert shop.post("/token", data={**ADMIN, "scope": "items"}).json()["scope"] == "items"
    with_ada(shop)
    assert shop.post("/token", data={**ADA, "scope": "items orders"}).json()["scope"] == "orders"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer a.b.c"}])
def test_without_a_token_that_counts_nothing_changes(shop: Any, headers: Dict[str, str]) -> None:
    assert shop.post("/items", json=ROPE, headers=headers).status_code == 401
    assert shop.get("/items").json() == []


def test_a_customer_may_not_fill_the_shelves(shop: Any) -> None:
    answer = shop.post("/items", json=ROPE, headers=with_ada(shop))
    assert (answer.status_code, answer.json()) == (403, {"detail": "Not enough permissions"})
    assert answer.headers["www-authenticate"] == 'Bearer scope="items"'


def test_staff_create_read_change_and_delete_items(shop: Any) -> None:
    staff = signed_in(shop, ADMIN)
    created = shop.post("/items", json=ROPE, headers=staff)
    size = {"width": 12, "height": 1, "unit": "cm"}
    rope = {**ROPE, "id": 1, "name": "Rope", "description": None, "size": size, "in_stock": True}
    assert (created.status_code, created.headers["location"], created.json()) == (201, "/items/1", rope)
    assert shop.get("/items/1").json() == rope
    changed = shop.patch("/items/1", json={"cents": 900}, headers=staff)
    assert changed.json() == {**rope, "cents": 900}
    emptied = shop.put("/items/1/stock", json={"stock": 0}, headers=staff)
    assert (emptied.json()["stock"], emptied.json()["in_stock"]) == (0, False)
    deleted = shop.delete("/items/1", headers=staff)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert shop.get("/items/1").json() == {"detail": "There is no item 1"}


def test_the_list_is_searched_sorted_and_cut(shop: Any) -> None:
    staff = signed_in(shop, ADMIN)
    for number, (name, cents) in enumerate([("Rope", 300), ("Lantern", 100), ("Rope ladder", 200)]):
        new = {"sku": f"N-{number}", "name": name, "cents": cents}
        assert shop.post("/items", json=new, headers=staff).status_code == 201

    def names(query: str) -> List[str]:
        return [item["name"] for item in shop.get(f"/items?{query}").json()]

    assert names("") == ["Lantern", "Rope", "Rope ladder"]
    assert names("q=rope&sort=cheapest") == ["Rope ladder", "Rope"]
    assert names("sku=N-1&sku=N-2&sort=newest") == ["Rope ladder", "Lantern"]
    assert names("max-cents=250&limit=1&offset=1") == ["Rope ladder"]
    assert shop.get("/items?limit=1").headers["x-total"] == "3"


def test_an_order_is_confirmed_after_the_answer(shop: Any) -> None:
    staff, ada = signed_in(shop, ADMIN), with_ada(shop)
    shop.post("/items", json=ROPE, headers=staff)
    placed = shop.post("/orders", json=[{"item_id": 1, "quantity": 3}], headers=ada)
    assert (placed.status_code, placed.json()["status"], placed.json()["total"]) == (201, "placed", 3750)
    assert shop.get("/orders/1", headers=ada).json() == {**placed.json(), "status": "confirmed"}
    assert shop.get("/items/1").json()["stock"] == 1
    assert shop.get("/orders", headers=ada).json()[0]["lines"] == [
        {"item_id": 1, "name": "Rope", "cents": 1250, "quantity": 3}
    ]
    assert shop.get("/orders/1", headers=staff).status_code == 404


def test_an_order_that_cannot_be_filled_changes_nothing(shop: Any) -> None:
    staff = signed_in(shop, ADMIN)
    shop.post("/items", json=ROPE, headers=staff)
    lines = [{"item_id": 1, "quantity": 2}, {"item_id": 1, "quantity": 3}]
    answer = shop.post("/orders", json=lines, headers=staff)
    assert (answer.status_code, answer.json()) == (409, {"detail": "There are not 3 of item 1"})
    assert shop.get("/items/1").json()["stock"] == 4
    assert shop.get("/orders", headers=staff).json() == []


# ---------------------------------------------------------------- the chat
def test_what_one_says_all_in_the_room_hear(chat: Any) -> None:
    with chat.websocket_connect("/rooms/lobby/ws?nick=ada") as ada:
        assert ada.receive_json() == {"sender": "Chat", "text": "Welcome, ada"}
        assert ada.receive_json() == {"sender": "Chat", "text": "ada has come in"}
        with chat.websocket_connect("/rooms/lobby/ws?nick=bob") as bob:
            assert bob.receive_json()["text"] == "Welcome, bob"
            assert ada.receive_json() == bob.receive_json() == {"sender": "Chat", "text": "bob has come in"}
            bob.send_text("hello")
            assert ada.receive_json() == bob.receive_json() == {"sender": "bob", "text": "hello"}
            posted = chat.post("/rooms/lobby/messages", json={"text": "hi"}, headers={"x-sender": "eve"})
            assert posted.status_code == 202
            assert ada.receive_json() == bob.receive_json() == {"sender": "eve", "text": "hi"}
        assert ada.receive_json() == {"sender": "Chat", "text": "bob has left"}
    assert chat.get("/rooms/lobby/messages?last=3").json()[0] == {"sender": "eve", "text": "hi"}


@pytest.mark.parametrize(
    "address", ["/rooms/lobby/ws?nick=ada", "/rooms/lobby/ws?nick=a%20b", "/rooms/LOBBY/ws?nick=a"]
)
def test_a_taken_name_and_a_wrong_one_are_refused_with_1008(chat: Any, framework: str, address: str) -> None:
    disconnected = __import__(f"{framework}.websockets", fromlist=["WebSocketDisconnect"]).WebSocketDisconnect
    with chat.websocket_connect("/rooms/lobby/ws?nick=ada") as ada:
        ada.receive_json()
        with pytest.raises(disconnected) as caught, chat.websocket_connect(address):
            pass
    assert caught.value.code == 1008


def test_the_server_closes_when_somebody_leaves(chat: Any) -> None:
    with chat.websocket_connect("/rooms/lobby/ws?nick=ada") as ada:
        ada.receive_json()
        ada.receive_json()
        ada.send_text("/leave")
        assert ada.receive() == {"type": "websocket.close", "code": 1000, "reason": "Bye"}


def test_files_are_shared_listed_and_given_back(chat: Any) -> None:
    files = [("files", ("one.txt", b"first", "text/plain")), ("files", ("../two.bin", b"\x00\x01", "image/png"))]
    stored = chat.post("/files", files=files, data={"note": "look"})
    assert stored.status_code == 201
    assert [(file["name"], file["size"], file["note"]) for file in stored.json()] == [
        ("one.txt", 5, "look"),
        ("two.bin", 2, "look"),
    ]
    assert chat.get("/files").json() == stored.json()
    back = chat.get(f"/files/{stored.json()[1]['id']}")
    assert (back.content, back.headers["content-type"]) == (b"\x00\x01", "application/octet-stream")
    assert back.headers["content-disposition"] == 'attachment; filename="two.bin"'


def test_a_file_over_the_limit_is_refused_and_not_kept(chat: Any, chat_module: Any) -> None:
    answer = chat.post("/files", files=[("files", ("big.bin", b"x" * 101))])
    assert (answer.status_code, answer.json()) == (413, {"detail": "big.bin has more than 100 bytes"})
    assert chat.get("/files").json() == [] == [*chat_module.app.state.directory.iterdir()]


def test_the_directory_of_the_files_lives_as_long_as_the_app(framework: str, chat_module: Any) -> None:
    with new_client(framework, chat_module.app):
        directory = chat_module.app.state.directory
        assert directory.is_dir()
    assert not directory.exists()


def test_settings_are_replaced_for_a_test(chat: Any, chat_module: Any) -> None:
    mine = chat_module.Settings(name="Lounge", greeting="Hello")
    chat_module.app.dependency_overrides[chat_module.get_settings] = lambda: mine
    assert chat.get("/settings").json() == {"name": "Lounge", "history": 50, "max_upload": 100, "greeting": "Hello"}
    with chat.websocket_connect("/rooms/lobby/ws?nick=ada") as ada:
        assert ada.receive_json() == {"sender": "Lounge", "text": "Hello, ada"}


def test_the_page_knows_the_name_in_the_cookie_and_finds_its_files(chat: Any) -> None:
    assert chat.put("/nick", data={"nick": "ada"}).status_code == 204
    page = chat.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert '<input name="nick" value="ada"' in page.text
    links = re.findall(r'(?:href|src)="([^"]+)"', page.text)
    assert [chat.get(link).status_code for link in links] == [200, 200]


# ---------------------------------------------------------------- both side by side
Call = Tuple[str, str, Dict[str, Any]]

SHOP_CALLS: List[Call] = [
    ("GET", "/health", {}),
    ("HEAD", "/health", {}),
    ("GET", "/", {"follow_redirects": False}),
    ("GET", "/items/", {"follow_redirects": False}),
    ("GET", "/nowhere", {}),
    ("POST", "/health", {}),
    ("GET", "/items?limit=0&offset=-1&sort=weight&max-cents=x", {}),
    ("GET", "/items/0", {}),
    ("GET", "/items/one", {}),
    ("GET", "/items", {"headers": {"Origin": "https://shop.example.org"}}),
    (
        "OPTIONS",
        "/items",
        {"headers": {"Origin": "https://shop.example.org", "Access-Control-Request-Method": "PUT"}},
    ),
    ("OPTIONS", "/items", {"headers": {"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT"}}),
    ("POST", "/users", {"json": {"username": "A", "password": "short", "full_name": 1}}),
    ("POST", "/users", {"json": []}),
    ("POST", "/users", {"json": None}),
    ("POST", "/users", {"content": b"{", "headers": {"content-type": "application/json"}}),
    ("POST", "/users", {"content": b"{}", "headers": {"content-type": "text/plain"}}),
    ("POST", "/users", {}),
    ("POST", "/token", {"data": {"username": "admin", "grant_type": "code"}}),
    ("POST", "/token", {"json": ADMIN}),
    ("POST", "/items", {"json": {**ROPE, "colour": "red", "cents": 0, "size": {"unit": "inch"}}}),
    ("POST", "/items", {"json": ROPE}),
    ("POST", "/items", {"json": ROPE}),
    ("PATCH", "/items/1", {"json": {"name": None, "stock": 1.5}}),
    ("PUT", "/items/1/stock", {"json": 3}),
    ("PUT", "/items/1/stock", {"json": {"stock": "3"}}),
    ("POST", "/orders", {"json": []}),
    ("POST", "/orders", {"json": [{"quantity": 0}, "x"]}),
    ("POST", "/orders", {"json": [{"item_id": 9}]}),
    ("DELETE", "/items/1", {}),
    ("DELETE", "/items/1", {}),
    ("GET", "/users/me", {}),
    ("GET", "/users/me", {"headers": {"Authorization": "bearer"}}),
]
ONE_FILE = {"files": [("files", ("a.txt", b"a", "text/plain"))]}
CHAT_CALLS: List[Call] = [
    ("GET", "/rooms/lobby/messages", {}),
    ("GET", "/rooms/LOBBY/messages?last=0", {}),
    ("POST", "/rooms/lobby/messages", {"json": {"text": "hi"}}),
    ("POST", "/rooms/lobby/messages", {"json": {"text": ""}, "headers": {"x-sender": "x" * 21}}),
    ("GET", "/rooms/lobby/messages", {}),
    ("GET", "/rooms/lobby/log", {}),
    ("GET", "/rooms/lobby/ws?nick=a", {}),
    ("PUT", "/nick", {"data": {"nick": "a b"}}),
    ("PUT", "/nick", {"data": {"nick": ""}}),
    ("PUT", "/nick", {"data": {"nick": "ada"}}),
    ("POST", "/files", ONE_FILE),
    ("POST", "/files", {"data": {"note": "n"}}),
    ("POST", "/files", {**ONE_FILE, "data": {"note": "n" * 101}}),
    ("POST", "/files", {"data": {"files": "text"}}),
    ("GET", "/files", {}),
    ("GET", f"/files/{ZERO}", {}),
    ("GET", "/files/one", {}),
    ("POST", "/checksum", {"files": {"data": b"abc"}, "data": {"factor": "2"}}),
    ("POST", "/checksum", {"data": {"factor": "10"}}),
    ("GET", "/static/chat.css", {}),
    ("HEAD", "/static/chat.js", {}),
    ("GET", "/static/none.css", {}),
    ("POST", "/static/chat.css", {}),
    ("GET", "/static/%2e%2e/app.py", {}),
    ("GET", "/", {}),
]
CASES = [("fastapi_shop", SHOP_CALLS), ("fastapi_chat", CHAT_CALLS)]
#: The moment of a copy of a file, and its entity tag with it.
OF_THE_MOMENT = {"date", "last-modified", "etag"}


def answers_of(name: str, framework: str, directory: Path, calls: List[Call]) -> List[Any]:
    directory.mkdir()
    found = []
    with loaded(name, framework, directory) as module, new_client(framework, module.app) as client:
        token = signed_in(client, ADMIN)["Authorization"] if name == "fastapi_shop" else "none"
        for number, (method, path, options) in enumerate(calls):
            headers = {"Authorization": token, **options.get("headers", {})}
            answer = client.request(method, path, **{**options, "headers": headers})
            kept: Dict[str, Any] = {key: value for key, value in answer.headers.items() if key not in OF_THE_MOMENT}
            if "set-cookie" in kept:  # its attributes have no order
                kept["set-cookie"] = sorted(kept["set-cookie"].lower().split("; "))
            is_json = answer.content and kept.get("content-type") == "application/json"
            body = answer.json() if is_json else answer.text
            found.append((number, method, path, answer.status_code, kept, with_one_id(body)))
    return found


def with_one_id(body: Any) -> Any:
    for file in body if isinstance(body, list) else ():
        if isinstance(file, dict) and "id" in file:
            file["id"] = ZERO
    return body


@pytest.mark.parametrize(("name", "calls"), CASES, ids=[case[0] for case in CASES])
def test_each_answer_is_the_one_of_fastapi(
    name: str, calls: List[Call], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fastapi", reason="fastapi is not installed, so there is nothing to compare with")
    answers = []
    for framework in BOTH:
        set_environment(monkeypatch, tmp_path / framework)
        answers.append(answers_of(name, framework, tmp_path / framework, calls))
    assert [pair for pair in zip(*answers) if pair[0] != pair[1]] == []


@pytest.mark.parametrize("name", ["fastapi_shop", "fastapi_chat"])
def test_the_openapi_document_is_the_one_of_fastapi(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("fastapi", reason="fastapi is not installed, so there is nothing to compare with")
    documents = []
    for framework in BOTH:
        set_environment(monkeypatch, tmp_path)
        with loaded(name, framework, tmp_path) as module:
            documents.append(module.app.openapi())
    assert documents[0] == documents[1]
