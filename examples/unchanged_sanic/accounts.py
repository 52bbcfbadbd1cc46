"""Users: a cookie says who it is."""

from __future__ import annotations

from typing import Optional

from sanic import Blueprint, Request
from sanic.exceptions import BadRequest, Unauthorized
from sanic.response import HTTPResponse, redirect

accounts = Blueprint("accounts", url_prefix="/accounts")


async def require_user(request: Request) -> Optional[HTTPResponse]:
    request.ctx.user = request.cookies.get("user")
    if request.path.startswith("/v1/") and not request.ctx.user:
        raise Unauthorized("Log in first.", scheme="Cookie", realm="service")
    return None


@accounts.post("/login")
async def login(request: Request) -> HTTPResponse:
    name = request.form.get("name")
    if not name:
        raise BadRequest("A name, please.", context={"field": "name"})
    response = redirect("/")
    response.add_cookie("user", name, httponly=True, secure=False, max_age=3600, samesite="Strict")
    return response


@accounts.post("/logout")
async def logout(request: Request) -> HTTPResponse:
    response = redirect("/")
    response.delete_cookie("user")
    return response
