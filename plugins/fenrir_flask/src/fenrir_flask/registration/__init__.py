"""Registration: what is added to an app before it is built, in `Flask`, blueprints and the hybrid app."""

from __future__ import annotations

from .blueprints import collect as collect
from .blueprints import register_blueprint as register_blueprint
from .blueprints import root_path_of as root_path_of
from .hooks import Matches as Matches
from .hooks import add_template_filter as add_template_filter
from .hooks import add_template_global as add_template_global
from .hooks import add_template_test as add_template_test
from .hooks import after_request as after_request
from .hooks import before_request as before_request
from .hooks import context_processor as context_processor
from .hooks import errorhandler as errorhandler
from .hooks import exception as exception
from .hooks import register_error_handler as register_error_handler
from .hooks import teardown_appcontext as teardown_appcontext
from .hooks import teardown_request as teardown_request
from .hooks import template_filter as template_filter
from .hooks import template_global as template_global
from .hooks import template_test as template_test
from .hooks import url_defaults as url_defaults
from .hooks import url_value_preprocessor as url_value_preprocessor
from .routes import add_url_rule as add_url_rule
from .static import static_routes as static_routes
