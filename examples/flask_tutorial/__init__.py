"""A notebook in the shape of Flask's tutorial: a factory, blueprints, SQLite, templates, a command.

It is written for Flask. Without a change it runs on Fenrir:

    python -m fenrir_core.alias flask -- -m flask --app flask_tutorial init-db
    fenrir run --as flask "flask_tutorial:create_app()"
"""

from __future__ import annotations

import os

from flask import Flask


def create_app(test_config=None) -> Flask:
    """Return the app.

    Args:
        test_config: The configuration of a test; without it `config.py` of the instance folder is read.
    """
    app = Flask(__name__, instance_relative_config=True)
    app.config.from_mapping(SECRET_KEY="dev", DATABASE=os.path.join(app.instance_path, "notes.sqlite"))
    if test_config is None:
        app.config.from_pyfile("config.py", silent=True)
        os.makedirs(app.instance_path, exist_ok=True)
    else:
        app.config.update(test_config)

    @app.route("/ping")
    def ping():
        return "pong"

    from . import auth, database, notes

    database.init_app(app)
    app.register_blueprint(auth.bp)
    app.register_blueprint(notes.bp)
    app.add_url_rule("/", endpoint="index")  # its view is that of the blueprint's
    return app
