"""Prompts: IPython's if it is installed, else Python's own, with `await`, completion and a history."""

from __future__ import annotations

import ast
import code
import importlib
import inspect
import linecache
import os
import sys
import traceback
from pathlib import Path
from types import CodeType
from typing import Any, Callable, Coroutine, Dict, Optional

#: Runs a coroutine on the app's event loop and returns its result.
Run = Callable[[Coroutine[Any, Any, Any]], Any]
#: How many lines the history keeps.
HISTORY = 2000


def interact(names: Dict[str, Any], banner: str, run: Run, plain: bool = False) -> None:
    """Run a prompt until the end of the input.

    Args:
        names: The namespace of the prompt.
        banner: The text that is shown first.
        run: Runs what is awaited.
        plain: Whether Python's own prompt is used even if IPython is installed.
    """
    if not plain and _ipython(names, banner, run):
        return
    _run_startup_file(names)
    _use_readline(names)
    Prompt(names, run).interact(banner=banner, exitmsg="")


def run_program(text: str, place: str, names: Dict[str, Any], run: Run) -> bool:
    """Run a program as if it were typed: values are shown, `await` works; the first error ends it.

    Returns:
        Whether it ran to its end; if not, the traceback is on stderr.
    """
    linecache.cache[place] = (len(text), None, text.splitlines(keepends=True), place)  # a traceback shows these lines
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        program = compile(text, place, "exec", flags | ast.PyCF_ONLY_AST)
        for statement in program.body:
            _execute(compile(ast.Interactive([statement]), place, "single", flags), names, run)
    except Exception as error:
        _show(error, place)
        return False
    return True


def _show(error: BaseException, place: str) -> None:
    """Print a traceback that begins in the typed code, and keep it for `pdb.pm()`."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != place:
        trace = trace.tb_next
    if isinstance(error, KeyboardInterrupt):
        trace = None  # where Ctrl+C interrupted it is of no interest
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, trace
    traceback.print_exception(type(error), error, trace)


class Prompt(code.InteractiveConsole):
    """Python's own prompt, at which `await` works."""

    def __init__(self, names: Dict[str, Any], run: Run) -> None:
        super().__init__(names)
        self.compile.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self._await = run

    def runcode(self, code: CodeType) -> None:
        """Run the typed code; an exception is shown, and the prompt goes on."""
        try:
            _execute(code, self.locals, self._await)
        except SystemExit:
            raise
        except BaseException as error:  # Ctrl+C too
            _show(error, self.filename)


def _execute(code: CodeType, names: Dict[str, Any], run: Run) -> None:
    result = eval(code, names)
    if code.co_flags & inspect.CO_COROUTINE:
        run(result)


def _run_startup_file(names: Dict[str, Any]) -> None:
    """Run the user's own PYTHONSTARTUP, as `python` does."""
    path = os.environ.get("PYTHONSTARTUP", "")
    if not sys.flags.ignore_environment and os.path.isfile(path):
        try:
            exec(compile(Path(path).read_text(encoding="utf-8"), path, "exec"), names)
        except Exception:
            traceback.print_exc()


def _use_readline(names: Dict[str, Any]) -> None:
    """Set up completion with Tab, and the history in ~/.fenrir_history."""
    try:
        import readline
        import rlcompleter
    except ImportError:  # not on Windows
        return
    import atexit

    readline.set_completer(rlcompleter.Completer(names).complete)
    is_libedit = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if is_libedit else "tab: complete")
    path = os.path.expanduser("~/.fenrir_history")
    try:
        readline.read_history_file(path)
    except OSError:  # there is none yet
        pass
    readline.set_history_length(HISTORY)
    atexit.register(_write_history, readline.write_history_file, path)


def _write_history(write: Callable[[str], None], path: str) -> None:
    try:
        write(path)
    except OSError:  # a read-only home directory is no error
        pass


def _ipython(names: Dict[str, Any], banner: str, run: Run) -> bool:
    try:
        module: Optional[Any] = importlib.import_module("IPython.terminal.ipapp")
    except ImportError:
        return False
    assert module is not None
    print(banner)
    application = module.TerminalIPythonApp.instance(user_ns=names, display_banner=False)
    application.initialize(argv=[])
    # IPython would run coroutines on a loop of its own, where the app's connections don't work
    application.shell.autoawait = True
    application.shell.loop_runner = run
    application.start()
    return True
