"""Repeated slashes in the path of a request, as Werkzeug's map takes them."""

from __future__ import annotations

from typing import Optional
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, RequestRedirect

from fenrir_core.authoring import Match, Scope, local_path


def with_one_slash_in_front(scope: Scope) -> Optional[Scope]:
    """Return the scope of a request with one slash at the start of its path; None if it has no more than that."""
    path = local_path(scope)
    if not path.startswith("//"):
        return None
    root: str = scope["path"][: len(scope["path"]) - len(path)]
    raw: bytes = scope.get("raw_path") or b""
    # else a slash was sent as "%2F"
    cut = b"/" + raw.lstrip(b"/") if raw.startswith(b"//") and not root else None
    return {**scope, "path": f"{root}/{path.lstrip('/')}", "raw_path": cut}


def merged(url_map: Map, scope: Scope, found: Match) -> Match:
    """Return what a request gets whose path a rule takes with single slashes: a redirect, or the rule's methods.

    Args:
        url_map: The rules.
        scope: The request's.
        found: What the routes have for its path: nothing.

    Source: `merge_slashes` of Werkzeug's maps and rules.
    """
    try:
        url_map.bind("localhost").match(local_path(scope), scope["method"])
    except RequestRedirect as error:
        return found._replace(redirect=urlsplit(error.new_url).path)
    except MethodNotAllowed as error:
        return found._replace(allowed=tuple(sorted(error.valid_methods or ())))
    except HTTPException:
        pass
    return found
