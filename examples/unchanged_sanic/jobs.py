"""Jobs: a task sums numbers up, one after the other; who waits is told by a signal."""

from __future__ import annotations

import asyncio

from sanic import Blueprint, Request, Sanic
from sanic.exceptions import BadRequest, NotFound
from sanic.response import HTTPResponse, empty, json
from sanic.views import HTTPMethodView

from .store import Job

jobs = Blueprint("jobs", url_prefix="/jobs")


class NoSuchJob(NotFound):
    message = "There is no such job."


def find(request: Request, number: int) -> Job:
    job = request.app.ctx.store.jobs.get(number)
    if job is None:
        raise NoSuchJob(extra={"number": number})
    return job


async def worker(app: Sanic) -> None:
    while True:
        job = await app.ctx.store.queue.get()
        total = 0
        for number in job.numbers:
            await asyncio.sleep(0)
            total += number
            job.done += 1
        job.result = total
        await app.dispatch(f"job.finished.{job.number}")


class Jobs(HTTPMethodView, attach=jobs, uri="/"):
    async def get(self, request: Request) -> HTTPResponse:
        return json([job.as_dict() for job in request.app.ctx.store.jobs.values()])

    async def post(self, request: Request) -> HTTPResponse:
        numbers = (request.json or {}).get("numbers")
        if not isinstance(numbers, list):
            raise BadRequest("numbers: a list, please.")
        store = request.app.ctx.store
        job = store.add_job(numbers)
        waits = (
            asyncio.ensure_future(request.app.event("job.finished.*", timeout=10)) if "wait" in request.args else None
        )
        await asyncio.sleep(0)
        await store.queue.put(job)
        if waits is not None:
            await waits
        where = request.app.url_for("jobs.one", number=job.number)
        return json(job.as_dict(), status=201 if waits else 202, headers={"location": where})


@jobs.get("/<number:int>", name="one")
async def one(request: Request, number: int) -> HTTPResponse:
    return json(find(request, number).as_dict())


@jobs.delete("/<number:int>", name="forget")
async def forget(request: Request, number: int) -> HTTPResponse:
    del request.app.ctx.store.jobs[find(request, number).number]
    return empty()


@jobs.get("/<number:int>/steps")
async def steps(request: Request, number: int) -> None:
    job = find(request, number)
    response = await request.respond(content_type="text/plain")
    for place, item in enumerate(job.numbers, 1):
        await response.send(f"{place}/{len(job.numbers)}: {item}\n")
    await response.eof()


@jobs.post("/upload", stream=True)
async def upload(request: Request) -> HTTPResponse:
    text = b""
    async for part in request.stream:
        text += part
    return json(request.app.ctx.store.add_job([int(line) for line in text.split()]).as_dict(), status=202)


@jobs.exception(NoSuchJob)
async def no_such_job(request: Request, exception: NoSuchJob) -> HTTPResponse:
    return json({"error": str(exception), **(exception.extra or {})}, status=404)
