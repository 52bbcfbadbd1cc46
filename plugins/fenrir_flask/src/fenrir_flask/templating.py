"""Jinja2 templates: one environment for each app, with the context locals as globals."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple, Union

import jinja2
from jinja2.utils import LRUCache

from fenrir_core import App, Connection, TemplateContext, current_connection
from fenrir_core.authoring import template_context

from .config import config_of
from .helpers import get_flashed_messages, url_for
from .json import dumps
from .proxies import g, request, session
from .state import State

Uptodate = Optional[Callable[[], bool]]
#: How many compiled string templates are cached.
_STRINGS = 100
_MARKUP = (".html", ".htm", ".xml", ".xhtml", ".svg")


class Environment(jinja2.Environment):
    """The Jinja2 environment of an app.

    Args:
        app: The app.
        **options: Jinja2's options.
    """

    def __init__(self, app: Any, **options: Any) -> None:
        reload = app.settings["templates_auto_reload"]
        options.setdefault("autoescape", select_autoescape)
        options.setdefault("auto_reload", app.settings["debug"] if reload is None else reload)
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

    def get_template(self, name: Any, parent: Optional[str] = None, globals: Any = None) -> jinja2.Template:
        """Return a template by name; see Jinja2."""
        return self._with(super().get_template(name, parent), globals)

    def select_template(self, names: Any, parent: Optional[str] = None, globals: Any = None) -> jinja2.Template:
        """Return the first of several templates that exists; see Jinja2."""
        return self._with(super().select_template(names, parent), globals)

    def _with(self, template: jinja2.Template, given: Any) -> jinja2.Template:
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

    def __init__(self, app: Any) -> None:
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


def select_autoescape(name: Optional[str]) -> bool:
    """Return whether values are escaped: in markup files and in string templates."""
    return name is None or name.endswith(_MARKUP)


def environment_of(app: Any) -> jinja2.Environment:
    """Return the app's environment, created at its first use."""
    state = app.store(State)
    if state.environment is None:
        kind = getattr(app, "jinja_environment", Environment)
        environment = kind(app, **getattr(app, "jinja_options", {}))
        environment.globals.update(
            url_for=url_for,
            get_flashed_messages=get_flashed_messages,
            config=config_of(app),
            # the proxies, so that the session is opened only by a template that uses it
            request=request,
            session=session,
            g=g,
        )
        environment.policies["json.dumps_function"] = dumps
        environment.filters.update(state.filters)
        environment.tests.update(state.tests)
        environment.globals.update(state.globals)
        state.environment = environment
    return state.environment  # type: ignore[no-any-return]


def _app() -> Any:
    return current_connection("render_template()").app


def _context(given: Dict[str, Any]) -> Dict[str, Any]:
    shared = template_context(current_connection())
    return {**shared, **given} if shared else given


def template_contexts(app: App) -> List[TemplateContext]:
    """Return what the app's context processors share with all templates; nothing where there are none."""
    return [TemplateContext("context processors", _processed)] if app.store(State).context_processors else []


def _processed(connection: Connection) -> Dict[str, Any]:
    names: Dict[str, Any] = {}
    for hook in connection.app.store(State).context_processors:
        if hook.scope is None or hook.scope in connection.route.group:
            names.update(hook.function())
    return names


Name = Union[str, jinja2.Template, List[Union[str, jinja2.Template]]]


def _find(app: Any, name: Name) -> jinja2.Template:
    environment = environment_of(app)
    return environment.get_template(name) if isinstance(name, str) else environment.get_or_select_template(name)


def _from_string(app: Any, source: str) -> jinja2.Template:
    environment = environment_of(app)
    if isinstance(environment, Environment):
        return environment.string_template(source)
    return environment.from_string(source)


def render_template(template_name_or_list: Name, **context: Any) -> str:
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
    return _find(app, template_name_or_list).render(_context(context))


def render_template_string(source: str, **context: Any) -> str:
    """Render a template from a string; values are escaped. See `render_template`."""
    app = _app()
    return _from_string(app, source).render(_context(context))


def stream_template(template_name_or_list: Name, **context: Any) -> Iterator[str]:
    """Render a template as a stream, to be returned from a handler. See `render_template`."""
    app = _app()
    return _find(app, template_name_or_list).generate(_context(context))


def stream_template_string(source: str, **context: Any) -> Iterator[str]:
    """Render a template from a string as a stream. See `render_template`."""
    app = _app()
    return _from_string(app, source).generate(_context(context))
