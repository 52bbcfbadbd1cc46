"""The settings of this paradigm; `app.config` has them by Flask's names in capitals."""

from __future__ import annotations

from datetime import timedelta
from typing import Iterator, Optional, Tuple, Union

from fenrir_core import Setting
from fenrir_core.authoring import flag

from ._types import Stored


def _secret(value: Stored) -> Union[str, bytes, None]:
    if not isinstance(value, (str, bytes)):
        raise ValueError("it must be str or bytes")
    return value or None


def _secrets(value: Stored) -> Tuple[Union[str, bytes], ...]:
    if isinstance(value, (str, bytes)):
        raise ValueError("it must be a list of keys, oldest first")
    return tuple(value)


def _text(value: Stored) -> str:
    if not isinstance(value, str):
        raise ValueError("it must be text")
    return value


def _duration(value: Stored) -> timedelta:
    return value if isinstance(value, timedelta) else timedelta(seconds=int(value))


def _samesite(value: Stored) -> Optional[str]:
    if value is None:
        return None
    if str(value).lower() not in ("lax", "strict", "none"):
        raise ValueError("it must be 'Lax', 'Strict', 'None' or None")
    return str(value).capitalize()


def settings() -> Iterator[Setting]:
    """Return the declarations of the settings."""
    yield Setting("secret_key", _secret, None, "SECRET_KEY", "Signs the session cookie: a long random string.")
    yield Setting("secret_key_fallbacks", _secrets, None, None, "Former keys, still accepted, oldest first.")
    yield Setting("session_cookie_name", _text, "session", None, "The name of the session cookie.")
    yield Setting("session_cookie_domain", _text, None, None, "Its domain; None for this host only.")
    yield Setting("session_cookie_path", _text, None, None, "Its path; None for `application_root`.")
    yield Setting("session_cookie_httponly", flag, True, None, "Whether it is hidden from scripts.")
    yield Setting("session_cookie_secure", flag, False, None, "Whether it is sent over https only.")
    yield Setting("session_cookie_samesite", _samesite, "Lax", None, "Whether other sites' requests carry it.")
    yield Setting("session_cookie_partitioned", flag, False, None, "Whether each top-level site has its own.")
    yield Setting("session_refresh_each_request", flag, True, None, "Whether each response renews permanent ones.")
    yield Setting("permanent_session_lifetime", _duration, timedelta(days=31), None, "Their lifetime, in seconds.")
    yield Setting("template_folder", _text, "templates", None, "The template folder, relative to `app.root_path`.")
    yield Setting("templates_auto_reload", flag, None, None, "Whether changed templates are reloaded; None: in debug.")
    yield Setting("static_folder", _text, None, None, "The folder with static files, relative to `app.root_path`.")
    yield Setting("static_url_path", _text, None, None, "Their URL prefix; None for the folder's name.")
    yield Setting("server_name", _text, None, None, "The host for URLs that are built outside of requests.")
    yield Setting("application_root", _text, "/", None, "The prefix for URLs that are built outside of requests.")
    yield Setting("preferred_url_scheme", _text, "http", None, "The scheme for URLs built outside of requests.")
