"""Typos in Flask's, Falcon's, Sanic's and Bottle's styles: every marked line is an error, and no other."""

from __future__ import annotations

import fenrir_bottle
import fenrir_falcon
import fenrir_flask
import fenrir_sanic

flask_app = fenrir_flask.Flask(5)  # error
flask_app.add_url_rul("/")  # error
fenrir_flask.current_app.config.from_objct("x")  # error
fenrir_flask.current_app.nothing  # error  # noqa: B018
fenrir_flask.g.anything  # noqa: B018
fenrir_flask.g.anything = 1
fenrir_flask.request.pathh  # error  # noqa: B018
fenrir_flask.render_templat("x")  # error

falcon_app = fenrir_falcon.App()
falcon_app.add_rout("/", object())  # error

sanic_app = fenrir_sanic.Sanic("shop")
sanic_app.add_rout(print, "/")  # error
sanic_app.add_task(name=5)  # error

bottle_app = fenrir_bottle.Bottle()
bottle_app.rout("/")  # error
fenrir_bottle.request.pathh  # error  # noqa: B018
fenrir_bottle.response.set_heder("x", "y")  # error
fenrir_bottle.request.BaseRequest  # error  # noqa: B018
