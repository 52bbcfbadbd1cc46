"""The signals of Flask, on blinker: extensions connect to them, and the app sends them.

They are sent with the app as sender, and cost a request nothing where nothing is connected.
"""

from __future__ import annotations

from blinker import Namespace

#: A namespace for the signals of one's own: `from fenrir_flask.signals import Namespace`.
_signals = Namespace()

#: A template was rendered; keywords `template`, `context`.
template_rendered = _signals.signal("template-rendered")
#: A template is about to be rendered; keywords `template`, `context`.
before_render_template = _signals.signal("before-render-template")
#: A request begins, before the functions of `before_request`.
request_started = _signals.signal("request-started")
#: A response is about to be sent; keyword `response`.
request_finished = _signals.signal("request-finished")
#: A request ends, also after an error; keyword `exc`.
request_tearing_down = _signals.signal("request-tearing-down")
#: An exception was not handled; keyword `exception`.
got_request_exception = _signals.signal("got-request-exception")
#: An app context ends; keyword `exc`.
appcontext_tearing_down = _signals.signal("appcontext-tearing-down")
#: An app context was pushed.
appcontext_pushed = _signals.signal("appcontext-pushed")
#: An app context was popped.
appcontext_popped = _signals.signal("appcontext-popped")
#: A message was flashed; keywords `message`, `category`.
message_flashed = _signals.signal("message-flashed")
