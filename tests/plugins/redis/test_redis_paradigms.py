"""Sessions and rate limits in apps of each paradigm, and Flask's and Starlette's own session objects."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Dict, Optional, Tuple

import pytest

import fenrir_bottle
import fenrir_falcon
import fenrir_fastapi
import fenrir_flask
import fenrir_flask.views
import fenrir_sanic
from fenrir import Fenrir
from fenrir_core import BuildError
from fenrir_core.testing import Client, Refused
from fenrir_redis import RedisSessionInterface, Session, loaded_session, rate_limit

LIMIT = rate_limit("2/hour")
Made = Tuple[Any, Callable[[Any], Any]]


def fastapi(**settings: Any) -> Any:
    app = fenrir_fastapi.FastAPI(**settings)

    @app.get("/count")
    @LIMIT
    async def count(session: Session) -> Dict[str, int]:
        session["n"] = session.get("n", 0) + 1
        return {"n": session["n"]}

    return app


def flask(**settings: Any) -> Any:
    app = fenrir_flask.Flask("shop", **settings)

    @app.get("/count")
    @LIMIT
    def count(session: Session) -> Dict[str, int]:
        session["n"] = session.get("n", 0) + 1
        return {"n": session["n"]}

    return app


def falcon(**settings: Any) -> Any:
    class Count:
        @LIMIT
        async def on_get(self, req: Any, resp: Any, session: Session) -> None:
            session["n"] = session.get("n", 0) + 1
            resp.media = {"n": session["n"]}

    app = fenrir_falcon.App(**settings)
    app.add_route("/count", Count())
    return app


def sanic(**settings: Any) -> Any:
    app = fenrir_sanic.Sanic("shop", **settings)

    @app.get("/count")
    @LIMIT
    async def count(request: Any, session: Session) -> Any:
        session["n"] = session.get("n", 0) + 1
        return fenrir_sanic.json({"n": session["n"]})

    return app


def bottle(**settings: Any) -> Any:
    app = fenrir_bottle.Bottle(redis_session_preload=True, **settings)

    @app.get("/count")
    @LIMIT
    def count() -> Dict[str, int]:
        session = loaded_session()
        session["n"] = session.get("n", 0) + 1
        return {"n": session["n"]}

    return app


def hybrid(**settings: Any) -> Any:
    app = Fenrir(**settings)

    @app.get("/count", rate_limit="2/hour")
    async def count(session: Session) -> Dict[str, int]:
        session["n"] = session.get("n", 0) + 1
        return {"n": session["n"]}

    return app


@pytest.mark.parametrize("make_one", [fastapi, flask, falcon, sanic, bottle, hybrid], ids=lambda make: make.__name__)
def test_sessions_and_limits_work_in_every_paradigm(make_one: Any, redis_server: Any) -> None:
    async def main() -> None:
        app = make_one(redis_url=redis_server.url, redis_sessions=True)
        async with Client(app) as client:
            first, second, third = [await client.get("/count") for _ in range(3)]
            assert [answer.status for answer in (first, second, third)] == [200, 200, 429]
            assert [answer.json() for answer in (first, second)] == [{"n": 1}, {"n": 2}]
            assert [answer.headers["ratelimit"].split(";")[1] for answer in (first, second, third)] == [
                "r=1",
                "r=0",
                "r=0",
            ]
            assert int(third.headers["retry-after"]) > 1000
            assert first.headers["vary"] == "Cookie"

    asyncio.run(main())


@pytest.mark.parametrize("make_one", [fastapi, flask, falcon, sanic, bottle, hybrid], ids=lambda make: make.__name__)
def test_unknown_paths_count_for_the_app_wide_limit_in_every_paradigm(make_one: Any, redis_server: Any) -> None:
    async def main() -> None:
        app = make_one(redis_url=redis_server.url, redis_sessions=True, rate_limit="2/hour")
        async with Client(app) as client:
            assert [(await client.get("/nowhere")).status for _ in range(3)] == [404, 404, 429]

    asyncio.run(main())


def test_a_websocket_of_fastapi_is_refused_over_the_limit(redis_server: Any) -> None:
    app = fenrir_fastapi.FastAPI(redis_url=redis_server.url)

    @app.websocket("/ws")
    @LIMIT
    async def socket(websocket: fenrir_fastapi.WebSocket) -> None:
        await websocket.accept()

    async def main() -> None:
        async with Client(app) as client:
            for _ in range(2):
                async with client.websocket("/ws"):
                    pass
            with pytest.raises(Refused) as refused:
                async with client.websocket("/ws"):
                    pass
            assert refused.value.answer.status == 429

    asyncio.run(main())


def outer_fastapi(url: str) -> Any:
    app = fenrir_fastapi.FastAPI(redis_url=url)
    LIMIT(app.get("/count")(answer))
    return app


def outer_flask(url: str) -> Any:
    app = fenrir_flask.Flask("shop", redis_url=url)
    LIMIT(app.get("/count")(answer))
    return app


def outer_sanic(url: str) -> Any:
    app = fenrir_sanic.Sanic("shop", redis_url=url)

    @LIMIT
    @app.get("/count")
    async def count(request: Any) -> Any:
        return fenrir_sanic.text("ok")

    return app


def flask_view(url: str) -> Any:
    class Count(fenrir_flask.views.MethodView):
        @LIMIT
        def get(self) -> str:
            return "ok"

        def post(self) -> str:
            return "free"

    app = fenrir_flask.Flask("shop", redis_url=url)
    app.add_url_rule("/count", view_func=Count.as_view("count"))
    return app


def sanic_view(url: str) -> Any:
    class Count(fenrir_sanic.HTTPMethodView):
        decorators = [LIMIT]

        async def get(self, request: Any) -> Any:
            return fenrir_sanic.text("ok")

    app = fenrir_sanic.Sanic("shop", redis_url=url)
    app.add_route(Count.as_view(), "/count")
    return app


def answer() -> str:
    return "ok"


@pytest.mark.parametrize(
    "made", [outer_fastapi, outer_flask, outer_sanic, flask_view, sanic_view], ids=lambda f: f.__name__
)
def test_the_decorator_is_seen_wherever_it_stands(made: Any, redis_server: Any) -> None:
    async def main() -> None:
        async with Client(made(redis_server.url)) as client:
            assert [(await client.get("/count")).status for _ in range(3)] == [200, 200, 429]

    asyncio.run(main())


def test_a_limit_on_a_method_of_a_class_that_is_one_handler_is_a_build_error(redis_server: Any) -> None:
    class Count(fenrir_sanic.HTTPMethodView):
        @LIMIT
        async def get(self, request: Any) -> Any:
            return fenrir_sanic.text("ok")

    app = fenrir_sanic.Sanic("shop", redis_url=redis_server.url)
    app.add_route(Count.as_view(), "/count")
    with pytest.raises(BuildError, match="Count.get.. would have no effect.*`decorators`"):
        app.build()


def test_a_limit_on_a_class_is_a_build_error() -> None:
    with pytest.raises(BuildError, match="it is a class; set it on the methods"):

        @LIMIT
        class Count:
            pass


def test_a_parameter_that_says_where_it_comes_from_is_left_to_that(redis_server: Any) -> None:
    async def stand_in() -> Session:
        return Session(stand_in=True)

    app = fenrir_fastapi.FastAPI(redis_url=redis_server.url, redis_sessions=True)

    @app.get("/")
    async def index(session: Session = fenrir_fastapi.Depends(stand_in)) -> Any:
        return session

    assert browse(app, "/")[0].json() == {"stand_in": True}


def test_a_session_that_the_client_could_send_as_a_body_is_a_build_error(redis_server: Any) -> None:
    app = fenrir_fastapi.FastAPI(redis_url=redis_server.url, redis_sessions=True)

    @app.post("/")
    async def index(session: Optional[Session] = None) -> Any:
        return session

    with pytest.raises(BuildError, match="'session' of route '/' takes a Session or something else"):
        app.build()


def test_the_description_of_the_api_leaves_sessions_out(redis_server: Any) -> None:
    async def main() -> None:
        async with Client(fastapi(redis_url=redis_server.url, redis_sessions=True)) as client:
            operation = (await client.get("/openapi.json")).json()["paths"]["/count"]["get"]
            assert "parameters" not in operation and "requestBody" not in operation

    asyncio.run(main())


# ---------------------------------------------------------------- Flask's session


def shop(url: str, **settings: Any) -> Any:
    app = fenrir_flask.Flask("shop", redis_url=url, redis_sessions=True, **settings)
    app.session_interface = RedisSessionInterface()

    @app.get("/count")
    async def count() -> Dict[str, int]:
        fenrir_flask.session["n"] = fenrir_flask.session.get("n", 0) + 1
        return {"n": fenrir_flask.session["n"]}

    @app.get("/flash")
    def flash() -> str:
        fenrir_flask.flash("saved", "info")
        return "ok"

    @app.get("/flashed")
    def flashed() -> Any:
        return [list(pair) for pair in fenrir_flask.get_flashed_messages(with_categories=True)]

    @app.get("/logout")
    def logout() -> str:
        fenrir_flask.session.clear()
        return "bye"

    @app.get("/plain", session=False)
    async def plain() -> str:
        return "plain"

    @app.get("/bare", session=False)
    async def bare() -> str:
        return str(fenrir_flask.session.get("n"))

    @app.errorhandler(404)
    def missing(error: Any) -> Any:
        return f"not found, {fenrir_flask.session.get('n')}", 404

    return app


def browse(app: Any, *paths: str) -> Any:
    """Request paths one after the other with one client, which keeps its cookies; return the responses."""

    async def main() -> Any:
        async with Client(app) as client:
            return [await client.get(path) for path in paths]

    return asyncio.run(main())


def test_flasks_session_is_kept_in_redis(redis_server: Any) -> None:
    answers = browse(shop(redis_server.url), "/count", "/count", "/nowhere", "/logout")
    assert [answer.text for answer in answers] == ['{"n":1}\n', '{"n":2}\n', "not found, 2", "bye"]
    assert "Max-Age=0" in answers[3].headers["set-cookie"]
    assert redis_server.keys() == []


def test_flasks_flashed_messages_are_shown_once(redis_server: Any) -> None:
    answers = browse(shop(redis_server.url), "/flash", "/flashed", "/flashed")
    assert [answer.json() for answer in answers[1:]] == [[["info", "saved"]], []]


def test_a_route_that_says_so_does_not_load_flasks_session(redis_server: Any) -> None:
    app = shop(redis_server.url)

    async def main() -> None:
        async with Client(app) as client:
            first = await client.get("/count")
            headers = {"cookie": first.headers["set-cookie"].split(";")[0]}
            before = redis_server.calls()
            assert (await client.get("/plain", headers=headers)).text == "plain"
            assert redis_server.calls() == before
            client.cookies.clear()
            assert (await client.get("/bare")).text == "None"  # a client without session has an empty one
            with pytest.raises(
                RuntimeError, match="/bare: the session was not loaded before.*Set session=True on the route"
            ):
                await client.get("/bare", headers=headers)

    asyncio.run(main())


def test_flasks_session_is_loaded_for_the_other_paradigms_of_a_hybrid_app_too(redis_server: Any) -> None:
    app = Fenrir(redis_url=redis_server.url, redis_sessions=True)
    app.session_interface = RedisSessionInterface()

    class Count:
        async def on_get(self, req: Any, resp: Any) -> None:
            fenrir_flask.session["n"] = fenrir_flask.session.get("n", 0) + 1
            resp.media = dict(fenrir_flask.session)

    app.add_route("/falcon", Count())

    @app.get("/typed")
    async def typed(session: Session) -> Any:
        return {"typed": session, "same": fenrir_flask.session._get_current_object() is session}  # type: ignore[attr-defined]

    answers = browse(app, "/falcon", "/falcon", "/typed")
    assert [answer.json() for answer in answers] == [{"n": 1}, {"n": 2}, {"typed": {"n": 2}, "same": True}]


# ---------------------------------------------------------------- Starlette's request.session


@pytest.mark.parametrize("way", ["option", "setting"])
def test_request_session_of_fastapi_is_the_session_where_it_is_loaded(redis_server: Any, way: str) -> None:
    preload = {"redis_session_preload": True} if way == "setting" else {}
    app = Fenrir(redis_url=redis_server.url, redis_sessions=True, **preload)
    options = {"session": True} if way == "option" else {}

    @app.get("/count", **options)
    async def count(request: fenrir_fastapi.Request) -> Any:
        request.session["n"] = request.session.get("n", 0) + 1
        return request.session

    assert [answer.json() for answer in browse(app, "/count", "/count")] == [{"n": 1}, {"n": 2}]
