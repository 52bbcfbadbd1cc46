"""Registration in the hybrid app, and the routes of applications of the class `Flask`."""

from __future__ import annotations

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
from .routes import add_url_rule as add_url_rule
from .rules import routes_of as routes_of
from .static import static_routes as static_routes
