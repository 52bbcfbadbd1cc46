"""What examples/unchanged_falcon does, on Falcon and on Fenrir: `falcon` is whichever this process imports."""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path
from typing import Any, Dict, Iterator, List

import falcon
import pytest
from examples.unchanged_falcon import png
from examples.unchanged_falcon.app import create_app
from falcon import testing

ADA = {"Authorization": "Bearer secret"}


def picture(width: int = 40, height: int = 20, shade: int = 7) -> bytes:
    rows = [bytes([(x + y * shade) % 256 for x in range(width) for _ in "rgb"]) for y in range(height)]
    return png.write(width, height, 2, rows)


@pytest.fixture
def app(tmp_path: Path) -> Any:
    return create_app(tmp_path / "images", {"secret": "ada", "other": "bob"}, 5000)


@pytest.fixture
def client(app: Any) -> Iterator[testing.TestClient]:
    yield testing.TestClient(app)


def send(client: Any, name: str = "one", shade: int = 7, **kwargs: Any) -> Any:
    headers = {**ADA, "Content-Type": "image/png"}
    return client.simulate_post("/images", body=picture(shade=shade), headers=headers, params={"name": name, **kwargs})


def form(*parts: Dict[str, Any]) -> Dict[str, Any]:
    """Return the body and headers of a form."""
    body = b""
    for part in parts:
        body += b"--line\r\n" + f'Content-Disposition: form-data; name="{part["name"]}"'.encode()
        body += f'; filename="{part["filename"]}"'.encode() if "filename" in part else b""
        body += f"\r\nContent-Type: {part['type']}".encode() if "type" in part else b""
        body += b"\r\n\r\n" + part["data"] + b"\r\n"
    return {"body": body + b"--line--\r\n", "headers": {**ADA, "Content-Type": "multipart/form-data; boundary=line"}}


def test_an_image_is_kept_and_sent_back(client: Any) -> None:
    added = send(client, tags=["sky", "sea"])
    assert (added.status, added.headers["location"]) == ("201 Created", added.json["href"])
    assert added.json["tags"] == ["ada", "sea", "sky"]
    found = client.simulate_get(added.json["href"])
    assert (found.content, found.headers["content-type"]) == (picture(), "image/png")
    assert (found.headers["cache-control"], found.headers["content-length"]) == (
        "public, max-age=60", str(len(picture())),
    )  # fmt: skip


def test_a_client_that_has_the_image_is_told_so(client: Any) -> None:
    href = send(client).json["href"]
    etag = client.simulate_get(href).headers["etag"]
    again = client.simulate_get(href, headers={"If-None-Match": etag})
    assert (again.status, again.content, "cache-control" in again.headers) == ("304 Not Modified", b"", False)


def test_an_image_is_downloaded_by_its_name(client: Any) -> None:
    href = send(client, "my sea.png").json["href"]
    found = client.simulate_get(href, params={"download": "true"})
    assert found.headers["content-disposition"] == 'attachment; filename="my sea.png"'


def test_a_form_brings_several_images_and_their_tags(client: Any) -> None:
    result = client.simulate_post(
        "/images",
        **form(
            {"name": "about", "type": "application/json", "data": b'{"tags": ["sea"]}'},
            {"name": "tag", "data": b"blue"},
            {"name": "file", "filename": "a/../b c.png", "type": "image/png", "data": picture()},
            {"name": "file", "filename": "d.png", "type": "image/png", "data": picture(shade=9)},
        ),
    )
    assert result.status == "201 Created"
    assert [image["name"] for image in result.json["images"]] == ["a_.._b_c.png", "d.png"]
    assert [image["tags"] for image in result.json["images"]] == [["ada", "blue", "sea"]] * 2


def test_a_form_without_a_file_is_an_error(client: Any) -> None:
    result = client.simulate_post("/images", **form({"name": "tag", "data": b"x"}))
    assert (result.status_code, result.json["title"]) == (400, "Invalid parameter")


def test_a_form_with_too_many_parts_is_an_error(client: Any) -> None:
    parts: List[Dict[str, Any]] = [{"name": "tag", "data": b"x"}] * 9
    assert client.simulate_post("/images", **form(*parts)).status_code == 400


@pytest.mark.parametrize(
    ("body", "status", "title"),
    [
        (b"no image", 422, "Not an image"),
        (png.SIGNATURE + b"\0\0\0\rIHDR" + struct.pack(">IIBBBBB", 9, 9, 1, 3, 0, 0, 0) + b"abcd", 422, "Not an image"),
        (picture() + bytes(6000), 413, "Too large"),
    ],
)
def test_what_is_no_image_is_refused(client: Any, body: bytes, status: int, title: str) -> None:
    headers = {**ADA, "Content-Type": "image/png", "X-Request-ID": "mine"}
    result = client.simulate_post("/images", body=body, headers=headers)
    assert (result.status_code, result.json["title"]) == (status, title)
    assert (result.headers["x-request-id"], result.headers["x-outcome"]) == ("mine", "failed")


@pytest.mark.parametrize("kind", ["text/plain", "application/json"])
def test_other_media_types_are_refused(client: Any, kind: str) -> None:
    result = client.simulate_post("/images", body="x", headers={**ADA, "Content-Type": kind})
    assert (result.status_code, result.json["description"]) == (415, "Send image/png or multipart/form-data.")


def test_a_guest_adds_nothing(client: Any) -> None:
    result = client.simulate_post("/images", body=picture(), headers={"Content-Type": "image/png"})
    assert (result.status_code, result.headers["www-authenticate"]) == (401, "Bearer")
    assert result.json == {"title": "Who are you?"}


def test_images_are_listed_by_tag_and_in_pages(client: Any) -> None:
    for name, shade in (("a", 1), ("b", 2), ("c", 3)):
        send(client, name, shade)
    first = client.simulate_get("/images", params={"most": 2})
    assert ([image["name"] for image in first.json["images"]], first.json["total"]) == (["a", "b"], 3)
    assert first.headers["link"] == "</images?first=2&most=2>; rel=next"
    assert client.simulate_get("/images", params={"tag": "nobody"}).json["total"] == 0
    assert client.simulate_get("/images", params={"most": 1000}).status_code == 400


def test_images_are_listed_as_a_table(client: Any) -> None:
    send(client, "a")
    result = client.simulate_get("/images", headers={"Accept": "text/csv"})
    lines = result.text.splitlines()
    assert (result.headers["content-type"], result.headers["vary"]) == ("text/csv", "Accept")
    assert lines[0] == "id,name,size,width,height,added,href" and lines[1].split(",")[1] == "a"


@pytest.mark.parametrize(
    ("kind", "body", "tags"),
    [
        ("application/json", b'{"tags": ["x", "y"]}', ["ada", "x", "y"]),
        ("text/csv", b"p, q\nr", ["ada", "p", "q", "r"]),
    ],
)
def test_tags_are_replaced_from_json_and_csv(client: Any, kind: str, body: bytes, tags: List[str]) -> None:
    href = send(client).json["href"]
    result = client.simulate_patch(href, body=body, headers={**ADA, "Content-Type": kind})
    assert result.json["tags"] == tags


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [("application/json", b"{", 400), ("text/csv", b"", 400), ("text/csv", b"\xff", 400), ("text/x", b"a", 415)],
)
def test_a_malformed_body_is_refused(client: Any, kind: str, body: bytes, status: int) -> None:
    href = send(client).json["href"]
    assert client.simulate_patch(href, body=body, headers={**ADA, "Content-Type": kind}).status_code == status


def test_an_image_is_removed(client: Any) -> None:
    href = send(client).json["href"]
    assert client.simulate_delete(href, headers=ADA).status == "204 No Content"
    gone = client.simulate_get(href)
    assert gone.json == {"title": "404 Not Found", "description": "There is no such image."}
    assert client.simulate_put(href).headers["allow"] == "DELETE, GET, PATCH, OPTIONS"


@pytest.mark.parametrize(("size", "width", "height"), [(16, 16, 8), (32, 32, 16), (64, 40, 20)])
def test_thumbnails_are_made(client: Any, size: int, width: int, height: int) -> None:
    key = send(client).json["id"]
    head = png.read_head(client.simulate_get(f"/images/{key}/{size}.png").content)
    assert (head.width, head.height) == (width, height)


def test_a_thumbnail_of_another_size_is_not_there(client: Any) -> None:
    key = send(client).json["id"]
    assert client.simulate_get(f"/images/{key}/17.png").status_code == 404


def test_old_paths_are_redirected(client: Any) -> None:
    result = client.simulate_get("/albums/my sea")
    assert (result.status_code, result.headers["location"]) == (301, "/images?tag=my%20sea")


def test_pages_are_static_files(client: Any) -> None:
    assert "follow /events" in client.simulate_get("/pages/about.html").text
    assert "follow /events" in client.simulate_get("/pages/anything").text
    assert client.simulate_get("/elsewhere").json == {"title": "404 Not Found"}


def test_a_page_of_another_origin_may_ask(client: Any) -> None:
    headers = {"Origin": "http://b.example", "Access-Control-Request-Method": "PATCH"}
    asked = client.simulate_options("/images", headers=headers)
    assert asked.headers["access-control-allow-methods"] == "GET, POST"
    assert client.simulate_get("/images", headers={"Origin": "http://b.example"}).headers[
        "access-control-allow-origin"
    ] == "*"  # fmt: skip


def test_each_request_has_a_number(client: Any) -> None:
    found = [client.simulate_get("/images").headers["x-request-id"] for _ in range(2)]
    assert found[0] != found[1]


def test_what_was_kept_is_there_after_a_restart(tmp_path: Path, client: Any) -> None:
    send(client, "stays")
    again = testing.TestClient(create_app(tmp_path / "images", {}))
    assert [image["name"] for image in again.simulate_get("/images").json["images"]] == ["stays"]


# ---------------------------------------------------------------- live


def test_changes_are_sent_as_events(app: Any) -> None:
    async def main() -> str:
        async with testing.ASGIConductor(app) as conductor:
            async with conductor.simulate_get_stream("/events", params={"most": 3}) as result:
                text = await _until(result, "hello")
                added = await conductor.simulate_post(
                    "/images", body=picture(), headers={**ADA, "Content-Type": "image/png"}, params={"name": "new"}
                )
                await conductor.simulate_delete(added.json["href"], headers=ADA)
                return text + await _until(result, "removed")

    text = asyncio.run(main())
    events = [line.partition(": ")[2] for line in text.splitlines() if line.startswith("event")]
    assert events == ["hello", "added", "removed"]
    assert "retry: 500" in text and "id: 2" in text


async def _until(result: Any, word: str) -> str:
    text = ""
    while f"event: {word}" not in text or not text.endswith("\n\n"):
        text += (await result.stream.read()).decode()
        await asyncio.sleep(0)
    return text


def test_a_feed_answers_and_tells_of_changes(app: Any) -> None:
    async def main() -> List[Any]:
        found: List[Any] = []
        async with testing.ASGIConductor(app) as conductor:
            async with conductor.simulate_ws("/feed", query_string="token=other", subprotocols=["images"]) as ws:
                found += [ws.subprotocol, await ws.receive_json()]
                await ws.send_json({"ask": "list"})
                found.append(await ws.receive_json())
                await conductor.simulate_post(
                    "/images", body=picture(), headers={**ADA, "Content-Type": "image/png"}, params={"name": "new"}
                )
                found.append((await ws.receive_json())["event"])
                await ws.send_json({"ask": "tea"})
                with pytest.raises(falcon.WebSocketDisconnected):
                    await ws.receive_json()
                found.append(ws.close_code)
        return found

    assert asyncio.run(main()) == ["images", {"hello": "bob"}, [], "added", 4000]


def test_a_guest_has_no_feed(app: Any) -> None:
    async def main() -> int:
        async with testing.ASGIConductor(app) as conductor:
            with pytest.raises(falcon.WebSocketDisconnected) as caught:
                async with conductor.simulate_ws("/feed"):
                    pass
            return int(caught.value.code)

    assert asyncio.run(main()) == 3403
