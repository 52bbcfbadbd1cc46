"""Pictures: kept in a folder, served from it."""

from __future__ import annotations

import os
import secrets
from typing import Optional

from flask import Blueprint, abort, current_app, send_from_directory
from werkzeug.datastructures import FileStorage
from werkzeug.utils import secure_filename

bp = Blueprint("pictures", __name__, url_prefix="/pictures")
KINDS = {".png", ".jpg", ".gif"}


def save_picture(file: Optional[FileStorage]) -> Optional[str]:
    if file is None or not file.filename:
        return None
    kind = os.path.splitext(secure_filename(file.filename))[1].lower()
    if kind not in KINDS:
        abort(415, "Pictures are PNG, JPEG or GIF.")
    os.makedirs(current_app.config["PICTURES"], exist_ok=True)
    name = secrets.token_hex(8) + kind
    file.save(os.path.join(current_app.config["PICTURES"], name))
    return name


@bp.get("/<path:name>")
def show(name: str):
    return send_from_directory(os.path.abspath(current_app.config["PICTURES"]), name, max_age=3600)
