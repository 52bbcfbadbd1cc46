"""The compiler: a plan becomes the source of one coroutine, and that a function.

`codegen`, `inputs` and this room are the only ones that write source. Plugins hand over callables with a declared
kind; every name in generated code is bound in the function's own namespace, nothing of a
user's text gets into it but names of parameters, which are identifiers, and route paths in
comments.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any, List, Tuple

from ..runtime import dependencies, error_handling
from .source import Compiler, SourceWriter
from ..http.headers import LENGTHS
from .arguments import ArgumentWriter, bind_common, call_expression
from .planner import CallPlan, RoutePlan
from ..http.connection import current
from ..http.request import FORM_TYPES, Request
from ..http.response import BODILESS, response_from_raw, raw_response_of
from ..plugins.types import Call, Constant, PathValue, Origin, RouteHook
from ..http.websocket import WebSocket


def http_source(plan: RoutePlan, target: Any) -> SourceWriter:
    """Write the coroutine `handle(scope, receive, send, params)` of an HTTP route."""
    if _is_context_free(plan):
        return _context_free_source(plan, target)
    source = SourceWriter()
    _bind_runtime(source, target, Request)
    hooks = [(given.value, given.by) for given in plan.hooks if "http" in given.value.kinds]
    around = [(hook, by) for hook, by in hooks if hook.around is not None]
    if around:
        _write_around(source, plan, around)
    source.line(0, "async def handle(scope, receive, send, params):")
    _write_connection(source)
    source.line(1, "token = enter(request)")
    source.line(1, "try:")
    source.line(2, "try:")
    before = [(hook, by) for hook, by in hooks if hook.before is not None]
    after = [(hook, by) for hook, by in reversed(hooks) if hook.after is not None]
    _write_entrance(source, hooks)
    _write_needs(source, plan, hooks)
    # HEAD's answer has no body, which a `Response` sees to
    is_bare = not after and not around
    raw = is_bare and plan.return_handler.render_raw is not None and not {"HEAD", "*"}.intersection(plan.route.methods)
    encoders = not raw and is_bare and plan.return_handler.encoders and plan.return_handler.status not in BODILESS
    if before:
        source.line(3, "response = None")
        for hook, by in before:
            _write_before(source, hook, by, plan)
        source.line(3, "if response is None:")
    depth = 4 if before else 3
    if around:
        source.line(depth, "response = await around_0(request)", around[0][1])
    else:
        _write_main(source, plan, depth, bool(encoders), raw)
    source.line(2, "except Exception as error:")
    source.line(3, "response = await handle_error(request, error)")
    if after:
        _write_after(source, after)
    _write_send(source, plan, bool(encoders), raw)
    _write_end(source)
    return source


def websocket_source(plan: RoutePlan, target: Any) -> SourceWriter:
    """Write the coroutine `handle(scope, receive, send, params)` of a WebSocket route."""
    source = SourceWriter()
    _bind_runtime(source, target, WebSocket)
    source.namespace["conclude"] = error_handling.conclude_websocket
    source.namespace["handle_error"] = error_handling.handle_websocket_error
    source.namespace["refuse"] = error_handling.refuse_websocket
    source.line(0, "async def handle(scope, receive, send, params):")
    # ASGI: a client may send HTTP with any method, also with the name that WebSocket routes go by
    source.line(1, 'if scope["type"] != "websocket":')
    source.line(2, "return await target.app.answer(404, scope, receive, send)")
    _write_connection(source)
    source.line(1, "token = enter(request)")
    source.line(1, "try:")
    source.line(2, "try:")
    hooks = [(given.value, given.by) for given in plan.hooks if "websocket" in given.value.kinds]
    _write_entrance(source, hooks)
    for hook, by in hooks:
        if hook.before is not None:
            source.line(3, f"value = {_step(source, hook, hook.before)}", by)
            source.line(3, "if value is not None:")
            answer = "value" if hook.convert is None else _converted(source, hook)
            source.line(4, f"await refuse(request, {answer})")
            source.line(4, "return")
    expression = ArgumentWriter(source, plan.root, 3).write()
    source.line(3, f"await conclude(request, {expression})", plan.route.origin)
    source.line(2, "except Exception as error:")
    source.line(3, "await handle_error(request, error)")
    _write_end(source)
    return source


def call_source(root: CallPlan, given: Tuple[str, ...]) -> SourceWriter:
    """Write the coroutine `handle(request, *given)` that fills a callable's other parameters."""
    source = SourceWriter()
    bind_common(source)
    arguments = "".join(f", {name}" for name in given)
    source.line(0, f"async def handle(request{arguments}):")
    source.line(1, "params = request.path_params")
    for need in sorted(root.needs):
        source.line(1, f"await request.{need}()")
    source.line(1, f"return {ArgumentWriter(source, root, 1, True).write()}")
    return source


def dependency_source(node: CallPlan) -> SourceWriter:
    """Write the coroutine `handle(request)` that makes the value of one app-scoped dependency."""
    source = SourceWriter()
    bind_common(source)
    source.line(0, "async def handle(request):")
    source.line(1, f"return {ArgumentWriter(source, node, 1, True).write_dependency()}")
    return source


# -------------------------------------------------------------------- routes that need no context


def _is_context_free(plan: RoutePlan) -> bool:
    """Return whether nobody can look at the request's context: then none is made.

    That holds for an endpoint whose code names nothing but its parameters, which are path
    values, on a route that has no hooks: it can call nothing that could look.
    """
    root = plan.root
    code = getattr(root.call.function, "__code__", None)
    return (
        type(root.call.function) is FunctionType
        and code is not None
        and not (code.co_names or code.co_freevars or code.co_cellvars)
        and root.call.mode in ("async", "inline")
        and not root.generator
        and not root.before
        and not plan.hooks
        and not plan.route.fallback
        and bool(plan.return_handler.encoders)
        and plan.return_handler.status not in BODILESS
        and all(isinstance(item.resolver, (PathValue, Constant)) for item in root.inputs)
    )


def _context_free_source(plan: RoutePlan, target: Any) -> SourceWriter:
    source = SourceWriter()
    _bind_runtime(source, target, Request)
    source.namespace.update(respond_in_context=error_handling.respond_in_context, recover_in_context=error_handling.recover_in_context)
    source.line(0, "async def handle(scope, receive, send, params):")
    source.line(1, "try:")
    source.line(2, f"value = {ArgumentWriter(source, plan.root, 2).write()}", plan.route.origin)
    source.line(2, f"encoder = {_encoder_for(source, plan)}(type(value))", plan.return_handler_by)
    source.line(2, "body = None if encoder is None else encoder[0](value)")
    source.line(1, "except Exception as error:")
    source.line(2, "return await recover_in_context(Connection(scope, receive, send, params, target), error)")
    source.line(1, "if encoder is None:")
    source.line(2, "return await respond_in_context(Connection(scope, receive, send, params, target), value)")
    _write_encoded(source, plan, 1)
    return source


# -------------------------------------------------------------------- parts of a route


def _write_connection(source: SourceWriter) -> None:
    # PERF: `Connection.__init__` written out, 170 -> 105 ns
    source.namespace["new"] = object.__new__
    source.line(1, "request = new(Connection)")
    source.line(1, "request.scope, request.receive, request.send = scope, receive, send")
    source.line(1, "request.path_params, request.compiled_route = params, target")


def _bind_runtime(source: SourceWriter, target: Any, connection: type) -> None:
    bind_common(source)
    source.namespace.update(
        Connection=connection,
        target=target,
        app_values=target.app.dependencies.values,
        enter=current.set,
        leave=current.reset,
        handle_error=error_handling.handle_error,
        respond=error_handling.respond,
        finish=dependencies.finish,
    )


def _write_entrance(source: SourceWriter, hooks: List[Tuple[RouteHook, Origin]]) -> None:
    for hook, by in hooks:
        if hook.adapter is not None and id(hook.adapter) not in source.adapters:
            name = source.adapters[id(hook.adapter)] = f"adapter{len(source.adapters)}"
            source.line(3, f"{name} = {source.bind('adapter_of', hook.adapter)}(request)", by)
    for hook, by in hooks:
        if hook.teardown is not None:
            name = source.bind(f"{hook.name}_teardown", dependencies.as_cleanup(hook.teardown))
            source.line(3, f"request.add_cleanup({name}(request))", by)


def _write_around(source: SourceWriter, plan: RoutePlan, around: List[Tuple[RouteHook, Origin]]) -> None:
    """Write the endpoint as the innermost of the functions that the steps around it call."""
    source.line(0, f"async def around_{len(around)}(request):")
    source.line(1, "params = request.path_params")
    for need in sorted(plan.root.needs):
        source.line(1, f"await request.{need}()")
    _write_main(source, plan, 1, False, False)
    source.line(1, "return response")
    for index, (hook, by) in reversed([*enumerate(around)]):
        source.line(0, f"async def around_{index}(request):")
        step = source.bind(f"{hook.name}_around", hook.around)
        source.line(1, f"return await target.as_response(request, await {step}(request, around_{index + 1}))", by)


def _write_needs(source: SourceWriter, plan: RoutePlan, hooks: List[Tuple[RouteHook, Origin]]) -> None:
    # what a step around the endpoint does to the connection comes before the endpoint's own needs
    needs = set() if any(hook.around is not None for hook, _ in hooks) else set(plan.root.needs)
    for hook, _ in hooks:
        needs |= hook.needs
    if "load" in needs:
        needs -= {"load", "body"}
        source.line(3, "if request.content_type in form_types:")
        source.line(4, "await request.form()")
        source.line(3, "else:")
        source.namespace["form_types"] = FORM_TYPES
        _write_body(source, 4)
    elif "body" in needs:
        needs.discard("body")
        _write_body(source, 3)
    for need in sorted(needs):
        source.line(3, f"await request.{need}()")


def _write_body(source: SourceWriter, depth: int) -> None:
    # PERF: nearly every body comes in one message, which no further coroutine need gather, 0.4 us
    source.line(depth, "message = await receive()")
    source.line(depth, "if not request.accept_single_chunk(message):")
    source.line(depth + 1, "await request.read_rest(message)")


def _write_before(source: SourceWriter, hook: RouteHook, by: Origin, plan: RoutePlan) -> None:
    assert hook.before is not None
    source.line(3, "if response is None:")
    source.line(4, f"value = {_step(source, hook, hook.before)}", by)
    source.line(4, "if value is not None:")
    made = _convert(source, plan) if hook.convert is None else _converted(source, hook)
    source.line(5, f"response = {made}")


def _step(source: SourceWriter, hook: RouteHook, call: Call, more: str = "") -> str:
    return call_expression(source, call, hook.name, source.adapters.get(id(hook.adapter), "request") + more)


def _converted(source: SourceWriter, hook: RouteHook) -> str:
    return f"{source.bind(f'convert_{hook.name}', hook.convert)}(request, value)"


def _convert(source: SourceWriter, plan: RoutePlan) -> str:
    name = source.bind("convert", plan.return_handler.convert)
    return f"await {name}(request, value)" if plan.return_handler.is_async else f"{name}(request, value)"


def _write_main(source: SourceWriter, plan: RoutePlan, depth: int, encoders: bool, raw: bool) -> None:
    inputs = ArgumentWriter(source, plan.root, depth)
    source.line(depth, f"value = {inputs.write()}", plan.route.origin)
    if inputs.has_inner:
        source.line(depth, "await finish_inner(request)")
        source.namespace["finish_inner"] = dependencies.finish_inner
    if encoders:
        source.line(depth, f"encoder = {_encoder_for(source, plan)}(type(value))", plan.return_handler_by)
        source.line(depth, "if encoder is None:")
        source.line(depth + 1, f"response = {_convert(source, plan)}")
        source.line(depth, "else:")
        source.line(depth + 1, "response = None")
        source.line(depth + 1, "body = encoder[0](value)")
    elif raw:
        name = source.bind("render_raw", plan.return_handler.render_raw)
        source.line(depth, f"raw = {name}(request, value)", plan.return_handler_by)
        source.line(depth, f"response = {_convert(source, plan)} if raw is None else None")
    else:
        source.line(depth, f"response = {_convert(source, plan)}", plan.return_handler_by)


def _encoder_for(source: SourceWriter, plan: RoutePlan) -> str:
    encoders = {
        kind: (body.encode, (b"content-type", body.content_type)) for kind, body in plan.return_handler.encoders.items()
    }
    return source.bind("encoder_for", encoders.get)


def _write_encoded(source: SourceWriter, plan: RoutePlan, depth: int) -> None:
    source.namespace["lengths"] = LENGTHS
    source.line(depth, "size = len(body)")
    length = f'lengths[size] if size < {len(LENGTHS)} else (b"content-length", b"%d" % size)'
    source.line(
        depth,
        f'await send({{"type": "http.response.start", "status": {int(plan.return_handler.status)}, '
        f'"headers": [encoder[1], {length}]}})',
    )
    source.line(depth, 'await send({"type": "http.response.body", "body": body})')


def _write_after(source: SourceWriter, after: List[Tuple[RouteHook, Origin]]) -> None:
    source.line(2, "try:")
    for hook, by in after:
        assert hook.after is not None
        source.line(3, f"value = {_step(source, hook, hook.after, ', response')}", by)
        source.line(3, "if value is not None:")
        source.line(4, "response = value" if hook.convert is None else f"response = {_converted(source, hook)}")
    source.line(2, "except Exception as error:")
    source.line(3, "response = await handle_error(request, error)")


def _write_send(source: SourceWriter, plan: RoutePlan, encoders: bool, raw: bool) -> None:
    source.namespace.update(response_from_raw=response_from_raw, raw_response_of=raw_response_of)
    if raw:
        source.line(2, "if response is None and request.before_start is None:")
        _write_raw(source)
        source.line(2, "else:")
        source.line(3, "await respond(request, response_from_raw(*raw) if response is None else response)")
        return
    if not encoders:
        source.line(2, "raw = raw_response_of(request, response)")
        source.line(2, "if raw is not None:")
        _write_raw(source)
        source.line(2, "else:")
        source.line(3, "await respond(request, response)")
        return
    source.line(2, "if response is None and request.before_start is None:")
    source.line(3, "request.started = True")
    _write_encoded(source, plan, 3)
    source.line(2, "else:")
    whole = f"response_from_raw({int(plan.return_handler.status)}, [encoder[1]], body)"
    source.line(3, f"await respond(request, {whole} if response is None else response)")


def _write_raw(source: SourceWriter) -> None:
    source.line(3, "request.started = True")
    source.line(3, 'await send({"type": "http.response.start", "status": raw[0], "headers": raw[1]})')
    source.line(3, 'await send({"type": "http.response.body", "body": raw[2]})')


def _write_end(source: SourceWriter) -> None:
    source.line(2, "if request.cleanups is not None:")
    source.line(3, "await finish(request, None)")
    source.line(1, "except BaseException as error:")
    source.line(2, "if request.cleanups is not None:")
    source.line(3, "await finish(request, error)")
    source.line(2, "raise")
    source.line(1, "finally:")
    source.line(2, "leave(token)")
    # PERF: views hold the connection that holds them; without this every request is left to the garbage collector
    source.line(2, "request.facades = None")


__all__ = ["Compiler", "SourceWriter", "call_source", "dependency_source", "http_source", "websocket_source"]
