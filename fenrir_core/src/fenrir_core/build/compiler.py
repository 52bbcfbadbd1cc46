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
from .source import Compiler, Source
from ..http.headers import LENGTHS
from .arguments import Inputs, bind_common, call_expression
from .planner import Node, Plan
from ..http.request import FORM_TYPES, Request, current
from ..http.response import BODILESS, as_response, whole_of
from ..plugins.types import Call, Constant, PathValue, Provenance, Wrapper
from ..http.websocket import WebSocket


def http_source(plan: Plan, target: Any) -> Source:
    """Write the coroutine `handle(scope, receive, send, params)` of an HTTP route."""
    if _is_closed(plan):
        return _closed_source(plan, target)
    source = Source()
    _bind_runtime(source, target, Request)
    source.line(0, "async def handle(scope, receive, send, params):")
    _write_connection(source)
    source.line(1, "token = enter(request)")
    source.line(1, "try:")
    source.line(2, "try:")
    wrappers = [(given.value, given.by) for given in plan.wrappers if "http" in given.value.kinds]
    before = [(wrapper, by) for wrapper, by in wrappers if wrapper.before is not None]
    after = [(wrapper, by) for wrapper, by in reversed(wrappers) if wrapper.after is not None]
    _write_entrance(source, wrappers)
    _write_needs(source, plan, wrappers)
    # HEAD's answer has no body, which a `Response` sees to
    direct = plan.responder.direct is not None and not after and not {"HEAD", "*"}.intersection(plan.route.methods)
    quick = not direct and not after and plan.responder.quick and plan.responder.status not in BODILESS
    if before:
        source.line(3, "response = None")
        for wrapper, by in before:
            _write_before(source, wrapper, by, plan)
        source.line(3, "if response is None:")
    _write_main(source, plan, 4 if before else 3, bool(quick), direct)
    source.line(2, "except Exception as error:")
    source.line(3, "response = await recover(request, error)")
    if after:
        _write_after(source, after)
    _write_send(source, plan, bool(quick), direct)
    _write_end(source)
    return source


def websocket_source(plan: Plan, target: Any) -> Source:
    """Write the coroutine `handle(scope, receive, send, params)` of a WebSocket route."""
    source = Source()
    _bind_runtime(source, target, WebSocket)
    source.namespace["conclude"] = error_handling.conclude_websocket
    source.namespace["recover"] = error_handling.recover_websocket
    source.namespace["refuse"] = error_handling.refuse_websocket
    source.line(0, "async def handle(scope, receive, send, params):")
    # ASGI: a client may send HTTP with any method, also with the name that WebSocket routes go by
    source.line(1, 'if scope["type"] != "websocket":')
    source.line(2, "return await target.app.answer(404, scope, receive, send)")
    _write_connection(source)
    source.line(1, "token = enter(request)")
    source.line(1, "try:")
    source.line(2, "try:")
    wrappers = [(given.value, given.by) for given in plan.wrappers if "websocket" in given.value.kinds]
    _write_entrance(source, wrappers)
    for wrapper, by in wrappers:
        if wrapper.before is not None:
            source.line(3, f"value = {_step(source, wrapper, wrapper.before)}", by)
            source.line(3, "if value is not None:")
            answer = "value" if wrapper.convert is None else _converted(source, wrapper)
            source.line(4, f"await refuse(request, {answer})")
            source.line(4, "return")
    expression = Inputs(source, plan.root, 3).write()
    source.line(3, f"await conclude(request, {expression})", plan.route.provided_by)
    source.line(2, "except Exception as error:")
    source.line(3, "await recover(request, error)")
    _write_end(source)
    return source


def call_source(root: Node, given: Tuple[str, ...]) -> Source:
    """Write the coroutine `handle(request, *given)` that fills a callable's other parameters."""
    source = Source()
    bind_common(source)
    arguments = "".join(f", {name}" for name in given)
    source.line(0, f"async def handle(request{arguments}):")
    source.line(1, "params = request.path_params")
    for need in sorted(root.needs):
        source.line(1, f"await request.{need}()")
    source.line(1, f"return {Inputs(source, root, 1, True).write()}")
    return source


def dependency_source(node: Node) -> Source:
    """Write the coroutine `handle(request)` that makes the value of one app-scoped dependency."""
    source = Source()
    bind_common(source)
    source.line(0, "async def handle(request):")
    source.line(1, f"return {Inputs(source, node, 1, True).write_dependency()}")
    return source


# -------------------------------------------------------------------- closed routes


def _is_closed(plan: Plan) -> bool:
    """Tell whether nobody can look at the request's context: then none is made.

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
        and not plan.wrappers
        and not plan.route.fallback
        and bool(plan.responder.quick)
        and plan.responder.status not in BODILESS
        and all(isinstance(item.resolver, (PathValue, Constant)) for item in root.inputs)
    )


def _closed_source(plan: Plan, target: Any) -> Source:
    source = Source()
    _bind_runtime(source, target, Request)
    source.namespace.update(late=error_handling.answer_late, failed=error_handling.answer_failure)
    source.line(0, "async def handle(scope, receive, send, params):")
    source.line(1, "try:")
    source.line(2, f"value = {Inputs(source, plan.root, 2).write()}", plan.route.provided_by)
    source.line(2, f"encoder = {_encoder_for(source, plan)}(type(value))", plan.responder_by)
    source.line(2, "body = None if encoder is None else encoder[0](value)")
    source.line(1, "except Exception as error:")
    source.line(2, "return await failed(Connection(scope, receive, send, params, target), error)")
    source.line(1, "if encoder is None:")
    source.line(2, "return await late(Connection(scope, receive, send, params, target), value)")
    _write_quick(source, plan, 1)
    return source


# -------------------------------------------------------------------- parts of a route


def _write_connection(source: Source) -> None:
    # PERF: `Connection.__init__` written out, 170 -> 105 ns
    source.namespace["new"] = object.__new__
    source.line(1, "request = new(Connection)")
    source.line(1, "request.scope, request.receive, request.send = scope, receive, send")
    source.line(1, "request.path_params, request.target = params, target")


def _bind_runtime(source: Source, target: Any, connection: type) -> None:
    bind_common(source)
    source.namespace.update(
        Connection=connection,
        target=target,
        app_values=target.app.dependencies.values,
        enter=current.set,
        leave=current.reset,
        recover=error_handling.recover,
        respond=error_handling.respond,
        finish=dependencies.finish,
    )


def _write_entrance(source: Source, wrappers: List[Tuple[Wrapper, Provenance]]) -> None:
    for wrapper, by in wrappers:
        if wrapper.view is not None and id(wrapper.view) not in source.views:
            name = source.views[id(wrapper.view)] = f"view{len(source.views)}"
            source.line(3, f"{name} = {source.bind('view_of', wrapper.view)}(request)", by)
    for wrapper, by in wrappers:
        if wrapper.teardown is not None:
            name = source.bind(f"{wrapper.name}_teardown", dependencies.as_exit(wrapper.teardown))
            source.line(3, f"request.defer({name}(request))", by)


def _write_needs(source: Source, plan: Plan, wrappers: List[Tuple[Wrapper, Provenance]]) -> None:
    needs = set(plan.root.needs)
    for wrapper, _ in wrappers:
        needs |= wrapper.needs
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


def _write_body(source: Source, depth: int) -> None:
    # PERF: nearly every body comes in one message, which no further coroutine need gather, 0.4 us
    source.line(depth, "message = await receive()")
    source.line(depth, "if not request.keep(message):")
    source.line(depth + 1, "await request.gather(message)")


def _write_before(source: Source, wrapper: Wrapper, by: Provenance, plan: Plan) -> None:
    assert wrapper.before is not None
    source.line(3, "if response is None:")
    source.line(4, f"value = {_step(source, wrapper, wrapper.before)}", by)
    source.line(4, "if value is not None:")
    made = _convert(source, plan) if wrapper.convert is None else _converted(source, wrapper)
    source.line(5, f"response = {made}")


def _step(source: Source, wrapper: Wrapper, call: Call, more: str = "") -> str:
    return call_expression(source, call, wrapper.name, source.views.get(id(wrapper.view), "request") + more)


def _converted(source: Source, wrapper: Wrapper) -> str:
    return f"{source.bind(f'convert_{wrapper.name}', wrapper.convert)}(request, value)"


def _convert(source: Source, plan: Plan) -> str:
    name = source.bind("convert", plan.responder.convert)
    return f"await {name}(request, value)" if plan.responder.is_async else f"{name}(request, value)"


def _write_main(source: Source, plan: Plan, depth: int, quick: bool, direct: bool) -> None:
    inputs = Inputs(source, plan.root, depth)
    source.line(depth, f"value = {inputs.write()}", plan.route.provided_by)
    if inputs.has_inner:
        source.line(depth, "await finish_inner(request)")
        source.namespace["finish_inner"] = dependencies.finish_inner
    if quick:
        source.line(depth, f"encoder = {_encoder_for(source, plan)}(type(value))", plan.responder_by)
        source.line(depth, "if encoder is None:")
        source.line(depth + 1, f"response = {_convert(source, plan)}")
        source.line(depth, "else:")
        source.line(depth + 1, "response = None")
        source.line(depth + 1, "body = encoder[0](value)")
    elif direct:
        name = source.bind("direct", plan.responder.direct)
        source.line(depth, f"whole = {name}(request, value)", plan.responder_by)
        source.line(depth, f"response = {_convert(source, plan)} if whole is None else None")
    else:
        source.line(depth, f"response = {_convert(source, plan)}", plan.responder_by)


def _encoder_for(source: Source, plan: Plan) -> str:
    encoders = {
        kind: (body.encode, (b"content-type", body.content_type)) for kind, body in plan.responder.quick.items()
    }
    return source.bind("encoder_for", encoders.get)


def _write_quick(source: Source, plan: Plan, depth: int) -> None:
    source.namespace["lengths"] = LENGTHS
    source.line(depth, "size = len(body)")
    length = f'lengths[size] if size < {len(LENGTHS)} else (b"content-length", b"%d" % size)'
    source.line(
        depth,
        f'await send({{"type": "http.response.start", "status": {int(plan.responder.status)}, '
        f'"headers": [encoder[1], {length}]}})',
    )
    source.line(depth, 'await send({"type": "http.response.body", "body": body})')


def _write_after(source: Source, after: List[Tuple[Wrapper, Provenance]]) -> None:
    source.line(2, "try:")
    for wrapper, by in after:
        assert wrapper.after is not None
        source.line(3, f"value = {_step(source, wrapper, wrapper.after, ', response')}", by)
        source.line(3, "if value is not None:")
        source.line(4, "response = value" if wrapper.convert is None else f"response = {_converted(source, wrapper)}")
    source.line(2, "except Exception as error:")
    source.line(3, "response = await recover(request, error)")


def _write_send(source: Source, plan: Plan, quick: bool, direct: bool) -> None:
    source.namespace.update(as_response=as_response, whole_of=whole_of)
    if direct:
        source.line(2, "if response is None and request.starters is None:")
        _write_whole(source)
        source.line(2, "else:")
        source.line(3, "await respond(request, as_response(*whole) if response is None else response)")
        return
    if not quick:
        source.line(2, "whole = whole_of(request, response)")
        source.line(2, "if whole is not None:")
        _write_whole(source)
        source.line(2, "else:")
        source.line(3, "await respond(request, response)")
        return
    source.line(2, "if response is None and request.starters is None:")
    source.line(3, "request.started = True")
    _write_quick(source, plan, 3)
    source.line(2, "else:")
    whole = f"as_response({int(plan.responder.status)}, [encoder[1]], body)"
    source.line(3, f"await respond(request, {whole} if response is None else response)")


def _write_whole(source: Source) -> None:
    source.line(3, "request.started = True")
    source.line(3, 'await send({"type": "http.response.start", "status": whole[0], "headers": whole[1]})')
    source.line(3, 'await send({"type": "http.response.body", "body": whole[2]})')


def _write_end(source: Source) -> None:
    source.line(2, "if request.exits is not None:")
    source.line(3, "await finish(request, None)")
    source.line(1, "except BaseException as error:")
    source.line(2, "if request.exits is not None:")
    source.line(3, "await finish(request, error)")
    source.line(2, "raise")
    source.line(1, "finally:")
    source.line(2, "leave(token)")
    # PERF: views hold the connection that holds them; without this every request is left to the garbage collector
    source.line(2, "request.views = None")


__all__ = ["Compiler", "Source", "call_source", "dependency_source", "http_source", "websocket_source"]
