"""Template adapters, and the functions `template` and `view`."""

from __future__ import annotations

import functools
import os
import threading
from typing import Any, Callable, ClassVar, Dict, List, Mapping, Optional, Sequence, Tuple, Type, TypeVar

from fenrir_core import current
from fenrir_core.authoring import template_context

from ._flags import depr, flags
from .exceptions import HTTPError, TemplateError
from .loading import package
from .simple_template import Code, StplParser
from .structures import Values
from .texts import html_escape, touni

B = TypeVar("B", bound=Callable[..., Any])
#: The directories that templates are looked for in, from the working directory.
TEMPLATE_PATH: List[str] = ["./", "./views/"]
#: The templates that `template` has made, by the id of their lookup path and their name or source.
TEMPLATES: Dict[Tuple[int, Any], BaseTemplate] = {}


class BaseTemplate:
    """The base of template adapters.

    Args:
        source: The template's text, or a file; read from `name` if there is none.
        name: Its name below a directory of `lookup`, with or without extension.
        lookup: The directories.
        encoding: The encoding of files and bytes.
        **settings: Settings of the engine.

    Raises:
        TemplateError: It does not exist.
    """

    extensions: ClassVar[List[str]] = ["tpl", "html", "thtml", "stpl"]
    #: Settings for `prepare`; `global_config` sets those of all templates of a class.
    settings: Values = {}
    #: Values for `render`.
    defaults: Values = {}

    def __init__(
        self,
        source: Any = None,
        name: Optional[str] = None,
        lookup: Optional[Sequence[str]] = None,
        encoding: str = "utf8",
        **settings: Any,
    ) -> None:
        self.name = name
        self.source: Any = source.read() if hasattr(source, "read") else source
        self.filename: Optional[str] = getattr(source, "filename", None)
        self.lookup = [os.path.abspath(path) for path in lookup or ()]
        self.encoding = encoding
        self.settings = {**self.settings, **settings}
        if not self.source and name:
            self.filename = self.search(name, self.lookup)
            if not self.filename:
                raise TemplateError(f"There is no template {name!r} in {', '.join(self.lookup)}.")
        if not self.source and not self.filename:
            raise TemplateError("A template needs a source or a name.")
        self.prepare(**self.settings)

    @classmethod
    def search(cls, name: str, lookup: Optional[List[str]] = None) -> Optional[str]:
        """Return the path of a template, with one of the extensions if it needs one; None if there is none."""
        if not lookup:
            raise depr(0, 12, "a template without lookup path.", "pass `lookup`, or set TEMPLATE_PATH.")
        if os.path.isabs(name):
            raise depr(0, 12, "an absolute path as template.", "pass the directory as `lookup`.")
        for directory in lookup:
            root = os.path.abspath(directory) + os.sep
            path = os.path.abspath(os.path.join(root, name))
            if not path.startswith(root):
                continue
            for candidate in (path, *(f"{path}.{extension}" for extension in cls.extensions)):
                if os.path.isfile(candidate):
                    return candidate
        return None

    @classmethod
    def global_config(cls, key: str, *args: Any) -> Any:
        """Set a setting of all templates of this class, or return it."""
        if not args:
            return cls.settings[key]
        cls.settings = {**cls.settings, key: args[0]}
        return None

    def prepare(self, **options: Any) -> None:
        """Read the template."""
        raise NotImplementedError

    def render(self, *args: Values, **kwargs: Any) -> str:
        """Return the text of the template with values from dictionaries and keywords."""
        raise NotImplementedError

    def _values(self, args: Tuple[Values, ...], kwargs: Values) -> Values:
        values = dict(self.defaults)
        for given in (*args, kwargs):
            values.update(given)
        return values


class MakoTemplate(BaseTemplate):
    """A template of Mako."""

    def prepare(self, **options: Any) -> None:
        """Read the template; options are those of Mako's `Template`."""
        mako = package("mako.template").Template
        options.update(input_encoding=self.encoding)
        options.setdefault("format_exceptions", flags.debug)
        lookup = package("mako.lookup").TemplateLookup(directories=self.lookup, **options)
        if self.source:
            self.tpl = mako(self.source, lookup=lookup, **options)
        else:
            self.tpl = mako(uri=self.name, filename=self.filename, lookup=lookup, **options)

    def render(self, *args: Values, **kwargs: Any) -> str:
        """Return the text of the template."""
        return touni(self.tpl.render(**self._values(args, kwargs)))


class CheetahTemplate(BaseTemplate):
    """A template of Cheetah."""

    def prepare(self, **options: Any) -> None:
        """Read the template; options are those of Cheetah's `Template`."""
        cheetah = package("Cheetah.Template").Template
        self.context = threading.local()
        self.context.vars = {}
        options["searchList"] = [self.context.vars]
        self.tpl = cheetah(source=self.source, **options) if self.source else cheetah(file=self.filename, **options)

    def render(self, *args: Values, **kwargs: Any) -> str:
        """Return the text of the template."""
        self.context.vars.update(self._values(args, kwargs))
        text = str(self.tpl)
        self.context.vars.clear()
        return text


class Jinja2Template(BaseTemplate):
    """A template of Jinja2; those that it extends and includes are looked for like itself."""

    def prepare(
        self,
        filters: Optional[Values] = None,
        tests: Optional[Values] = None,
        globals: Optional[Values] = None,
        **kwargs: Any,
    ) -> None:
        """Read the template; further options are those of Jinja2's `Environment`."""
        from jinja2 import Environment, FunctionLoader

        self.env = Environment(loader=FunctionLoader(self.loader), **kwargs)
        self.env.filters.update(filters or {})
        self.env.tests.update(tests or {})
        self.env.globals.update(globals or {})
        self.tpl = self.env.from_string(self.source) if self.source else self.env.get_template(str(self.name))

    def render(self, *args: Values, **kwargs: Any) -> str:
        """Return the text of the template."""
        return self.tpl.render(**self._values(args, kwargs))

    def loader(self, name: str) -> Any:
        """Return what Jinja2 wants of a template: its text, its path, and whether it is current."""
        path = name if name == self.filename else self.search(name, self.lookup)
        if not path:
            return None
        with open(path, encoding=self.encoding) as file:
            return file.read(), path, lambda: False


class SimpleTemplate(BaseTemplate):
    """A template of Bottle's own engine: Python code in lines that start with ``%``, values in ``{{…}}``."""

    def prepare(
        self,
        escape_func: Callable[[str], str] = html_escape,
        noescape: bool = False,
        syntax: Optional[str] = None,
        **ka: Any,
    ) -> None:
        """Take the settings.

        Args:
            escape_func: Escapes the text of values.
            noescape: Whether ``{{value}}`` is not escaped and ``{{!value}}`` is.
            syntax: The tokens of the syntax, see `StplParser`.
            **ka: Ignored.
        """
        self.cache: Dict[str, SimpleTemplate] = {}
        encoding, is_html = self.encoding, escape_func is html_escape

        def text(value: Any) -> str:
            return value if type(value) is str else touni(value, encoding)

        def escaped(value: Any) -> str:
            kind = type(value)
            if kind is str:
                return escape_func(value)
            if is_html and (kind is int or kind is float):  # PERF: nothing to escape
                return str(value)
            return escape_func(touni(value, encoding))

        self.syntax = syntax
        self._str, self._escape = (escaped, text) if noescape else (text, escaped)

    @functools.cached_property
    def co(self) -> Code:
        """The compiled code."""
        return compile(self.code, self.filename or "<string>", "exec")

    @functools.cached_property
    def code(self) -> str:
        """The Python code that the template is."""
        source = self.source
        if not source:
            with open(str(self.filename), "rb") as file:
                source = file.read()
        return StplParser(touni(source), self.syntax).translate()

    def _rebase(self, _env: Values, _name: Optional[str] = None, **kwargs: Any) -> None:
        _env["_rebase"] = (_name, kwargs)

    def _include(self, _env: Values, _name: str, **kwargs: Any) -> Values:
        inner = self.cache.get(_name)
        if inner is None:
            inner = self.cache[_name] = type(self)(name=_name, lookup=self.lookup, syntax=self.syntax)
        return inner.execute(_env["_stdout"], {**_env, **kwargs})

    def execute(self, _stdout: List[str], kwargs: Values) -> Values:
        """Run the template: add its text to a list, and return its variables."""
        env: Values = {**self.defaults, **kwargs}
        env.update(
            _stdout=_stdout,
            _printlist=_stdout.extend,
            include=functools.partial(self._include, env),
            rebase=functools.partial(self._rebase, env),
            _rebase=None,
            _str=self._str,
            _escape=self._escape,
            get=env.get,
            setdefault=env.setdefault,
            defined=env.__contains__,
        )
        exec(self.co, env)
        if env["_rebase"]:
            name, values = env.pop("_rebase")
            values["base"] = "".join(_stdout)
            del _stdout[:]
            return self._include(env, name, **values)
        return env

    def render(self, *args: Values, **kwargs: Any) -> str:
        """Return the text of the template with values from dictionaries and keywords."""
        env: Values = {}
        for given in (*args, kwargs):
            env.update(given)
        output: List[str] = []
        self.execute(output, env)
        return "".join(output)


def template(*args: Any, **kwargs: Any) -> str:
    """Return the text of a template, which also sees the names that plugins share with all templates.

    Args:
        *args: The template's name, or its source (text with a line break, ``{``, ``%`` or ``$``); then
            dictionaries of values.
        **kwargs: Values, and the options `template_adapter`, `template_lookup` and `template_settings`.

    Raises:
        TemplateError: There is no such template.
    """
    given = args[0] if args else None
    for values in args[1:]:
        kwargs.update(values)
    adapter: Type[BaseTemplate] = kwargs.pop("template_adapter", SimpleTemplate)
    lookup = kwargs.pop("template_lookup", TEMPLATE_PATH)
    settings = kwargs.pop("template_settings", {})
    key = (id(lookup), given)
    found = TEMPLATES.get(key)
    if found is None or flags.debug:
        if isinstance(given, adapter):
            found = given
            if settings:
                found.prepare(**settings)
        elif not isinstance(given, str):
            raise HTTPError(500, f"There is no template {given!r}.")
        elif any(mark in given for mark in "\n{%$"):
            found = adapter(source=given, lookup=lookup, **settings)
        else:
            found = adapter(name=given, lookup=lookup, **settings)
        TEMPLATES[key] = found
    connection = current.get(None)
    return found.render({} if connection is None else template_context(connection), kwargs)


def view(tpl_name: str, **defaults: Any) -> Callable[[B], B]:
    """Return a decorator that renders what a handler returns, if that is a dictionary or None.

    Args:
        tpl_name: The template, as for `template`.
        **defaults: Values and options, which the handler's values precede.
    """

    def decorate(function: B) -> B:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            if result is None or isinstance(result, Mapping):
                return template(tpl_name, **{**defaults, **(result or {})})
            return result

        return wrapper  # type: ignore[return-value]

    return decorate


mako_template = functools.partial(template, template_adapter=MakoTemplate)
cheetah_template = functools.partial(template, template_adapter=CheetahTemplate)
jinja2_template = functools.partial(template, template_adapter=Jinja2Template)
mako_view = functools.partial(view, template_adapter=MakoTemplate)
cheetah_view = functools.partial(view, template_adapter=CheetahTemplate)
jinja2_view = functools.partial(view, template_adapter=Jinja2Template)
