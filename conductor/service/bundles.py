"""Many small files in one request: ours, beyond the vendor's protocol.

A request for each of a thousand textures costs more than their bytes. ``POST
/api/v1/files/bundle`` takes one line of JSON, ``[{"hash": md5, "size": n}, ...]``, and behind it
the contents in that order with nothing in between. Whatever is whole and right is kept, also where
the connection breaks or a later content is wrong. ``/api/v1/capabilities`` tells the limits.
"""

from __future__ import annotations

import json
from typing import Any, Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from conductor.lib.errors import ServiceError, TransferError
from conductor.service import blobs
from conductor.service.app import Service
from conductor.service.store import Stored

FILES, FILE_BYTES, BYTES = 256, 1 << 20, 8 << 20
LIMITS = {"files": FILES, "file_bytes": FILE_BYTES, "bytes": BYTES}
# The line in front: a hash, a size and their names for each file.
HEAD_BYTES = FILES * 100

Wanted = Sequence["tuple[str, int]"]


async def put_bundle(request: Request) -> Response:
    """Receive contents; 200 when all are kept."""
    service: Service = request.app.state.service
    body, is_whole = await _body(request)
    problem = await run_in_threadpool(_keep, service, body)
    if not is_whole:
        return Response(status_code=400)
    if problem is not None:
        raise problem
    return JSONResponse({"body": "success"})


async def _body(request: Request) -> tuple[bytearray, bool]:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > BYTES + HEAD_BYTES:
                raise ServiceError("a bundle holds at most %d bytes" % BYTES, status=413)
    except ClientDisconnect:
        return body, False
    return body, True


def _keep(service: Service, body: bytearray) -> TransferError | None:
    """Store what is whole; the first trouble."""
    end = body.find(b"\n")
    start = end + 1
    kept: list[Stored] = []
    problem: TransferError | None = None
    with memoryview(body) as whole:
        for md5, size in _wanted(bytes(whole[:max(end, 0)])):
            try:
                with service.store.receive() as incoming, whole[start:start + size] as part:
                    incoming.write(part)
                    kept.append(incoming.keep(md5, size))
            except TransferError as error:
                problem = problem or error
            start += size
        if start != len(whole):
            problem = problem or TransferError("the bundle is longer than its files")
    with service.database.write() as session:
        blobs.remember(session, *kept)
    return problem


def _wanted(line: bytes) -> Wanted:
    try:
        entries: Any = json.loads(line)
        found = [(blobs.checked_md5(entry["hash"]), int(entry["size"])) for entry in entries]
    except (ValueError, TypeError, KeyError) as error:
        raise ServiceError("the bundle has no list of files: %s" % error, status=400) from error
    if len(found) > FILES or any(not 0 <= size <= FILE_BYTES for _, size in found):
        raise ServiceError("a bundle holds at most %d files of %d bytes" % (FILES, FILE_BYTES),
                           status=413)
    return found


ROUTES = [Route("/api/v1/files/bundle", put_bundle, methods=["POST"])]
