"""What Flask calls for a request and in which order, served as ASGI and as WSGI; and in how many hops to a thread."""

from __future__ import annotations

import functools
import io
import logging
from typing import Any, Callable, Dict, Iterator, List, Optional

import pytest
from tests.plugins.flask.asking import Ask, ask_asgi

from fenrir_core import Call, ExceptionHandler, hookimpl
from fenrir_core.authoring import ThreadLimiter
from fenrir_core.testing import SyncClient
from fenrir_flask import Blueprint, Flask, Response, abort, after_this_request, request, send_file, session
from fenrir_flask.globals import request_ctx


@pytest.fixture
def app() -> Flask:
    made = Flask(__name__, static_folder=None)
    made.secret_key = "k"
    return made


def note_all(target: Any, label: str, log: List[Any]) -> None:
    """Register a function that notes its call for each place around requests."""

    def before() -> None:
        log.append(f"{label} before")

    def after(response: Response) -> Response:
        log.append(f"{label} after")
        return response

    def teardown(error: Optional[BaseException]) -> None:
        log.append(f"{label} teardown {type(error).__name__}")

    target.before_request(before)
    target.after_request(after)
    target.teardown_request(teardown)


def test_functions_are_called_in_the_order_of_flask(app: Flask, ask: Ask) -> None:
    log: List[Any] = []
    shop = Blueprint("shop", __name__)
    note_all(app, "app", log)
    note_all(shop, "shop", log)
    app.teardown_appcontext(lambda error: log.append("context teardown"))

    @shop.route("/")
    def view() -> str:
        @after_this_request
        def this(response: Response) -> Response:
            log.append("this")
            return response

        log.append("view")
        return "x"

    app.register_blueprint(shop)
    assert ask(app).text == "x"
    assert log == [
        "app before",
        "shop before",
        "view",
        "this",
        "shop after",
        "app after",
        "shop teardown NoneType",
        "app teardown NoneType",
        "context teardown",
    ]


def test_teardown_functions_get_the_error_that_nothing_handles(app: Flask, ask: Ask) -> None:
    log: List[Any] = []
    note_all(app, "app", log)

    @app.route("/")
    def view() -> str:
        raise KeyError

    assert ask(app).status == 500
    assert log == ["app before", "app after", "app teardown KeyError"]


def test_an_error_after_the_view_is_a_500_whatever_handles_its_class(app: Flask, ask: Ask) -> None:
    @app.after_request
    def broken(response: Response) -> Response:
        raise ValueError("broken")

    @app.errorhandler(ValueError)
    def of_the_view(error: ValueError) -> Any:
        return "of the view", 400

    @app.errorhandler(500)
    def crashed(error: Any) -> Any:
        return f"crashed: {error.original_exception}", 500

    app.add_url_rule("/", "view", lambda: "x")
    answer = ask(app)
    assert (answer.status, answer.text) == (500, "crashed: broken")


def test_all_teardown_functions_are_called_where_one_fails(app: Flask) -> None:
    log: List[str] = []

    @app.teardown_request
    def last(error: Optional[BaseException]) -> None:
        log.append("last")

    @app.teardown_request
    def broken(error: Optional[BaseException]) -> None:
        raise ValueError("broken")

    app.add_url_rule("/", "view", lambda: "x")
    assert ask_asgi(app).status == 500
    assert log == ["last"]


def test_teardown_functions_follow_the_last_byte_of_a_response_in_pieces(app: Flask) -> None:
    log: List[Any] = []
    note_all(app, "app", log)

    def pieces() -> Iterator[str]:
        for piece in "ab":
            log.append(piece)
            yield piece

    app.add_url_rule("/", "view", lambda: pieces())
    assert ask_asgi(app).text == "ab"
    assert log == ["app before", "app after", "a", "b", "app teardown NoneType"]


def test_an_unhandled_error_is_logged_by_the_logger_of_the_app(app: Flask, ask: Ask, caplog: Any) -> None:
    @app.route("/broken")
    def view() -> str:
        raise ValueError("why")

    with caplog.at_level(logging.ERROR):
        ask(app, "/broken")
    logged = [(record.name, record.getMessage()) for record in caplog.records if record.exc_info]
    assert logged == [(app.logger.name, "Exception on /broken [GET]")]


def test_a_coroutine_of_a_synchronous_decorator_is_awaited(app: Flask) -> None:
    log: List[Any] = []
    note_all(app, "app", log)

    async def view() -> str:
        log.append("view")
        return "x"

    app.add_url_rule("/", "view", lambda: view())
    assert ask_asgi(app).text == "x"
    assert log == ["app before", "view", "app after", "app teardown NoneType"]


def test_handlers_may_be_asynchronous_where_the_view_is_not(app: Flask) -> None:
    log: List[Any] = []
    note_all(app, "app", log)

    @app.errorhandler(ValueError)
    async def handle(error: ValueError) -> Any:
        return "handled", 400

    @app.route("/")
    def view() -> str:
        raise ValueError

    answer = ask_asgi(app)
    assert (answer.status, answer.text) == (400, "handled")
    assert log == ["app before", "app after", "app teardown NoneType"]


def test_the_functions_after_the_view_follow_what_a_handler_of_a_plugin_returns() -> None:
    class Plugin:
        @hookimpl
        def fenrir_exception_handlers(self) -> Iterator[ExceptionHandler]:
            async def handle(connection: Any, error: BaseException) -> Any:
                return "of the plugin", 400

            yield ExceptionHandler(ValueError, Call(handle, "async"), level=1)

    app = Flask(__name__, plugins=[Plugin()])
    log: List[Any] = []
    note_all(app, "app", log)

    @app.route("/")
    def view() -> str:
        raise ValueError

    assert ask_asgi(app).text == "of the plugin"
    assert log == ["app before", "app after", "app teardown NoneType"]


def test_the_functions_after_the_view_follow_a_body_that_is_refused(app: Flask, ask: Ask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 3

    @app.after_request
    def mark(response: Response) -> Response:
        response.headers["x-mark"] = "yes"
        return response

    app.add_url_rule("/", "view", lambda: request.get_data(), methods=["POST"])
    answer = ask(app, "/", "POST", **({"data": b"12345"} if ask is not ask_asgi else {"body": b"12345"}))
    assert (answer.status, answer.headers["x-mark"]) == (413, "yes")


def test_functions_around_requests_run_where_a_slash_is_missing(app: Flask, ask: Ask) -> None:
    log: List[Any] = []
    note_all(app, "app", log)
    app.add_url_rule("/list/", "view", lambda: "x")
    answer = ask(app, "/list?a=1")
    assert (answer.status, answer.headers["location"].rpartition("/list")[2]) == (308, "/?a=1")
    assert log == ["app before", "app after", "app teardown NoneType"]


def test_a_guard_refuses_requests_whose_slash_is_missing(app: Flask, ask: Ask) -> None:
    app.before_request(lambda: ("no", 401))
    app.add_url_rule("/list/", "view", lambda: "x")
    assert ask(app, "/list").status == 401


def test_there_is_one_session_for_a_request(app: Flask) -> None:
    @app.route("/")
    def view() -> str:
        request_ctx.session["a"] = 1
        return str(session["a"])

    assert ask_asgi(app).text == "1"


# -------------------------------------------------------------------- the configuration


@pytest.mark.parametrize("propagates", [None, True, False])
@pytest.mark.parametrize("is_testing", [True, False])
@pytest.mark.parametrize("is_debugging", [True, False])
def test_errors_are_raised_as_propagate_exceptions_says(
    app: Flask, propagates: Optional[bool], is_testing: bool, is_debugging: bool
) -> None:
    app.config.update(PROPAGATE_EXCEPTIONS=propagates, TESTING=is_testing, DEBUG=is_debugging)

    @app.route("/")
    def view() -> str:
        raise KeyError

    is_raised = (is_testing or is_debugging) if propagates is None else propagates
    client = app.test_client()
    if is_raised:
        with pytest.raises(KeyError):
            client.get("/")
    else:
        assert client.get("/").status_code == 500


@pytest.mark.parametrize("refreshes", [True, False])
@pytest.mark.parametrize("is_permanent", [True, False])
def test_a_permanent_session_is_sent_again_as_session_refresh_each_request_says(
    app: Flask, browse: Any, refreshes: bool, is_permanent: bool
) -> None:
    app.config["SESSION_REFRESH_EACH_REQUEST"] = refreshes

    @app.route("/set")
    def start() -> str:
        session["a"], session.permanent = 1, is_permanent
        return ""

    app.add_url_rule("/read", "read", lambda: str(session["a"]))
    app.add_url_rule("/other", "other", lambda: "")
    browser = browse(app)
    browser.get("/set")
    assert ("set-cookie" in browser.get("/read").headers) is (refreshes and is_permanent)


# -------------------------------------------------------------------- hops to a thread


@pytest.fixture
def count_hops(monkeypatch: pytest.MonkeyPatch) -> Callable[[Flask, str], int]:
    """Return a function that tells how often a request goes to a thread."""
    hops: List[Any] = []
    start = ThreadLimiter.start

    def counted(limiter: ThreadLimiter, job: Any, is_nested: bool) -> None:
        hops.append(job)
        start(limiter, job, is_nested)

    def count(app: Flask, path: str) -> int:
        with SyncClient(app, raise_errors=False) as client:
            client.get(path)  # the app is built
            hops.clear()
            client.get(path)
            return len(hops)

    monkeypatch.setattr(ThreadLimiter, "start", counted)
    return count


@pytest.fixture
def busy(app: Flask) -> Flask:
    """Return an app that has something at every place, all of it synchronous."""
    note_all(app, "app", [])
    app.teardown_appcontext(lambda error: None)

    @app.errorhandler(404)
    def missing(error: Any) -> Any:
        return {"error": "missing"}, 404

    @app.errorhandler(ValueError)
    def invalid(error: ValueError) -> Any:
        session["error"] = str(error)
        return "invalid", 400

    @app.errorhandler(500)
    def crashed(error: Any) -> Any:
        return "crashed", 500

    @app.route("/view")
    def view() -> Dict[str, Any]:
        session["seen"] = True
        after_this_request(lambda response: response)
        return {"a": 1}

    @app.route("/<kind>")
    def fail(kind: str) -> str:
        if kind == "abort":
            abort(404)
        raise (ValueError if kind == "handled" else KeyError)(kind)

    return app


@pytest.mark.parametrize("path", ["/view", "/abort", "/handled", "/crash"])
@pytest.mark.parametrize("is_compiled", [True, False])
def test_a_synchronous_request_takes_one_hop_to_its_thread(
    busy: Flask, count_hops: Callable[[Flask, str], int], path: str, is_compiled: bool
) -> None:
    if not is_compiled:
        busy.wsgi_app = functools.partial(busy.wsgi_app)  # type: ignore[method-assign]  # as middleware does
    assert count_hops(busy, path) == 1
    assert (busy.walk is None) is is_compiled


def test_a_body_in_pieces_takes_few_hops(app: Flask, count_hops: Callable[[Flask, str], int]) -> None:
    app.add_url_rule("/", "view", lambda: ("x" for _ in range(100)))
    assert count_hops(app, "/") <= 4


def test_a_nonblocking_app_takes_no_hop(count_hops: Callable[[Flask, str], int]) -> None:
    app = Flask(__name__, nonblocking=True)
    note_all(app, "app", [])
    app.add_url_rule("/", "view", lambda: ("x", {"x-a": "b"}))
    app.add_url_rule("/stream", "stream", lambda: (text for text in "abc"))
    assert [count_hops(app, path) for path in ("/", "/stream")] == [0, 0]


def test_a_small_file_takes_no_further_hop(app: Flask, count_hops: Callable[[Flask, str], int]) -> None:
    app.add_url_rule("/", "view", lambda: send_file(__file__))
    assert count_hops(app, "/") == 1


def test_a_small_file_is_closed_when_it_was_read(app: Flask) -> None:
    held = io.BytesIO(b"x")
    app.add_url_rule("/", "view", lambda: send_file(held, mimetype="text/plain"))
    assert (ask_asgi(app).text, held.closed) == ("x", True)
