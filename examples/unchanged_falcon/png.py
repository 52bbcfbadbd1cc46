"""Just enough of PNG for thumbnails: images of 8 bits, in grey, RGB or RGBA, not interlaced."""

from __future__ import annotations

import struct
import zlib
from typing import Iterator, List, NamedTuple, Tuple

SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: Bytes of a pixel by colour type.
_DEPTHS = {0: 1, 2: 3, 6: 4}


class BadImage(ValueError):
    """Raised for what is no image that the service can read."""


class Head(NamedTuple):
    """The measures of an image, in pixels, and its colour type."""

    width: int
    height: int
    colour: int


def read_head(data: bytes) -> Head:
    """Return the measures of an image from its first bytes."""
    if data[:8] != SIGNATURE or data[12:16] != b"IHDR" or len(data) < 29:
        raise BadImage("This is no PNG.")
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", data[16:29])
    if depth != 8 or colour not in _DEPTHS or interlace or not 0 < width <= 4096 or not 0 < height <= 4096:
        raise BadImage("Only PNGs of 8 bits a channel, not interlaced and up to 4096 pixels wide and high.")
    return Head(width, height, colour)


def _chunks(data: bytes) -> Iterator[Tuple[bytes, bytes]]:
    position = 8
    while position + 8 <= len(data):
        (size,) = struct.unpack(">I", data[position : position + 4])
        yield data[position + 4 : position + 8], data[position + 8 : position + 8 + size]
        position += 12 + size


def _rows(data: bytes, head: Head) -> List[bytes]:
    depth = _DEPTHS[head.colour]
    stride = head.width * depth
    try:
        raw = zlib.decompress(b"".join(body for kind, body in _chunks(data) if kind == b"IDAT"))
    except zlib.error:
        raise BadImage("The image is damaged.") from None
    if len(raw) != (stride + 1) * head.height:
        raise BadImage("The image has too few pixels.")
    rows, above = [], bytes(stride)
    for index in range(head.height):
        start = index * (stride + 1)
        above = _unfilter(raw[start], raw[start + 1 : start + 1 + stride], above, depth)
        rows.append(above)
    return rows


def _unfilter(kind: int, line: bytes, above: bytes, depth: int) -> bytes:
    found = bytearray(line)
    for index in range(len(found)):
        left = found[index - depth] if index >= depth else 0
        up = above[index]
        corner = above[index - depth] if index >= depth else 0
        guess = (0, left, up, (left + up) // 2, _nearest(left, up, corner))[kind]
        found[index] = (found[index] + guess) & 255
    return bytes(found)


def _nearest(left: int, up: int, corner: int) -> int:
    estimate = left + up - corner
    return min((left, up, corner), key=lambda value: abs(estimate - value))


def write(width: int, height: int, colour: int, rows: List[bytes]) -> bytes:
    """Return an image as PNG."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    return SIGNATURE + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def thumbnail(data: bytes, size: int) -> bytes:
    """Return an image that is at most `size` pixels wide and high, as PNG."""
    head = read_head(data)
    rows, depth = _rows(data, head), _DEPTHS[head.colour]
    scale = max(head.width, head.height, size) / size
    width, height = max(1, int(head.width / scale)), max(1, int(head.height / scale))
    small = []
    for y in range(height):
        row = rows[int(y * scale)]
        starts = [int(x * scale) * depth for x in range(width)]
        small.append(b"".join(row[start : start + depth] for start in starts))
    return write(width, height, head.colour, small)
