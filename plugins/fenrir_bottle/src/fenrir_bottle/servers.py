"""Server adapters: what `run(server=…)` takes. Each needs its own package, but for `wsgiref` and `cgi`."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from typing import Any, ClassVar, Dict, List, Type

from fenrir_wsgi import Environ, StartResponse, WSGIApp

from .loading import package


class ServerAdapter:
    """A server that can run a WSGI application.

    Args:
        host: The address to listen at.
        port: The port.
        **options: Options of the server.
    """

    quiet = False

    def __init__(self, host: str = "127.0.0.1", port: int = 8080, **options: Any) -> None:
        self.options, self.host, self.port = options, host, int(port)

    def run(self, handler: WSGIApp) -> None:
        """Serve an application until the process is told to stop."""

    @property
    def _listen_url(self) -> str:
        if self.host.startswith("unix:"):
            return self.host
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/"

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={value!r}" for name, value in self.options.items())
        return f"{type(self).__name__}({options})"


class CGIServer(ServerAdapter):
    """The gateway of CGI: it serves the one request that the process was started for."""

    quiet = True

    def run(self, handler: WSGIApp) -> None:
        """Serve one request."""
        from wsgiref.handlers import CGIHandler

        def with_path(environ: Environ, start_response: StartResponse) -> Any:
            environ.setdefault("PATH_INFO", "")
            return handler(environ, start_response)

        CGIHandler().run(with_path)


class WSGIRefServer(ServerAdapter):
    """The server of the standard library: one request at a time, for development."""

    def run(self, app: WSGIApp) -> None:
        """Serve an application; options are `handler_class` and `server_class`."""
        from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

        quiet = self.quiet

        class Handler(WSGIRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:
                if not quiet:
                    super().log_message(format, *args)

        server_class = self.options.get("server_class", WSGIServer)
        if ":" in self.host and server_class.address_family == socket.AF_INET:
            server_class = type("WSGIServer6", (server_class,), {"address_family": socket.AF_INET6})
        handler_class = self.options.get("handler_class", Handler)
        self.srv = make_server(self.host, self.port, app, server_class, handler_class)
        self.port = self.srv.server_port
        try:
            self.srv.serve_forever()
        finally:
            self.srv.server_close()


class FlupFCGIServer(ServerAdapter):
    """flup's FastCGI."""

    def run(self, handler: WSGIApp) -> None:
        """Serve an application."""
        fcgi = package("flup.server.fcgi")

        self.options.setdefault("bindAddress", (self.host, self.port))
        fcgi.WSGIServer(handler, **self.options).run()


class CherootServer(ServerAdapter):
    """Cheroot; options `certfile`, `keyfile` and `chainfile` switch TLS on."""

    def run(self, handler: WSGIApp) -> None:
        """Serve an application."""
        wsgi, builtin = package("cheroot.wsgi"), package("cheroot.ssl.builtin")

        certificate, key = self.options.pop("certfile", None), self.options.pop("keyfile", None)
        chain = self.options.pop("chainfile", None)
        server = wsgi.Server(bind_addr=(self.host, self.port), wsgi_app=handler, **self.options)
        if certificate and key:
            server.ssl_adapter = builtin.BuiltinSSLAdapter(certificate, key, chain)
        try:
            server.start()
        finally:
            server.stop()


class CherryPyServer(CherootServer):
    """The server of CherryPy, which is Cheroot today."""


class WaitressServer(ServerAdapter):
    """Waitress."""

    def run(self, handler: WSGIApp) -> None:
        """Serve an application."""
        serve = package("waitress").serve

        serve(handler, host=self.host, port=self.port, _quiet=self.quiet, **self.options)


class PasteServer(ServerAdapter):
    """Paste."""

    def run(self, handler: WSGIApp) -> None:
        """Serve an application."""
        httpserver = package("paste.httpserver")

        logged = package("paste.translogger").TransLogger(handler, setup_console_handler=not self.quiet)
        httpserver.serve(logged, host=self.host, port=str(self.port), **self.options)


class MeinheldServer(ServerAdapter):
    """Meinheld."""

    def run(self, handler: WSGIApp) -> None:
        """Serve an application."""
        server = package("meinheld.server")

        server.listen((self.host, self.port))
        server.run(handler)


class FapwsServer(ServerAdapter):
    """fapws3, which is no longer maintained."""

    def run(self, handler: WSGIApp) -> None:
        """Refuse to run."""
        raise RuntimeError("fapws3 is no longer maintained. Use another server, for example server='waitress'.")


class TornadoServer(ServerAdapter):
    """Tornado."""

    def run(self, handler: WSGIApp) -> None:
        """Serve an application."""
        server = package("tornado.httpserver").HTTPServer(package("tornado.wsgi").WSGIContainer(handler))
        server.listen(port=self.port, address=self.host)
        package("tornado.ioloop").IOLoop.current().start()


class AppEngineServer(ServerAdapter):
    """The first generation of Google's App Engine, which is gone."""

    quiet = True

    def run(self, handler: WSGIApp) -> None:
        """Refuse to run."""
        raise RuntimeError("App Engine runs the app itself today: name it in app.yaml instead of calling run().")


class TwistedServer(ServerAdapter):
    """Twisted."""

    def run(self, handler: WSGIApp) -> None:
        """Serve an application."""
        server, wsgi = package("twisted.web.server"), package("twisted.web.wsgi")

        pool, loop = package("twisted.python.threadpool").ThreadPool(), package("twisted.internet.reactor")
        pool.start()
        loop.addSystemEventTrigger("after", "shutdown", pool.stop)
        loop.listenTCP(self.port, server.Site(wsgi.WSGIResource(loop, pool, handler)), interface=self.host)
        if not loop.running:
            loop.run()


class DieselServer(ServerAdapter):
    """Diesel, which is no longer maintained."""

    def run(self, handler: WSGIApp) -> None:
        """Refuse to run."""
        raise RuntimeError("Diesel is no longer maintained. Use another server, for example server='waitress'.")


class GeventServer(ServerAdapter):
    """gevent; it needs `gevent.monkey.patch_all()` before all other imports."""

    def run(self, handler: WSGIApp) -> None:
        """Serve an application.

        Raises:
            RuntimeError: The standard library was not patched.
        """
        pywsgi = package("gevent.pywsgi")

        if not issubclass(threading.local, package("gevent.local").local):
            raise RuntimeError("server='gevent' needs gevent.monkey.patch_all() before the app is imported.")
        if self.quiet:
            self.options["log"] = None
        pywsgi.WSGIServer((self.host, self.port), handler, **self.options).serve_forever()


class GunicornServer(ServerAdapter):
    """Gunicorn, in this process."""

    def run(self, handler: WSGIApp) -> None:
        """Serve an application; options are Gunicorn's settings."""
        base = package("gunicorn.app.base").BaseApplication
        bind = self.host if self.host.startswith("unix:") else f"{self.host}:{self.port}"
        settings = {"bind": bind, **self.options}

        class Application(base):  # type: ignore[misc,valid-type]
            def load_config(self) -> None:
                for name, value in settings.items():
                    self.cfg.set(name, value)

            def load(self) -> WSGIApp:
                return handler

        Application().run()


class EventletServer(ServerAdapter):
    """eventlet; it needs `eventlet.monkey_patch()` before all other imports."""

    def run(self, handler: WSGIApp) -> None:
        """Serve an application; options `backlog` and `family` are those of the socket.

        Raises:
            RuntimeError: The standard library was not patched.
        """
        eventlet, wsgi = package("eventlet"), package("eventlet.wsgi")

        if not eventlet.patcher.is_monkey_patched("os"):
            raise RuntimeError("server='eventlet' needs eventlet.monkey_patch() before the app is imported.")
        options = {name: self.options.pop(name) for name in ("backlog", "family") if name in self.options}
        wsgi.server(eventlet.listen((self.host, self.port), **options), handler, log_output=not self.quiet)


class BjoernServer(ServerAdapter):
    """bjoern."""

    def run(self, handler: WSGIApp) -> None:
        """Serve an application."""
        package("bjoern").run(handler, self.host, self.port, reuse_port=True)


class AsyncioServerAdapter(ServerAdapter):
    """The base of adapters of servers on an event loop."""

    def get_event_loop(self) -> asyncio.AbstractEventLoop:
        """Return a new event loop."""
        return asyncio.new_event_loop()


class AiohttpServer(AsyncioServerAdapter):
    """aiohttp with aiohttp-wsgi."""

    def run(self, handler: WSGIApp) -> None:
        """Serve an application."""
        serve = package("aiohttp_wsgi.wsgi").serve

        self.loop = self.get_event_loop()
        asyncio.set_event_loop(self.loop)
        serve(handler, host=self.host, port=self.port)


class AiohttpUVLoopServer(AiohttpServer):
    """The same on uvloop."""

    def get_event_loop(self) -> asyncio.AbstractEventLoop:
        """Return a new event loop."""
        loop: asyncio.AbstractEventLoop = package("uvloop").new_event_loop()
        return loop


class AutoServer(ServerAdapter):
    """The first server that is installed."""

    adapters: ClassVar[List[Type[ServerAdapter]]] = [
        WaitressServer,
        PasteServer,
        TwistedServer,
        CherootServer,
        WSGIRefServer,
    ]

    def run(self, handler: WSGIApp) -> None:
        """Serve an application."""
        for adapter in self.adapters:
            try:
                return adapter(self.host, self.port, **self.options).run(handler)
            except ImportError:
                print(f"{adapter.__name__}: not installed", file=sys.stderr)
        return None


#: The adapters by the name that `run` takes.
server_names: Dict[str, Type[ServerAdapter]] = {
    "aiohttp": AiohttpServer,
    "auto": AutoServer,
    "bjoern": BjoernServer,
    "cgi": CGIServer,
    "cheroot": CherootServer,
    "cherrypy": CherryPyServer,
    "diesel": DieselServer,
    "eventlet": EventletServer,
    "fapws3": FapwsServer,
    "flup": FlupFCGIServer,
    "gae": AppEngineServer,
    "gevent": GeventServer,
    "gunicorn": GunicornServer,
    "meinheld": MeinheldServer,
    "paste": PasteServer,
    "tornado": TornadoServer,
    "twisted": TwistedServer,
    "uvloop": AiohttpUVLoopServer,
    "waitress": WaitressServer,
    "wsgiref": WSGIRefServer,
}
