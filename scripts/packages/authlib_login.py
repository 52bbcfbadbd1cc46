"""Authlib: the redirect to a provider and back, with the session."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

from authlib.integrations.starlette_client import OAuth, OAuthError
from fastapi import FastAPI, Request
from starlette.middleware.sessions import SessionMiddleware

PACKAGE = "Authlib"
app = FastAPI()
app.add_middleware(SessionMiddleware, secret_key=token_hex())
oauth = OAuth()
for name, scope in (("one", "email"), ("two", None)):
    oauth.register(
        name,
        client_id="id",
        client_secret=token_hex(),
        authorize_url=f"https://{name}.example/auth",
        access_token_url=f"https://{name}.example/token",
        client_kwargs={"scope": scope} if scope else {"code_challenge_method": "S256"},
    )


@app.get("/login/{name}")
async def login(name: str, request: Request) -> Any:
    return await oauth.create_client(name).authorize_redirect(request, str(request.url_for("back", name=name)))


@app.get("/back/{name}")
async def back(name: str, request: Request) -> Any:
    try:
        return await oauth.create_client(name).authorize_access_token(request)
    except OAuthError as error:
        return {"error": error.error, "description": error.description}


@app.get("/session")
def session(request: Request) -> Any:
    return sorted(key.rpartition("_")[0] for key in request.session)


HEADERS = ("location",)
MASKED = (r"(state|code_challenge|nonce)=[\w-]+",)
REQUESTS = [
    ("GET", "/session"),
    ("GET", "/login/one"),
    ("GET", "/session"),
    ("GET", "/login/two"),
    ("GET", "/session"),
    ("GET", "/back/one?error=access_denied&error_description=no"),
    ("GET", "/back/one?code=c&state=wrong"),
    ("GET", "/back/two"),
    ("POST", "/login/one"),
    ("GET", "/login/none"),
]
