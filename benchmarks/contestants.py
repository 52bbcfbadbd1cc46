"""The contestants: the hand-written app, Fenrir, and the installed peers."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from importlib import metadata
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from . import handwritten, pure
from .cases import Case, EchoCase
from .drive import ASGIDriver, EchoDriver, WSGIDriver


@dataclass(frozen=True)
class Contestant:
    """A framework, or a way to use it, that has an app for each case.

    Args:
        name: Its column.
        make: Returns the app of a case; raises NoApp if it has none, ImportError if it is not installed.
        wsgi: Whether the apps speak WSGI.
        version: Of the framework.
        own: Whether it is Fenrir's, not a peer.
    """

    name: str
    make: Callable[[Case], Any]
    wsgi: bool = False
    version: str = ""
    own: bool = False

    def driver(self, case: Case) -> Any:
        """Return a driver of the case's app."""
        app = self.make(case)
        if isinstance(case, EchoCase):
            return EchoDriver(app, case)
        return WSGIDriver(app, case) if self.wsgi else ASGIDriver(app, case)


HANDWRITTEN = Contestant("hand-written", handwritten.make)

#: The peers: module in `benchmarks.peers`, and the distributions that it needs; the last one is the one compared.
PEERS: Dict[str, Tuple[str, ...]] = {
    "blacksheep": ("blacksheep",),
    "falcon": ("falcon",),
    "muffin": ("muffin",),
    "starlette": ("starlette",),
    "litestar": ("litestar",),
    "fastapi": ("fastapi",),
    "sanic": ("sanic",),
    "quart": ("quart",),
    "flask": ("flask",),
    "flask_a2wsgi": ("flask", "bottle", "a2wsgi"),
}


#: Peers that need an environment of their own: module in `benchmarks.peers`, and the distribution.
APART: Dict[str, Tuple[str, str]] = {"fenrir-framework": (".peers.fenrir_framework", "fenrir-framework")}


def load(names: Optional[Sequence[str]] = None) -> Tuple[List[Contestant], Dict[str, str]]:
    """Return the contestants besides the hand-written app, Fenrir's first, and why others are missing.

    Args:
        names: Peers by name, of `PEERS`; None for Fenrir alone.
    """
    found: List[Contestant] = []
    missing: Dict[str, str] = {}
    for name in ["fenrir", *(names or ())]:
        module_name = ".fenrir_app" if name == "fenrir" else f".peers.{name}"
        own = name == "fenrir"
        try:
            module = importlib.import_module(module_name, __package__)
            version = version_of("fenrir-core" if own else PEERS[name][-1])
            found.append(Contestant(name, module.make, getattr(module, "WSGI", False), version, own))
        except Exception as error:  # a broken peer must not prevent the others from being measured
            missing[name] = f"{type(error).__name__}: {error}"
        if own:
            found += own_classes(pure.MAKERS)
    return found, missing


def own_classes(makers: Dict[str, Callable[[Case], Any]]) -> List[Contestant]:
    """Return Fenrir's app classes of one paradigm each, named by package and class, if they are installed."""
    classes = []
    for name, make in makers.items():
        package = name.partition(".")[0]
        if importlib.util.find_spec(package) is not None:
            classes.append(Contestant(name, make, version=version_of(package.replace("_", "-")), own=True))
    return classes


def version_of(distribution: str) -> str:
    """Return the version of an installed distribution, or an empty text."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""
