"""Strawberry: `GraphQLRouter` with a context, queries, mutations and the page."""

from __future__ import annotations

from typing import Any, List, Optional

import strawberry
from fastapi import BackgroundTasks, Depends, FastAPI, Request, WebSocket
from strawberry.fastapi import GraphQLRouter

PACKAGE = "strawberry-graphql"
log = []


def kind(request: Request = None, ws: WebSocket = None) -> str:  # type: ignore[assignment]  # as FastAPI's
    return "request" if request is not None else "socket"


async def get_context(tasks: BackgroundTasks, found: str = Depends(kind)) -> Any:
    return {"kind": found, "tasks": tasks}


@strawberry.type
class Pet:
    name: str
    age: Optional[int] = None


@strawberry.type
class Query:
    @strawberry.field
    def pets(self, limit: int = 2) -> List[Pet]:
        return [Pet(name=str(number)) for number in range(limit)]

    @strawberry.field
    async def kind(self, info: strawberry.Info) -> str:
        return str(info.context["kind"])

    @strawberry.field
    def fails(self) -> str:
        raise ValueError("own")


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def add(self, info: strawberry.Info, name: str) -> Pet:
        info.context["tasks"].add_task(log.append, name)
        info.context["response"].headers["x-added"] = name
        return Pet(name=name)


app = FastAPI()
app.include_router(GraphQLRouter(strawberry.Schema(Query, Mutation), context_getter=get_context), prefix="/graphql")


def query(text: str, **variables: Any) -> Any:
    return {"json": {"query": text, "variables": variables}}


HEADERS = ("x-added",)
REQUESTS = [
    ("POST", "/graphql", query("{ pets { name age } }")),
    ("POST", "/graphql", query("query ($n: Int!) { pets(limit: $n) { name } }", n=1)),
    ("POST", "/graphql", query("{ kind }")),
    ("POST", "/graphql", query("{ fails }")),
    ("POST", "/graphql", query('mutation { add(name: "a") { name } }')),
    ("POST", "/graphql", query("{ nothing }")),
    ("POST", "/graphql", {"content": "{", "headers": {"content-type": "application/json"}}),
    ("GET", "/graphql?query={kind}"),
    ("GET", "/graphql", {"headers": {"accept": "text/html"}}),
    ("PUT", "/graphql"),
]


def seen() -> Any:
    return log
