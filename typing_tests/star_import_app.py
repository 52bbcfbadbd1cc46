"""A hybrid app that imports every name of the façade at once."""

from __future__ import annotations

from fenrir import *  # noqa: F403

app = Fenrir()  # noqa: F405


@app.get("/")
async def home(key: str = Header(default="")) -> object:  # noqa: F405
    g.key = key  # noqa: F405
    return jsonify({"home": url_for("home")})  # noqa: F405
