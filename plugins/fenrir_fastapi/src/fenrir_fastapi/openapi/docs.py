"""The pages that show the document: Swagger UI from installed files, or plain HTML without any script."""

from __future__ import annotations

import importlib.util
import json
from html import escape
from pathlib import Path
from typing import Any, Dict, Mapping, Optional

_ASSETS = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
_PARAMETERS: Mapping[str, Any] = {
    "dom_id": "#swagger-ui",
    "layout": "BaseLayout",
    "deepLinking": True,
    "showExtensions": True,
    "showCommonExtensions": True,
}


def assets() -> Dict[str, Path]:
    """Find the installed files of Swagger UI by name; empty when they are not there."""
    spec = importlib.util.find_spec("swagger_ui")
    if spec is None or not spec.submodule_search_locations:
        return {}
    folder = Path(next(iter(spec.submodule_search_locations))) / "static"
    found = {name: folder / name for name in _ASSETS}
    return found if all(file.is_file() for file in found.values()) else {}


def media_type(name: str) -> str:
    """Give the media type of an asset."""
    return _ASSETS[name]


def swagger_page(title: str, openapi_url: str, assets_url: str, parameters: Optional[Mapping[str, Any]]) -> str:
    """Write the Swagger UI page.

    Args:
        title: The app's title.
        openapi_url: Where the document is.
        assets_url: Where the files of Swagger UI are, without a slash at the end.
        parameters: More parameters of Swagger UI, over the defaults.
    """
    settings = {"url": openapi_url, **_PARAMETERS, **(parameters or {})}
    # What stands in a script must not end it
    literal = json.dumps(settings, indent=2).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    base = escape(assets_url)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} - Swagger UI</title>
<link rel="stylesheet" href="{base}/swagger-ui.css">
<link rel="icon" href="{base}/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="{base}/swagger-ui-bundle.js"></script>
<script>
const settings = {literal};
settings.presets = [SwaggerUIBundle.presets.apis];
window.ui = SwaggerUIBundle(settings);
</script>
</body>
</html>
"""


def plain_page(document: Mapping[str, Any]) -> str:
    """Write the document as HTML that needs no script and no other file."""
    parts = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            parts.append(_operation(method, path, operation))
    title = escape(str(document["info"]["title"]))
    text = escape(str(document["info"].get("description", "")))
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><h1>{title}</h1><p>{text}</p>\n" + "\n".join(parts) + "\n</body></html>\n"
    )


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(item['name'])}</code></td><td>{escape(item['in'])}</td>"
        f"<td>{'required' if item.get('required') else 'optional'}</td>"
        f"<td><code>{escape(json.dumps(item.get('schema', {})))}</code></td></tr>"
        for item in operation.get("parameters", ())
    )
    table = f"<table>{rows}</table>" if rows else ""
    body = operation.get("requestBody")
    shown = f"<p>Body:</p><pre>{escape(json.dumps(body, indent=2))}</pre>" if body else ""
    answers = ", ".join(
        f"{escape(status)} {escape(answer['description'])}" for status, answer in operation["responses"].items()
    )
    return (
        f"<section><h2><code>{escape(method.upper())} {escape(path)}</code></h2><p>{escape(operation['summary'])}</p>"
        f"<p>{escape(operation.get('description', ''))}</p>{table}{shown}<p>Answers: {answers}</p></section>"
    )
