"""Rooms: messages go to everybody in a room, and are remembered by a signal."""

from __future__ import annotations

from sanic import Blueprint, Request, Websocket
from sanic.response import HTTPResponse, json

chat = Blueprint("chat", url_prefix="/rooms")


@chat.get("/")
async def rooms(request: Request) -> HTTPResponse:
    return json(sorted(request.app.ctx.store.history))


@chat.get("/<room:str>")
async def history(request: Request, room: str) -> HTTPResponse:
    last = int(request.args.get("last", 10))
    return json(request.app.ctx.store.history.get(room, [])[-last:])


@chat.websocket("/<room:str>/talk")
async def talk(request: Request, ws: Websocket, room: str) -> None:
    store, user = request.app.ctx.store, request.ctx.user
    members = store.members.setdefault(room, set())
    members.add(ws)
    try:
        async for message in ws:
            context = {"room": room, "user": user, "message": message}
            await request.app.dispatch("chat.message.sent", context=context, inline=True)
            for member in members:
                await member.send(f"{user}: {message}")
    finally:
        members.discard(ws)


@chat.on_response
async def never_cache(request: Request, response: HTTPResponse) -> None:
    response.headers["cache-control"] = "no-store"
