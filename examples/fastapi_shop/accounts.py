"""Users: registration, the password flow of OAuth2, and JWTs as tokens."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from datetime import datetime, timedelta, timezone
from typing import List, Optional

import jwt
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from typing_extensions import Annotated

from fenrir_fastapi import APIRouter, Depends, HTTPException, Security, status
from fenrir_fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm, SecurityScopes

from .database import SessionDep, User
from .schemas import UNREADABLE, Problem, Token, UserCreate, UserRead

ALGORITHM = "HS256"
LIFETIME = timedelta(minutes=30)
# Without a configured secret, each start makes a new one, and old tokens become invalid.
SECRET = os.environ.get("SHOP_SECRET") or secrets.token_hex(32)

oauth2 = OAuth2PasswordBearer(
    tokenUrl="token",
    scopes={"orders": "Place and read orders.", "items": "Change what the shop sells."},
    description="Send a name and a password to `/token`, and the token with each request.",
)
router = APIRouter(tags=["accounts"])
UNAUTHORIZED = {401: {"model": Problem, "description": "No token, or one that does not count"}}
FORBIDDEN = {403: {"model": Problem, "description": "The token lacks a scope"}}


def hash_password(password: str, salt: Optional[bytes] = None) -> str:
    """Return salt and scrypt hash of a password as one text."""
    salt = salt or secrets.token_bytes(16)
    digest = hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=2**12, r=8, p=1)
    return f"{salt.hex()}:{digest.hex()}"


def password_fits(password: str, stored: str) -> bool:
    """Compare a password with the result of `hash_password`, in constant time."""
    salt = bytes.fromhex(stored.partition(":")[0])
    return hmac.compare_digest(hash_password(password, salt), stored)


def find_user(session: Session, username: str) -> Optional[User]:
    """Return a user by name."""
    return session.scalars(select(User).where(User.username == username)).first()


def allowed_scopes(user: User) -> List[str]:
    """Return the scopes that a user may have: staff may change items."""
    return ["orders", "items"] if user.is_staff else ["orders"]


def current_user(scopes: SecurityScopes, token: Annotated[str, Depends(oauth2)], session: SessionDep) -> User:
    """Return the user of the token, if it has every scope that the endpoint and its dependencies require."""
    challenge = f'Bearer scope="{scopes.scope_str}"' if scopes.scopes else "Bearer"
    refusal = HTTPException(
        status_code=status.HTTP_401_UNAUTHORIZED,
        detail="Could not validate credentials",
        headers={"WWW-Authenticate": challenge},
    )
    try:
        payload = jwt.decode(token, SECRET, algorithms=[ALGORITHM])
    except jwt.InvalidTokenError:
        raise refusal from None
    user = find_user(session, str(payload.get("sub")))
    if user is None:
        raise refusal
    if not set(scopes.scopes) <= set(payload.get("scopes", [])):
        raise HTTPException(status_code=403, detail="Not enough permissions", headers={"WWW-Authenticate": challenge})
    return user


UserDep = Annotated[User, Depends(current_user)]
CustomerDep = Annotated[User, Security(current_user, scopes=["orders"])]


@router.post(
    "/users",
    response_model=UserRead,
    status_code=status.HTTP_201_CREATED,
    responses={**UNREADABLE, 409: {"model": Problem, "description": "The name is taken"}},
)
def register(new: UserCreate, session: SessionDep):
    """Open an account."""
    user = User(username=new.username, full_name=new.full_name, password_hash=hash_password(new.password))
    session.add(user)
    try:
        session.commit()
    except IntegrityError:
        raise HTTPException(status_code=409, detail="The name is taken") from None
    return user


@router.post("/token", responses={**UNREADABLE, 401: {"model": Problem, "description": "Wrong name or password"}})
def sign_in(form: Annotated[OAuth2PasswordRequestForm, Depends()], session: SessionDep) -> Token:
    """Return a token for a name and a password, with those of the requested scopes that the user may have."""
    user = find_user(session, form.username)
    if user is None or not password_fits(form.password, user.password_hash):
        raise HTTPException(
            status_code=status.HTTP_401_UNAUTHORIZED,
            detail="Incorrect username or password",
            headers={"WWW-Authenticate": "Bearer"},
        )
    granted = [scope for scope in allowed_scopes(user) if scope in form.scopes or not form.scopes]
    claims = {"sub": user.username, "scopes": granted, "exp": datetime.now(timezone.utc) + LIFETIME}
    return Token(access_token=jwt.encode(claims, SECRET, ALGORITHM), token_type="bearer", scope=" ".join(granted))


@router.get("/users/me", responses={**UNAUTHORIZED}, response_model_exclude_none=True)
def me(user: UserDep) -> UserRead:
    """Return the user of the token."""
    return UserRead.model_validate(user)
