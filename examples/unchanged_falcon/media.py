"""Media handlers: tables as CSV, and JSON that knows dates."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from functools import partial
from typing import Any, Optional

import falcon
from falcon import media


def _write_date(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} is not JSON")


def json_handler() -> media.JSONHandler:
    """Return a handler of JSON with sorted keys."""
    return media.JSONHandler(dumps=partial(json.dumps, default=_write_date, sort_keys=True))


class CSVHandler(media.BaseHandler):
    """Lists of flat objects as CSV, to read and to write."""

    def serialize(self, media: Any, content_type: Optional[str] = None) -> bytes:
        rows = media["images"] if isinstance(media, dict) and "images" in media else [media]
        names = [name for name in rows[0] if not isinstance(rows[0][name], list)] if rows else []
        text = io.StringIO()
        writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue().encode()

    def deserialize(self, stream: Any, content_type: Optional[str], content_length: Optional[int]) -> Any:
        try:
            text = stream.read().decode()
        except UnicodeDecodeError as error:
            raise falcon.MediaMalformedError("CSV") from error
        if not text.strip():
            raise falcon.MediaNotFoundError("CSV")
        return [cell.strip() for row in csv.reader(io.StringIO(text)) for cell in row]
