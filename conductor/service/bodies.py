"""Request bodies that go to disk as they come, and the right to send them."""

from __future__ import annotations

import asyncio
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from conductor.lib.errors import AuthError, ServiceError, TransferError
from conductor.service.app import Service
from conductor.service.identity import FileGrant
from conductor.service.store import BLOCK


class Sink(Protocol):
    """Whatever takes a body block by block."""

    def write(self, block: bytearray) -> None:
        """Append a block."""


async def receive(request: Request, sink: Sink, limit: int | None) -> bytearray:
    """Write whole blocks, each while the next one comes in; the last, shorter one comes back:
    small files cost one thread hop.

    Raises:
        TransferError: more than ``limit`` bytes came.
        ClientDisconnect: the connection broke.
    """
    buffer = bytearray()
    received = 0
    writing: asyncio.Task[None] | None = None
    try:
        async for chunk in request.stream():
            buffer += chunk
            received += len(chunk)
            if limit is not None and received > limit:
                raise TransferError("more than the %d bytes that were announced" % limit)
            if len(buffer) >= BLOCK:
                if writing is not None:
                    await writing
                writing = asyncio.create_task(run_in_threadpool(sink.write, buffer))
                buffer = bytearray()
    finally:
        if writing is not None:
            await writing
    return buffer


def grant_of(request: Request, method: str, digest: str) -> FileGrant:
    """What a signed URL allows.

    Raises:
        ServiceError: 403, it does not allow that.
    """
    service: Service = request.app.state.service
    try:
        return service.identity.urls.check(method, digest, request.query_params)
    except AuthError as error:
        raise ServiceError(str(error), status=403) from error
