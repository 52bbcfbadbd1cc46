"""The compiler: a route plan becomes the source of one coroutine function.

There is one text for all routes, `_ROUTE`; a plan fills its holes. This module writes source, with `arguments`, `steps`
(what runs in one hop to a thread) and `_functions` (holes and names); no other does, but for two texts, which
stand beside the functions that they call: `http.head` and `http.admission`. Plugins hand over callables of a declared
kind: every name in generated code is bound in the function's own namespace, and of a user's text nothing gets into it
but names of parameters, which are identifiers.
"""

from __future__ import annotations

import re
from typing import Dict, FrozenSet, List, Optional, Set, Tuple

from .._functions import Names, Source, credited, fill
from ..http.admission import LIMITED
from ..http.asgi import FORWARD, RESPOND, ASGIResponse, KeptReceive, finish_later
from ..http.connection import current
from ..http.head import HEAD, HEAD_NAMES, head_limits, known_hosts
from ..http.headers import LENGTHS, length_header
from ..http.request import FORM_TYPES, Request
from ..http.response import BODILESS, raw_response_of
from ..http.websocket import WebSocket, conclude_websocket, refuse_websocket
from ..plugins.types import Origin, ReturnHandler, RouteHook
from ..runtime import dependencies, error_handling
from .arguments import ARGUMENT_NAMES, ArgumentWriter, bind_common, call_step
from .compiled_route import CompiledRoute
from .planner import KERNEL, CallPlan, RoutePlan
from .return_values import as_response
from .steps import Step, StepWriter

Hooks = List[Tuple[RouteHook, Origin]]

# PERF: `Connection.__init__` is written out, 170 -> 105 ns; facades hold the connection that holds them, so without
# the last line every request would be left to the garbage collector
_ROUTE = """
async def handle(scope, receive, send, params):
    $guard
    request = new(Connection)
    request.scope, request.receive, request.send = scope, receive, send
    request.path_params, request.compiled_route = params, target
    $share
    entered = enter(request)
    try:
        try:
            $steps
        except BaseException as error:
            $recover
        $response
        if request.cleanups is not None:
            await finish(request, None)
    except BaseException as error:
        if request.cleanups is not None:
            await finish(request, error)
        raise
    finally:
        leave(entered)
        request.facades = None
        $release
"""

# what runs in a thread has a context, which holds the request
_RELEASE = """
if request.steps is not None:
    request.release_thread()
"""

_AFTER = """
try:
    $steps
except BaseException as error:
    response = await handle_error(request, error)
"""

_UNLESS_RUN = """
if not request.after_began:
    $steps
"""

# of an ASGI application, status and headers are known when it sends them
_AFTER_APP = """
async def finish_by_steps(response):
    $steps
    return response
response = await finish_later(response, finish_by_steps)
"""

_RENDER = "raw = raw_response_of(request, response)"

_SEND = """
if raw is None:
    await respond(request, response)
else:
    request.started = request.is_whole = True
    await send({"type": "http.response.start", "status": raw[0], "headers": raw[1]})
    await send({"type": "http.response.body", "body": raw[2]})
"""

# PERF: nearly every body comes in one message, which needs no further coroutine, 0.4 us
_BODY = """
received = await receive()
if not request.accept_single_chunk(received):
    await request.read_rest(received)
"""

_FORM_OR_BODY = """
if request.content_type in form_types:
    await request.form()
else:
    $body
"""

_AROUND = """
async def $name(request):
    return await as_response(request, await $step(request, $following), $rule)
"""

_INNERMOST = """
async def call_endpoint(request):
    params = request.path_params
    $steps
    return response
"""

# ASGI: a client may send HTTP with any method, also with the name that WebSocket routes go by
_WEBSOCKET_GUARD = """
if scope["type"] != "websocket":
    return await target.app.answer(404, scope, receive, send)
"""

_REFUSE = """
if response is not None:
    await refuse(request, response)
"""

# PERF: in place, without a call; one table look-up by the exact type of the value
_ENCODE = """
encoder = encoder_for(type(value)) if request.before_start is None else None
if encoder is None:
    raw = None
else:
    encoded = encoder[0](value)
    length = len(encoded)
    raw = $status, [encoder[1], lengths[length] if length < $small else length_header(length)], encoded
"""

_CALL = """
async def handle(request$positional):
    params = request.path_params
    $steps
    return value
"""

_SYNC_CALL = """
def handle(request$positional):
    params = request.path_params
    $steps
"""

_STEPS = (_UNLESS_RUN, _AFTER, _AFTER_APP, _BODY, _FORM_OR_BODY, _REFUSE, _AROUND, _INNERMOST, _CALL, _SYNC_CALL)
_TEXTS = (_ROUTE, LIMITED, HEAD, _RELEASE, _WEBSOCKET_GUARD, _ENCODE, _SEND, FORWARD, *_STEPS)
#: What the texts call their own names: no object of a plan is bound under one of them.
RESERVED = ARGUMENT_NAMES.union(
    ["render_raw"], *(re.findall(r"(?<![$\w.])[A-Za-z_]+", re.sub('"[^"]*"', "", text)) for text in _TEXTS)
)


def http_source(plan: RoutePlan, target: CompiledRoute) -> Source:
    """Return the source of an HTTP route's coroutine function `handle(scope, receive, send, params)`."""
    names = _names(target, Request)
    hooks = [(given.value, given.by) for given in plan.hooks if "http" in given.value.kinds]
    before, around = [item for item in hooks if item[0].before], [item for item in hooks if item[0].around]
    after = [item for item in reversed(hooks) if item[0].after]
    raw = [] if after or around else _raw(names, plan)
    is_asgi = plan.route.option("asgi")
    head = ["request.receive = receive = KeptReceive(receive)"] if hooks and is_asgi else []
    # an application reads its body itself: one that hooks need is kept for it, whatever they make of it
    needs = _needs(plan.root.needs | {"body"}, hooks, True) if is_asgi else _needs(plan.root.needs, hooks, bool(around))
    head += [*_entrance(names, hooks), *fill(HEAD, **head_limits(target.limits, plan.route)), *needs]
    writer = StepWriter(names)
    steps = [_before(names, hook, by, plan.rule_of(by)) for hook, by in before]
    ending = [_after(names, hook, by) for hook, by in after]
    is_joined = False
    inner: List[str] = []
    if around:
        inner, outermost = _around(names, plan, around, writer)
        steps.append(Step([credited(f"response = await {outermost}(request)", around[0][1])], on_loop=True))
    else:
        steps += _endpoint(names, plan, raw)
        # the value's response is made in the thread, too, where the steps after it run there
        is_joined = bool(ending) and not any(step.on_loop for step in [*steps[-2:], *ending])
        steps += [Step(["request.after_began = True"]), *ending] if is_joined else []
    if before:
        head.append("raw = response = None" if raw else "response = None")
    known = names.adapters.values()
    mounted = None if hooks or plan.root.has_dependencies else plan.route.option("mounted")
    names.namespace.update(ASGIResponse=ASGIResponse, mounted=mounted)
    written = fill(FORWARD) if mounted else writer.write(steps, known, "raw response" if raw else "response")
    response = fill(_AFTER, steps=writer.write(ending, [*known, "response"], "response")) if ending else []
    if is_joined or (ending and is_asgi):
        response = fill(_UNLESS_RUN if is_joined else _AFTER_APP, steps=response)
    response += fill(RESPOND) if is_asgi else fill(_SEND) if raw else [_RENDER, *fill(_SEND)]
    recover = ["response = await handle_error(request, error)", *([_RENDER] if raw else [])]
    sharing = _sharing(writer, plan, hooks)
    written = fill(_ROUTE, guard=[], steps=head + written, recover=recover, response=response, **sharing)
    if target.admission is not None:
        names.namespace["admit"] = target.admission
        written = [written[0].replace("handle", "serve"), *written[1:], *fill(LIMITED)]
    return _source(writer, inner + written, names)


def websocket_source(plan: RoutePlan, target: CompiledRoute) -> Source:
    """Return the source of a WebSocket route's coroutine function `handle(scope, receive, send, params)`."""
    names = _names(target, WebSocket)
    names.namespace.update(
        conclude=conclude_websocket, handle_error=error_handling.handle_websocket_error, refuse=refuse_websocket
    )
    hooks = [(given.value, given.by) for given in plan.hooks if "websocket" in given.value.kinds]
    head = [*_entrance(names, hooks), *fill(HEAD, **head_limits(target.limits, plan.route))]
    writer = StepWriter(names)
    before = [_before(names, hook, by, plan.rule_of(by)) for hook, by in hooks if hook.before]
    arguments = ArgumentWriter(names, plan.root)
    arguments.write("value = $call", plan.route.origin)
    ending = Step(["await conclude(request, value)"], on_loop=True)
    steps = writer.write([*before, *arguments.steps, ending], names.adapters.values(), "response" if before else "")
    steps = [*head, "response = None", *steps, *fill(_REFUSE)] if before else head + steps
    recover = ["await handle_error(request, error)"]
    guard, sharing = fill(_WEBSOCKET_GUARD), _sharing(writer, plan, hooks)
    return _source(writer, fill(_ROUTE, guard=guard, steps=steps, recover=recover, response=[], **sharing), names)


def call_source(root: CallPlan, positional: Tuple[str, ...]) -> Source:
    """Return the source of `handle(request, *positional)`, which fills a callable's other parameters."""
    names, given, arguments, writer = _call(root, positional, early=True)
    arguments.write("value = $call")
    needs = [f"await request.{need}()" for need in sorted(root.needs)]
    steps = needs + writer.write(arguments.steps, given, "value")
    return _source(writer, fill(_CALL, positional="".join(f", {name}" for name in given), steps=steps), names)


def step_source(root: CallPlan, positional: Tuple[str, ...]) -> Optional[Source]:
    """Return the source of a synchronous `handle(request, *positional)`; None where other code must be called first."""
    names, given, arguments, writer = _call(root, positional)
    arguments.write("value = $call")
    steps = arguments.steps
    if root.needs or not steps[-1].thread[0] or any(step.on_loop for step in steps):
        return None
    if any(step.thread[0] for step in steps[:-1]):
        (call,) = writer.write(steps, given, "value")
        ending = [call.replace("value = await run_steps(", "return start_steps(")]
    else:
        ending = [line for step in steps for line in step._replace(result="").in_thread()]
        ending[-1] = ending[-1].replace("value = ", "return ", 1)
    return _source(writer, fill(_SYNC_CALL, positional="".join(f", {name}" for name in given), steps=ending), names)


def dependency_source(root: CallPlan) -> Source:
    """Return the source of `handle(request)`, which makes the value of one app-scoped dependency."""
    names, _, arguments, writer = _call(root, (), early=True)
    arguments.write_dependency()
    return _source(writer, fill(_CALL, positional="", steps=writer.write(arguments.steps, (), "value")), names)


def _call(
    root: CallPlan, positional: Tuple[str, ...], early: bool = False
) -> Tuple[Names, List[str], ArgumentWriter, StepWriter]:
    names = Names(RESERVED)
    bind_common(names)
    given = {name: names.fresh(name) for name in positional}
    return names, [*given.values()], ArgumentWriter(names, root, early, given), StepWriter(names)


# -------------------------------------------------------------------- parts of a route


def _names(target: CompiledRoute, connection: type) -> Names:
    names = Names(RESERVED)
    bind_common(names)
    names.namespace.update(
        Connection=connection,
        KeptReceive=KeptReceive,
        new=object.__new__,
        target=target,
        app_values=target.app.dependencies.values,
        known_hosts=known_hosts(target.app),
        **HEAD_NAMES,
        enter=current.set,
        leave=current.reset,
        as_response=as_response,
        handle_error=error_handling.handle_error,
        respond=error_handling.respond,
        finish=dependencies.finish,
        finish_later=finish_later,
        finish_inner=dependencies.finish_inner,
        raw_response_of=raw_response_of,
        form_types=FORM_TYPES,
    )
    return names


def _source(writer: StepWriter, lines: List[str], names: Names) -> Source:
    return Source("\n".join(writer.functions + lines) + "\n", names.namespace, names.shown, writer.hops)


def _sharing(writer: StepWriter, plan: RoutePlan, hooks: Hooks) -> Dict[str, List[str]]:
    """Return the lines around a route that goes to a thread; its clean-up is one hop more."""
    closes = any(hook.teardown is not None and hook.teardown.mode == "thread" for hook, _ in hooks)
    writer.hops += closes or any(node.generator == "sync" for node in plan.root.walk())
    writer.hops = writer.hops or int(plan.one_thread is True)  # an asynchronous endpoint may use its threads, too
    if not writer.hops:
        return {"share": [], "release": []}
    return {"share": ["request.shares_steps = True"], "release": fill(_RELEASE)}


def _entrance(names: Names, hooks: Hooks) -> List[str]:
    lines: List[str] = []
    for hook, by in hooks:
        if hook.adapter is not None and id(hook.adapter) not in names.adapters:
            kind = f"{by.plugin.lower()}_request"
            name = names.adapters[id(hook.adapter)] = names.fresh(kind)
            lines.append(credited(f"{name} = {names.bind(f'as_{kind}', hook.adapter)}(request)", by))
    for hook, by in hooks:
        if hook.teardown is not None:
            name = names.bind(f"{hook.name} teardown", dependencies.as_cleanup(hook.teardown))
            lines.append(credited(f"request.add_cleanup({name}(request))", by))
    return lines


def _needs(of_endpoint: FrozenSet[str], hooks: Hooks, has_around: bool) -> List[str]:
    """Return the lines that read from the client what synchronous code will ask for.

    A body that something needs is kept, and read first: a form is then parsed from it. What a step around the
    endpoint does to the connection comes before the endpoint's own needs, unless a hook's form would use up the body.
    """
    needs: Set[str] = set().union(*(hook.needs for hook, _ in hooks))
    if not has_around:
        needs |= of_endpoint
    elif needs:
        needs |= of_endpoint & {"body"}
    if "body" in needs:
        lines, needs = fill(_BODY), needs - {"body"}
    elif "load" in needs:
        lines, needs = fill(_FORM_OR_BODY, body=fill(_BODY)), needs - {"load"}
    else:
        lines = []
    return lines + [f"await request.{need}()" for need in sorted(needs)]


def _before(names: Names, hook: RouteHook, by: Origin, rule: ReturnHandler) -> Step:
    """Return the step of a hook's `before`, which may answer."""
    subject = names.adapters.get(id(hook.adapter), "request")
    lines = [credited("value = $call", by), "if value is not None:", f"    response = {_by_hook(names, hook, rule)}"]
    assert hook.before is not None
    return call_step(names, hook.before, hook.name, subject, lines, answers=True)


def _after(names: Names, hook: RouteHook, by: Origin) -> Step:
    """Return the step of a hook's `after`, which may replace the response."""
    subject = names.adapters.get(id(hook.adapter), "request")
    made = None if hook.convert is None else _converted(names, ReturnHandler(hook.convert), f"convert {hook.name}")
    lines = [credited("value = $call", by), "if value is not None:", f"    response = {made or 'value'}"]
    assert hook.after is not None
    return call_step(names, hook.after, hook.name, f"{subject}, response", lines)


def _by_hook(names: Names, hook: RouteHook, rule: ReturnHandler) -> str:
    """Return the expression that makes a response of a hook's `value`: by the hook's own rule, or the app's."""
    if hook.convert is None:
        return _converted(names, rule)
    return _converted(names, ReturnHandler(hook.convert), f"convert {hook.name}")


def _converted(names: Names, handler: ReturnHandler, name: str = "to_response") -> str:
    """Return the expression that makes a response of `value`."""
    name = names.bind(name, handler.convert)
    return f"await {name}(request, value)" if handler.is_async else f"{name}(request, value)"


def _raw(names: Names, plan: RoutePlan) -> List[str]:
    """Return the lines that make a raw response of `value`, or none where each needs a response object.

    `raw` is then the one answer to whether the value is sent without a response object. It is None where steps wait for
    the start of the response, such as a session's: they get a response of the paradigm's class.
    """
    handler = plan.return_handler
    if {"HEAD", "*"}.intersection(plan.route.methods) or handler.status in BODILESS:
        return []  # a `Response` sees to it that none has a body
    if handler.render_raw is not None:
        names.namespace["render_raw"] = handler.render_raw
        rendered = "raw = render_raw(request, value) if request.before_start is None else None"
        return [credited(rendered, plan.return_handler_by)]
    return _encoded(names, plan) if handler.encoders else []


def _encoded(names: Names, plan: RoutePlan) -> List[str]:
    """Return the lines that encode `value` by its exact type."""
    handler = plan.return_handler
    names.namespace.update(encoder_for=handler.encoder_for, lengths=LENGTHS, length_header=length_header)
    first, *rest = fill(_ENCODE, status=str(int(handler.status)), small=str(len(LENGTHS)))
    return [credited(first, plan.return_handler_by), *rest]


def _endpoint(names: Names, plan: RoutePlan, raw: List[str]) -> List[Step]:
    """Return the steps that call the endpoint and make a response of its value; the latter is the last one."""
    writer = ArgumentWriter(names, plan.root)
    writer.write("value = $call", plan.route.origin)
    by = plan.return_handler_by.plugin
    convert = _converted(names, plan.return_handler, "to_response" if by == KERNEL.plugin else f"to {by} response")
    if raw:
        ending = [*raw, f"response = {convert} if raw is None else None"]
    else:
        ending = [credited(f"response = {convert}", plan.return_handler_by)]
    if writer.has_inner:
        ending.insert(0, "await finish_inner(request)")
    return [*writer.steps, Step(ending, on_loop=any("await " in line for line in ending))]


def _around(names: Names, plan: RoutePlan, around: Hooks, writer: StepWriter) -> Tuple[List[str], str]:
    """Return functions around the endpoint, each of which calls the one after it, and the name of the outermost."""
    needs = [f"await request.{need}()" for need in sorted(plan.root.needs)]
    lines = fill(_INNERMOST, steps=needs + writer.write(_endpoint(names, plan, []), (), "response"))
    following = "call_endpoint"
    for hook, by in reversed(around):
        name, step = names.fresh(f"with {hook.name}"), names.bind(hook.name, hook.around)
        head, call = fill(_AROUND, name=name, step=step, following=following, rule=names.bind("rule", plan.rule_of(by)))
        lines += [head, credited(call, by)]
        following = name
    return lines, following
