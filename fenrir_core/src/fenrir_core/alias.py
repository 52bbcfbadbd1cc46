"""Imports of another framework's name that give Fenrir's package: `import flask` gives `fenrir_flask`.

So an application and the extensions that it uses run unchanged. A plugin declares what its package answers for by an
entry point of the group ``fenrir.aliases``: the entry's name is what is imported, its value leads to an `Alias`.

    alias.install("flask")                                    # before the first `import flask`
    python -m fenrir_core.alias flask -- -m pytest tests      # the same for a whole process
    fenrir run --as flask app:app

From then on every import in the process, third-party packages included, gets the same module object under both names.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ._compat import entry_points
from ._suggestions import did_you_mean
from .exceptions import FenrirError
from .exports import install_hint, is_missing, load_export

ALIASES = "fenrir.aliases"

#: The environment variable with the names that the command line installs before it imports an app, with commas.
VARIABLE = "FENRIR_AS"


class AliasError(FenrirError, ImportError):
    """Raised when an alias can't be installed; the message tells what to do."""


class Alias(NamedTuple):
    """A package of ours that is imported under another framework's name.

    Args:
        package: The dotted name of our package.
        version: The version of the other framework whose behaviour the package has. It is the package's
            `__version__` and what `importlib.metadata.version` returns under the other name.
        also: Names that are installed together with this one, since who imports one imports the other.
    """

    package: str
    version: str
    also: Tuple[str, ...] = ()


def aliases() -> Dict[str, Alias]:
    """Return what the installed distributions answer for, by the name that is imported.

    Raises:
        ImportError: Two distributions claim a name, or an entry point leads nowhere.
    """
    return {name: _declared(name) for name in sorted({point.name for point in entry_points(ALIASES)})}


def active() -> Tuple[str, ...]:
    """Return the names whose aliases are installed in this process."""
    return tuple(finder.name for finder in sys.meta_path if isinstance(finder, AliasFinder))


def install(*names: str) -> None:
    """Make imports of these names give our packages, from now on and in the whole process.

    A submodule that our package lacks is a `ModuleNotFoundError`, never the other framework's. Installing an alias
    twice is no error.

    Args:
        *names: Names of entry points, for example ``"flask"``.

    Raises:
        AliasError: No installed distribution answers for a name, or the other framework was imported before.
    """
    found: Dict[str, Alias] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = _declared(name)
            waiting.extend(found[name].also)
    for name, alias in found.items():
        _check_not_imported(name, alias)
    present = active()
    # before everything that is in sys.meta_path: import hooks of others must not get to see the names
    sys.meta_path[:0] = [AliasFinder(name, alias) for name, alias in found.items() if name not in present]


def install_from_environment() -> None:
    """Install what the environment variable `FENRIR_AS` names, if it is set.

    Raises:
        AliasError: As `install`.
    """
    install(*split_names(os.environ.get(VARIABLE, "")))


def split_names(text: str) -> List[str]:
    """Return the names in a text that has them with commas between."""
    return [name.strip() for name in text.split(",") if name.strip()]


def _declared(name: str) -> Alias:
    points = [point for point in entry_points(ALIASES) if point.name == name]
    if not points:
        known = sorted({point.name for point in entry_points(ALIASES)})
        there = f"There are: {', '.join(known)}." if known else "No distribution that has one is installed."
        hint = did_you_mean(name, known, f"{there} {install_hint(name)}")
        raise AliasError(f"There is no alias {name!r}. {hint}")
    found = load_export(name, points)
    if not isinstance(found, Alias):
        raise AliasError(
            f"The alias {name!r} of {points[0].distribution} leads to {found!r:.80}, which is no Alias: write "
            f'{name} = Alias("package", version="1.0") where its entry point {points[0].value} leads.'
        )
    return found


def _check_not_imported(name: str, alias: Alias) -> None:
    for loaded in sorted(sys.modules):
        if loaded != name and not loaded.startswith(f"{name}."):
            continue
        module, ours = sys.modules[loaded], sys.modules.get(alias.package + loaded[len(name) :])
        if module is None or module is ours:
            continue
        file = getattr(module, "__file__", None)
        raise AliasError(
            f"{loaded!r} was imported before its alias was installed{f', from {file}' if file else ''}: what has it "
            f"already keeps it. Install the alias first: `python -m fenrir_core.alias {name} -- -m MODULE`, or "
            f'`fenrir_core.alias.install("{name}")` at the top of the first module that is imported.'
        )


class AliasFinder(MetaPathFinder):
    """A finder that answers imports of one name, and of what is below it, with modules of our package.

    Args:
        name: The top-level name that is imported.
        alias: The package that answers.
    """

    def __init__(self, name: str, alias: Alias) -> None:
        self.name, self.alias = name, alias

    def find_spec(self, fullname: str, path: Any = None, target: Optional[ModuleType] = None) -> Optional[ModuleSpec]:
        """Return a spec whose loader hands over our module; None for names that are not this alias's.

        Raises:
            ModuleNotFoundError: Our package lacks the module. None would let the next finder answer.
        """
        if fullname != self.name and not fullname.startswith(f"{self.name}."):
            return None
        ours = self.alias.package + fullname[len(self.name) :]
        # the module is not imported here: an import in it that asks for `fullname` would load it a second time
        spec = _spec_of(ours)
        if spec is None and ours not in sys.modules:
            raise ModuleNotFoundError(
                f"No module named {fullname!r}: {self.name!r} is an alias of {self.alias.package}, which has no {ours}",
                name=fullname,
            )
        version = self.alias.version if fullname == self.name else None
        found = ModuleSpec(fullname, _AliasLoader(ours, version), origin=getattr(spec, "origin", None))
        found.submodule_search_locations = getattr(spec, "submodule_search_locations", None)
        return found

    def find_distributions(self, context: Any = None) -> Iterator[Any]:
        """Yield the distribution that `importlib.metadata` finds under the name of the alias."""
        wanted = getattr(context, "name", None)
        if wanted is None or _normalized(wanted) == _normalized(self.name):
            yield _distribution(self.name, self.alias.version)


class _AliasLoader(Loader):
    """A loader that puts our module in the place of the one that is imported."""

    def __init__(self, ours: str, version: Optional[str]) -> None:
        self.ours, self.version = ours, version

    def create_module(self, spec: ModuleSpec) -> Optional[ModuleType]:
        """Return None: the import system would write this spec into a module of ours."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        # an import of the same name by our module, while it is loaded, must get our module
        sys.modules.pop(name, None)
        ours = importlib.import_module(self.ours)
        if self.version is not None:
            ours.__version__ = self.version  # type: ignore[attr-defined]
        sys.modules[name] = ours

    def get_code(self, fullname: str) -> Any:
        """Return the code of our module, for `python -m`."""
        spec = _spec_of(self.ours)
        get_code = getattr(spec.loader if spec else None, "get_code", None)
        return None if get_code is None else get_code(self.ours)


def _spec_of(name: str) -> Optional[ModuleSpec]:
    try:
        return importlib.util.find_spec(name)
    except ValueError:  # a module without `__spec__`, which was put into `sys.modules`
        return None
    except ModuleNotFoundError as error:
        if not is_missing(name, error):
            raise  # a package above it is there, something that it imports is not
        return None


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _distribution(name: str, version: str) -> Any:
    from importlib.metadata import Distribution  # PERF: 11 ms that `install` does not need

    class AliasDistribution(Distribution):
        """The metadata of an alias: its name and the version that is followed."""

        def read_text(self, filename: str) -> Optional[str]:
            """Return the text of a file of the metadata, or None."""
            texts = {
                "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
                "top_level.txt": f"{name}\n",
            }
            return texts.get(filename)

        def locate_file(self, path: Any) -> Any:
            """Return the path as it is: an alias has no files."""
            return path

    return AliasDistribution()


# ---------------------------------------------------------------- python -m fenrir_core.alias

USAGE = "usage: python -m fenrir_core.alias NAME [NAME ...] -- (-m MODULE | -c CODE | FILE) [ARGUMENT ...]"


def main(arguments: Sequence[str]) -> None:
    """Install aliases and run Python as its own command line would.

    Args:
        arguments: Names of aliases, ``--``, then as after `python`: ``-m MODULE``, ``-c CODE`` or a file, and
            its arguments.

    Raises:
        SystemExit: With a text where the arguments are wrong; what the program raises passes through.
    """
    import runpy

    split = list(arguments).index("--") if "--" in arguments else len(arguments)
    names, program = list(arguments[:split]), list(arguments[split + 1 :])
    kind = program[0] if program else ""
    if not names or not program or (kind in ("-m", "-c") and len(program) < 2):
        sys.exit(USAGE)
    if kind.startswith("-") and kind not in ("-m", "-c"):
        sys.exit(f"{kind!r} is not known here; options of Python go before -m fenrir_core.alias.\n{USAGE}")
    try:
        install(*names)
    except AliasError as error:
        sys.exit(str(error))
    if kind == "-m":
        sys.argv = program[1:]
        runpy.run_module(program[1], run_name="__main__", alter_sys=True)
    elif kind == "-c":
        sys.argv = ["-c", *program[2:]]
        exec(compile(program[1], "<string>", "exec"), {"__name__": "__main__", "__builtins__": __builtins__})
    else:
        sys.argv = program
        sys.path[0] = os.path.dirname(os.path.abspath(kind))
        runpy.run_path(kind, run_name="__main__")


if __name__ == "__main__":
    # by its own name: the classes of `__main__` are others
    importlib.import_module("fenrir_core.alias").main(sys.argv[1:])
