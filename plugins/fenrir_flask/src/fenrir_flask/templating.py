"""Jinja2 templates: one environment for each app, with the context locals as globals."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, Iterator, List, MutableMapping, Optional, Tuple, Union

import jinja2
from jinja2.utils import LRUCache

from fenrir_core import App, Connection, TemplateContext, current_connection
from fenrir_core.authoring import template_context

from ._types import Function, Passed, SomeApp, Values
from .ctx import ContextConnection
from .debughelpers import Attempt, explain_template_loading_attempts
from .helpers import get_flashed_messages, stream_with_context, url_for
from .hybrid_config import config_of
from .json import dumps
from .proxies import g, request, session
from .sansio.options import select_autoescape as select_autoescape
from .signals import before_render_template, template_rendered
from .state import State, scopes_of

Uptodate = Optional[Callable[[], bool]]
#: How many compiled string templates are cached.
_STRINGS = 100


class Environment(jinja2.Environment):
    """The Jinja2 environment of an app.

    Args:
        app: The app.
        **options: Jinja2's options.
    """

    def __init__(self, app: SomeApp, **options: Passed) -> None:
        reload = config_of(app)["TEMPLATES_AUTO_RELOAD"]
        options.setdefault("autoescape", select_autoescape)
        options.setdefault("auto_reload", config_of(app)["DEBUG"] if reload is None else reload)
        options.setdefault("loader", AppLoader(app))
        super().__init__(**options)
        self.app = app
        self._strings: Any = LRUCache(_STRINGS)

    def make_globals(self, d: Any) -> Any:
        """Return the globals of a template.

        One without globals of its own shares the environment's dict, which is five times faster to read.

        Args:
            d: Its own globals.
        """
        return super().make_globals(d) if d else self.globals

    def get_template(
        self, name: Any, parent: Optional[str] = None, globals: Optional[MutableMapping[str, Passed]] = None
    ) -> jinja2.Template:
        """Return a template by name; see Jinja2."""
        return self._with(super().get_template(name, parent), globals)

    def select_template(
        self, names: Any, parent: Optional[str] = None, globals: Optional[MutableMapping[str, Passed]] = None
    ) -> jinja2.Template:
        """Return the first of several templates that exists; see Jinja2."""
        return self._with(super().select_template(names, parent), globals)

    def _with(self, template: jinja2.Template, given: Optional[MutableMapping[str, Passed]]) -> jinja2.Template:
        if given:
            if template.globals is self.globals:  # now it gets globals of its own
                template.globals = super().make_globals({})
            template.globals.update(given)
        return template

    def string_template(self, source: str) -> jinja2.Template:
        """Return the template of a string; the last few are cached, as compiling costs 300 times the rendering."""
        found = self._strings.get(source)
        if found is None:
            found = self._strings[source] = self.from_string(source)
        return found  # type: ignore[no-any-return]


class AppLoader(jinja2.BaseLoader):
    """A loader that searches the app's template folder, then those of its blueprints.

    Args:
        app: The app.
    """

    def __init__(self, app: SomeApp) -> None:
        self.app = app
        self._loaders: Dict[str, jinja2.FileSystemLoader] = {}

    def folders(self) -> List[str]:
        """Return the absolute paths of the folders, in search order."""
        found = []
        if self.app.settings["template_folder"] is not None:
            found.append(os.path.join(self.app.root_path, self.app.settings["template_folder"]))
        for blueprint in self.app.store(State).blueprints.values():
            if blueprint.template_folder is not None:
                found.append(os.path.join(blueprint.root_path, blueprint.template_folder))
        return list(dict.fromkeys(found))

    def get_source(self, environment: jinja2.Environment, template: str) -> Tuple[str, Optional[str], Uptodate]:
        """Return the source of a template.

        Raises:
            TemplateNotFound: It is in no folder; the message names the folders.
        """
        folders = self.folders()
        for folder in folders:
            loader = self._loaders.get(folder)
            if loader is None:
                loader = self._loaders[folder] = jinja2.FileSystemLoader(folder)
            try:
                return loader.get_source(environment, template)
            except jinja2.TemplateNotFound:
                continue
        raise jinja2.TemplateNotFound(
            template,
            f"There is no template {template!r}. Searched: {', '.join(folders) or 'no folder is set'}. The first is "
            "set by the setting `template_folder`, relative to the directory of the module that made the app.",
        )

    def list_templates(self) -> List[str]:
        """Return the names of all templates, sorted."""
        return sorted({name for folder in self.folders() for name in jinja2.FileSystemLoader(folder).list_templates()})


class DispatchingJinjaLoader(jinja2.BaseLoader):
    """A loader that asks the app's own loader, then those of its blueprints.

    Args:
        app: The app.
    """

    def __init__(self, app: SomeApp) -> None:
        self.app = app

    def _loaders(self) -> Iterator[Tuple[Any, jinja2.BaseLoader]]:
        for owner in (self.app, *self.app.iter_blueprints()):
            if owner.jinja_loader is not None:
                yield owner, owner.jinja_loader

    def get_source(self, environment: jinja2.Environment, template: str) -> Tuple[str, Optional[str], Uptodate]:
        """Return the source of a template.

        Raises:
            TemplateNotFound: No loader has it.
        """
        if self.app.config["EXPLAIN_TEMPLATE_LOADING"]:
            return self._explained(environment, template)
        for _, loader in self._loaders():
            try:
                return loader.get_source(environment, template)
            except jinja2.TemplateNotFound:
                continue
        raise jinja2.TemplateNotFound(template, _missing(template, [loader for _, loader in self._loaders()]))

    def _explained(self, environment: jinja2.Environment, template: str) -> Tuple[str, Optional[str], Uptodate]:
        attempts: List[Attempt] = []
        for owner, loader in self._loaders():
            try:
                attempts.append((loader, owner, loader.get_source(environment, template)))
            except jinja2.TemplateNotFound:
                attempts.append((loader, owner, None))
        explain_template_loading_attempts(self.app, template, attempts)
        for _, _, found in attempts:
            if found is not None:
                return found
        raise jinja2.TemplateNotFound(template)

    def list_templates(self) -> List[str]:
        """Return the names of all templates."""
        return list(dict.fromkeys(name for _, loader in self._loaders() for name in loader.list_templates()))


def _missing(template: str, loaders: List[jinja2.BaseLoader]) -> str:
    folders = [str(path) for loader in loaders for path in getattr(loader, "searchpath", ())]
    return (
        f"There is no template {template!r}. Searched: {', '.join(folders) or 'no folder is set'}. The first is "
        "set by `template_folder`, relative to the directory of the module that made the app."
    )


def environment_of(app: SomeApp) -> jinja2.Environment:
    """Return the app's environment, created at its first use."""
    if app.paradigm == "flask":
        return app.jinja_env
    state = app.store(State)
    if state.environment is None:
        state.environment = with_globals(app, Environment(app))
        state.environment.filters.update(state.filters)
        state.environment.tests.update(state.tests)
        state.environment.globals.update(state.globals)
    return state.environment  # type: ignore[no-any-return]


def environment_for(app: SomeApp) -> jinja2.Environment:
    """Return a new environment for an app of the class `Flask`."""
    options = dict(app.jinja_options)
    options.setdefault("autoescape", app.select_jinja_autoescape)
    options.setdefault("loader", app.create_global_jinja_loader())
    if "auto_reload" not in options:
        reload = app.config["TEMPLATES_AUTO_RELOAD"]
        options["auto_reload"] = app.debug if reload is None else reload
    return with_globals(app, app.jinja_environment(app, **options))


def with_globals(app: SomeApp, environment: jinja2.Environment) -> jinja2.Environment:
    """Return an environment with Flask's globals."""
    environment.globals.update(
        url_for=app.url_for if app.paradigm == "flask" else url_for,
        get_flashed_messages=get_flashed_messages,
        config=config_of(app),
        # the proxies, so that the session is opened only by a template that uses it
        request=request,
        session=session,
        g=g,
    )
    environment.policies["json.dumps_function"] = dumps
    return environment


def _app() -> Any:
    return current_connection("render_template()").app


def _context(app: SomeApp, given: Values) -> Values:
    """Return the variables of a template: what is shared with it, then those that it was given."""
    connection = current_connection()
    if isinstance(connection, ContextConnection):
        app.update_template_context(given)
        return given
    shared = template_context(connection)
    return {**shared, **given} if shared else given


def _signalled(app: SomeApp, template: jinja2.Template, given: Values) -> str:
    """Return the text of a template, with signals before and after it."""
    wrap = app.ensure_sync if app.paradigm == "flask" else None
    before_render_template.send(app, _async_wrapper=wrap, template=template, context=given)
    text = template.render(given)
    template_rendered.send(app, _async_wrapper=wrap, template=template, context=given)
    return text


def _render(app: SomeApp, template: jinja2.Template, given: Values) -> str:
    variables = _context(app, given)
    if before_render_template.receivers or template_rendered.receivers:
        return _signalled(app, template, variables)
    return template.render(variables)


def _stream(app: SomeApp, template: jinja2.Template, given: Values) -> Iterator[str]:
    variables = _context(app, given)
    if not (before_render_template.receivers or template_rendered.receivers):
        return stream_with_context(template.generate(variables))  # type: ignore[no-any-return]

    def generate() -> Iterator[str]:
        wrap = app.ensure_sync if app.paradigm == "flask" else None
        before_render_template.send(app, _async_wrapper=wrap, template=template, context=variables)
        yield from template.generate(variables)
        template_rendered.send(app, _async_wrapper=wrap, template=template, context=variables)

    return stream_with_context(generate())  # type: ignore[no-any-return]


def template_contexts(app: App) -> List[TemplateContext]:
    """Return what the app's context processors share with all templates; nothing where there are none."""
    state = app.store(State)
    if not any(_own(functions) for functions in state.template_context_processors.values()):
        return []
    return [TemplateContext("context processors", _processed)]


def _own(functions: List[Function]) -> List[Function]:
    """Return the registered context processors without the app's default one, whose names are globals."""
    return [item for item in functions if not getattr(item, "is_default", False)]


def _processed(connection: Connection) -> Values:
    names: Values = {}
    found = connection.app.store(State).template_context_processors
    for scope in scopes_of(tuple(connection.route.group)):
        for function in _own(found.get(scope, [])):
            names.update(function())
    return names


Name = Union[str, jinja2.Template, List[Union[str, jinja2.Template]]]


def _find(app: SomeApp, name: Name) -> jinja2.Template:
    environment = environment_of(app)
    return environment.get_template(name) if isinstance(name, str) else environment.get_or_select_template(name)


def _from_string(app: SomeApp, source: str) -> jinja2.Template:
    environment = environment_of(app)
    if isinstance(environment, Environment):
        return environment.string_template(source)
    return environment.from_string(source)


def render_template(template_name_or_list: Name, **context: Passed) -> str:
    """Render a template of the app.

    Args:
        template_name_or_list: A template's name, or several, of which the first that exists is taken.
        **context: Variables of the template, besides `request`, `g`, `session`, `config`,
            `url_for`, `get_flashed_messages` and those of context processors.

    Returns:
        The text. A handler that returns it responds with HTML.

    Raises:
        jinja2.TemplateNotFound: It is in no folder; the message names the folders.
        NoRequest: The code runs outside a request.
    """
    app = _app()
    return _render(app, _find(app, template_name_or_list), context)


def render_template_string(source: str, **context: Passed) -> str:
    """Render a template from a string; values are escaped. See `render_template`."""
    app = _app()
    return _render(app, _from_string(app, source), context)


def stream_template(template_name_or_list: Name, **context: Passed) -> Iterator[str]:
    """Render a template as a stream, to be returned from a handler. See `render_template`."""
    app = _app()
    return _stream(app, _find(app, template_name_or_list), context)


def stream_template_string(source: str, **context: Passed) -> Iterator[str]:
    """Render a template from a string as a stream. See `render_template`."""
    app = _app()
    return _stream(app, _from_string(app, source), context)
