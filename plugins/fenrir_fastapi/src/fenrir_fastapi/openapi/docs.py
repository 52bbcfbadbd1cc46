"""The pages that show the document: Swagger UI from installed files, or plain HTML without scripts."""

from __future__ import annotations

import importlib.util
import json
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any, Dict, Optional

from ..encoders import jsonable_encoder
from ..starlette.responses import HTMLResponse
from ..starlette.types import NamedValues

#: The media types of Swagger UI's files that the pages need, by name.
_ASSETS = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
_REDOC = "redoc.standalone.js"
#: The paths of the files, below that of their page.
SWAGGER_ASSETS, REDOC_ASSETS = "assets/swagger-ui-dist", "assets/redoc@2"
#: The default parameters of Swagger UI.
swagger_ui_default_parameters: NamedValues = {
    "dom_id": "#swagger-ui",
    "layout": "BaseLayout",
    "deepLinking": True,
    "showExtensions": True,
    "showCommonExtensions": True,
}


def _folder(package: str, *parts: str) -> Optional[Path]:
    """Return a folder of an installed package without importing it; None if there is no such package."""
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))).joinpath(*parts)


@lru_cache(maxsize=None)  # looked for once: a late registration asks again, on the event loop
def assets() -> Dict[str, Path]:
    """Return the installed files of Swagger UI by name; empty if they are missing."""
    folder = _folder("swagger_ui", "static")
    found = {} if folder is None else {name: folder / name for name in _ASSETS}
    return found if all(file.is_file() for file in found.values()) else {}


@lru_cache(maxsize=None)
def redoc_assets() -> Dict[str, Path]:
    """Return the installed file of ReDoc by name; empty if it is missing."""
    folder = _folder("drf_spectacular_sidecar", "static", "drf_spectacular_sidecar", "redoc", "bundles")
    file = None if folder is None else folder / _REDOC
    return {_REDOC: file} if file is not None and file.is_file() else {}


def media_type(name: str) -> str:
    """Return the media type of an asset."""
    return _ASSETS.get(name, "text/javascript")


def _literal(value: Any) -> str:
    """Return a value as JSON for a script, escaped so that nothing in it can end the script."""
    text = json.dumps(value)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _quoted(text: str) -> str:
    inner = _literal(text)[1:-1].replace("'", "\\u0027")
    return f"'{inner}'"


def _attribute(nonce: str) -> str:
    return f' nonce="{escape(nonce)}"' if nonce else ""


def get_swagger_ui_html(
    *,
    openapi_url: str,
    title: str,
    swagger_js_url: str = f"/docs/{SWAGGER_ASSETS}/swagger-ui-bundle.js",
    swagger_css_url: str = f"/docs/{SWAGGER_ASSETS}/swagger-ui.css",
    swagger_favicon_url: str = f"/docs/{SWAGGER_ASSETS}/favicon-32x32.png",
    oauth2_redirect_url: Optional[str] = None,
    init_oauth: Optional[NamedValues] = None,
    swagger_ui_parameters: Optional[NamedValues] = None,
    nonce: str = "",
) -> HTMLResponse:
    """Return the Swagger UI page.

    Args:
        openapi_url: The URL of the document.
        title: The page's title.
        swagger_js_url, swagger_css_url, swagger_favicon_url: The URLs of the files; the app's own by default.
        oauth2_redirect_url: The URL to which OAuth2 flows redirect.
        init_oauth: Values for the OAuth2 forms.
        swagger_ui_parameters: Parameters of Swagger UI that override the defaults.
        nonce: The nonce of its inline script, where a content security policy asks for one.
    """
    settings = {**swagger_ui_default_parameters, **(jsonable_encoder(swagger_ui_parameters) or {})}
    lines = [f"    url: {_quoted(openapi_url)},"]
    lines += [f"    {_literal(key)}: {_literal(value)}," for key, value in settings.items()]
    if oauth2_redirect_url:
        lines.append(f"    oauth2RedirectUrl: window.location.origin + {_quoted(oauth2_redirect_url)},")
    oauth = f"ui.initOAuth({_literal(jsonable_encoder(init_oauth))})\n" if init_oauth else ""
    options = "\n".join(lines)
    return HTMLResponse(f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" type="text/css" href="{escape(swagger_css_url)}">
<link rel="shortcut icon" href="{escape(swagger_favicon_url)}">
<title>{escape(title)}</title>
</head>
<body>
<div id="swagger-ui"></div>
<script src="{escape(swagger_js_url)}"></script>
<script{_attribute(nonce)}>
const ui = SwaggerUIBundle({{
{options}
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset].filter(Boolean),
}})
window.ui = ui
{oauth}</script>
</body>
</html>
""")


def get_redoc_html(
    *,
    openapi_url: str,
    title: str,
    redoc_js_url: str = f"/redoc/{REDOC_ASSETS}/{_REDOC}",
    redoc_favicon_url: str = f"/docs/{SWAGGER_ASSETS}/favicon-32x32.png",
    with_google_fonts: bool = True,
) -> HTMLResponse:
    """Return the ReDoc page.

    Args:
        openapi_url: The URL of the document.
        title: The page's title.
        redoc_js_url, redoc_favicon_url: The URLs of the files; the app's own by default.
        with_google_fonts: For compatibility; no page loads fonts from other hosts.
    """
    return HTMLResponse(f"""<!DOCTYPE html>
<html lang="en">
<head>
<title>{escape(title)}</title>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="shortcut icon" href="{escape(redoc_favicon_url)}">
<style>body {{ margin: 0; padding: 0; }}</style>
</head>
<body>
<noscript>ReDoc needs JavaScript.</noscript>
<redoc spec-url="{escape(openapi_url)}"></redoc>
<script src="{escape(redoc_js_url)}"></script>
</body>
</html>
""")


_REDIRECT_SCRIPT = """
const oauth2 = window.opener.swaggerUIRedirectOauth2
const sent = location.hash.length > 1 ? location.hash.slice(1) : location.search.slice(1)
const result = Object.fromEntries(new URLSearchParams(sent))
const flow = oauth2.auth.schema.get("flow")
const isCode = ["accessCode", "authorizationCode", "authorization_code"].includes(flow)
const name = oauth2.auth.name
if (isCode && !oauth2.auth.code) {
    if (result.state !== oauth2.state) {
        oauth2.errCb({ authId: name, source: "auth", level: "warning",
            message: "The authorization server returned another state than the one it was sent." })
    }
    if (result.code) {
        delete oauth2.state
        oauth2.auth.code = result.code
        oauth2.callback({ auth: oauth2.auth, redirectUrl: oauth2.redirectUrl })
    } else {
        oauth2.errCb({ authId: name, source: "auth", level: "error",
            message: result.error ? `${result.error}: ${result.error_description || ""}` : "No code was returned." })
    }
} else {
    oauth2.callback({ auth: oauth2.auth, token: result, isValid: result.state === oauth2.state,
        redirectUrl: oauth2.redirectUrl })
}
window.close()
"""


def get_swagger_ui_oauth2_redirect_html(nonce: str = "") -> HTMLResponse:
    """Return the page to which OAuth2 flows redirect; it passes the result to the Swagger UI that opened it."""
    return HTMLResponse(
        '<!doctype html>\n<html lang="en"><head><title>Swagger UI: OAuth2 Redirect</title></head>\n<body>'
        f"<script{_attribute(nonce)}>{_REDIRECT_SCRIPT}</script></body></html>\n"
    )


def plain_page(document: NamedValues, missing: str = "swagger-ui-dist") -> str:
    """Return the document as an HTML page without scripts or other files.

    Args:
        document: The OpenAPI document.
        missing: The package whose files are missing for a better page.
    """
    parts = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            parts.append(_operation(method, path, operation))
    title = escape(str(document["info"]["title"]))
    text = escape(str(document["info"].get("description", "")))
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><h1>{title}</h1><p>{text}</p><p><small>The plain page: the files of {missing} are not installed."
        "</small></p>\n" + "\n".join(parts) + "\n</body></html>\n"
    )


def _operation(method: str, path: str, operation: NamedValues) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(item['name'])}</code></td><td>{escape(item['in'])}</td>"
        f"<td>{'required' if item.get('required') else 'optional'}</td>"
        f"<td><code>{escape(json.dumps(item.get('schema', {})))}</code></td></tr>"
        for item in operation.get("parameters", ())
    )
    table = f"<table>{rows}</table>" if rows else ""
    body = operation.get("requestBody")
    shown = f"<p>Body:</p><pre>{escape(json.dumps(body, indent=2))}</pre>" if body else ""
    responses = ", ".join(
        f"{escape(status)} {escape(item['description'])}" for status, item in operation["responses"].items()
    )
    return (
        f"<section><h2><code>{escape(method.upper())} {escape(path)}</code></h2><p>{escape(operation['summary'])}</p>"
        f"<p>{escape(operation.get('description', ''))}</p>{table}{shown}<p>Responses: {responses}</p></section>"
    )
