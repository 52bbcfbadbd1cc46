"""Models that handlers return without a response model, in every paradigm that writes them."""

from __future__ import annotations

import json
import math
from typing import Any, Callable, Dict

import pytest
from pydantic import BaseModel
from tests.asgi import fetch
from tests.model_values import VALUES, Own, Plain, Ratio

import fenrir_falcon.asgi
import fenrir_flask
import fenrir_sanic
from fenrir import Fenrir, JSONResponse, jsonify
from fenrir_core.authoring import make_dumps
from fenrir_sanic.response import json as sanic_json


def hybrid(value: Any) -> Any:
    app = Fenrir()
    app.get("/")(lambda: value)
    return app


def hybrid_with_status(value: Any) -> Any:
    app = Fenrir()
    app.get("/")(lambda: (value, 200))
    return app


def falcon(value: Any) -> Any:
    class Resource:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.media = value

    app = fenrir_falcon.asgi.App()
    app.add_route("/", Resource())
    return app


def sanic(value: Any) -> Any:
    app = fenrir_sanic.Sanic("models")

    @app.get("/")
    async def show(request: Any) -> Any:
        return sanic_json(value)

    return app


APPS: Dict[str, Callable[[Any], Any]] = {
    "hybrid": hybrid,
    "hybrid with a status": hybrid_with_status,
    "falcon": falcon,
    "sanic": sanic,
}


def dumped(value: Any) -> Any:
    """Return a value in which models are what their own method makes of them."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {key: dumped(item) for key, item in value.items()}
    return [dumped(item) for item in value] if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize("make", APPS.values(), ids=APPS)
@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{type(value).__name__}-{value!r:.30}")
def test_models_are_written_as_by_their_own_method(make: Callable[[Any], Any], value: Any) -> None:
    answer = fetch(make(value))
    assert (answer.status, repr(json.loads(answer.body))) == (200, repr(dumped(value)))


@pytest.mark.parametrize("value", [value for value in VALUES if isinstance(value, BaseModel)], ids=repr)
def test_a_model_has_the_bytes_of_its_own_method(value: BaseModel) -> None:
    written = '{"own":1}' if isinstance(value, Own) else value.model_dump_json()
    assert fetch(hybrid(value)).body == written.encode()
    assert fetch(hybrid([value])).body == f"[{written}]".encode()


@pytest.mark.parametrize("make", APPS.values(), ids=APPS)
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_lacks_is_null_in_a_model(make: Callable[[Any], Any], number: float) -> None:
    value = Ratio(part=number)
    for given in (value, [value], {"of": value, "none": None}):
        assert '{"part":null,"whole":null}' in fetch(make(given)).text


@pytest.mark.parametrize("value", [{"of": Plain(), "ratio": math.nan}, [Plain(), math.inf]])
def test_a_number_that_json_lacks_is_an_error_beside_a_model(value: Any) -> None:
    assert fetch(hybrid(value)).status == 500


@pytest.mark.parametrize("wrap", [lambda value: value, jsonify, sanic_json, JSONResponse])
@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_the_hybrid_app_never_sends_what_is_no_json(wrap: Callable[[Any], Any], number: float) -> None:
    app = Fenrir()
    app.get("/")(lambda: wrap({"orders": [{"price": number}]}))
    assert fetch(app).status == 500


def test_flasks_class_sends_numbers_that_json_lacks_as_flask_does() -> None:
    app = fenrir_flask.Flask("numbers")
    app.route("/")(lambda: {"price": math.nan})
    assert fetch(app).text == '{"price":NaN}\n'


@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{type(value).__name__}-{value!r:.30}")
def test_models_are_the_same_without_orjson(value: Any) -> None:
    found = [make_dumps(by_orjson=by_orjson)(value) for by_orjson in (False, True)]
    assert repr(json.loads(found[0])) == repr(json.loads(found[1])) == repr(dumped(value))
