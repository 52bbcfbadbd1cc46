"""Wheels made from installed distributions, without pip, a build backend or the network."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any, Dict, List, Tuple
from urllib.parse import unquote, urlsplit

from packaging.utils import canonicalize_name

from .errors import CliError

#: Files of the metadata that describe the installation, not the distribution.
_OF_THE_INSTALLATION = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json")


def make_wheel(distribution: metadata.Distribution) -> Tuple[str, bytes]:
    """Return the file name and the content of a wheel with the files of an installed distribution.

    Those of an editable installation are taken from the source directories that its `.pth` files name.

    Raises:
        CliError: Its files can't be found.

    Source: Binary distribution format (PyPA).
    """
    name, version = distribution.metadata["Name"], distribution.version
    stem = f"{canonicalize_name(name).replace('-', '_')}-{version.replace('-', '_')}"
    files: Dict[str, bytes] = {}
    for path in distribution.files or ():
        place = Path(str(distribution.locate_file(path)))
        if ".." in path.parts or "__pycache__" in path.parts or not place.is_file():
            continue  # scripts are made again from the entry points
        if path.parts[0].endswith(".dist-info"):
            if path.parts[-1] not in _OF_THE_INSTALLATION:
                files[f"{stem}.dist-info/{'/'.join(path.parts[1:])}"] = place.read_bytes()
        elif len(path.parts) == 1 and path.suffix == ".pth" and is_editable(distribution):
            files.update(_sources(place))
        else:
            files[path.as_posix()] = place.read_bytes()
    if f"{stem}.dist-info/METADATA" not in files or f"{stem}.dist-info/WHEEL" not in files:
        raise CliError(
            f"{name} {version} can't be packed into a wheel: its installation has no list of files.",
            [f"Install it again: pip install {origin_path(distribution) or name}"],
        )
    tags = _tags(files[f"{stem}.dist-info/WHEEL"].decode("utf-8"))
    return f"{stem}-{tags}.whl", _packed(files, f"{stem}.dist-info/RECORD")


def is_editable(distribution: metadata.Distribution) -> bool:
    """Return whether a distribution is installed in editable mode (PEP 610)."""
    return bool(_direct_url(distribution).get("dir_info", {}).get("editable", False))


def origin_path(distribution: metadata.Distribution) -> str:
    """Return the directory or file that a distribution was installed from; empty if it came from an index."""
    url: str = _direct_url(distribution).get("url", "")
    parts = urlsplit(url)
    return unquote(parts.path) if parts.scheme == "file" else url


def _direct_url(distribution: metadata.Distribution) -> Dict[str, Any]:
    """Return where a distribution was installed from (PEP 610); empty if it came from an index."""
    found: Dict[str, Any] = json.loads(distribution.read_text("direct_url.json") or "{}")
    return found


def _sources(pth: Path) -> Dict[str, bytes]:
    """Return the files below the directories that a `.pth` file names, by their path there."""
    found: Dict[str, bytes] = {}
    for line in pth.read_text(encoding="utf-8").splitlines():
        directory = Path(line.strip())
        if line.startswith(("import ", "import\t")) or not line.strip() or not directory.is_dir():
            continue
        for path in sorted(directory.rglob("*")):
            parts = path.relative_to(directory).parts
            hidden = any(part == "__pycache__" or part.startswith(".") or part.endswith(".egg-info") for part in parts)
            if path.is_file() and not hidden:
                found["/".join(parts)] = path.read_bytes()
    return found


def _tags(text: str) -> str:
    """Return the compressed tag set of a `WHEEL` file."""
    columns: List[List[str]] = [[], [], []]
    for tag in re.findall(r"^Tag:\s*(\S+)", text, re.M):
        for column, part in zip(columns, tag.split("-")):
            if part not in column:
                column.append(part)
    return "-".join(".".join(sorted(column)) for column in columns)


def _packed(files: Dict[str, bytes], record: str) -> bytes:
    """Return a ZIP archive of files, by path, with a `RECORD` of them."""
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    for path, content in sorted(files.items()):
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode("ascii")
        rows.writerow((path, f"sha256={digest}", len(content)))
    rows.writerow((record, "", ""))
    listed = {**files, record: table.getvalue().encode("utf-8")}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(listed.items()):
            entry = zipfile.ZipInfo(path)  # its default date, so that the same files make the same wheel
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()
