"""Fenrir's app classes of one paradigm each: the frameworks' own apps, with another import."""

# mypy: ignore-errors
from __future__ import annotations

from typing import Any, Callable, Dict

from . import idioms
from .cases import Case


def _fastapi(case: Case) -> Any:
    from fenrir_fastapi import Depends, FastAPI
    from fenrir_fastapi.responses import PlainTextResponse

    return idioms.fastapi_app(case, FastAPI, Depends, PlainTextResponse)


def _flask(case: Case) -> Any:
    from fenrir_flask import Flask, request

    async def orders():
        return idioms.summary(request.get_data())

    return idioms.flask_app(case, Flask("bench"), request, orders, idioms.asynchronous)


def _falcon(case: Case) -> Any:
    from fenrir_falcon import App

    return idioms.falcon_app(case, App)


def _sanic(case: Case) -> Any:
    from fenrir_sanic import Sanic
    from fenrir_sanic.response import json, text

    return idioms.sanic_app(case, Sanic("bench"), json, text)


#: By contestant.
MAKERS: Dict[str, Callable[[Case], Any]] = {
    "fenrir_fastapi.FastAPI": _fastapi,
    "fenrir_flask.Flask": _flask,
    "fenrir_falcon.App": _falcon,
    "fenrir_sanic.Sanic": _sanic,
}
#: By peer: the app class whose code is the same but for the import; Quart's also awaits the body.
COUNTERPARTS: Dict[str, str] = {
    "fastapi": "fenrir_fastapi.FastAPI",
    "flask": "fenrir_flask.Flask",
    "quart": "fenrir_flask.Flask",
    "falcon": "fenrir_falcon.App",
    "sanic": "fenrir_sanic.Sanic",
}
