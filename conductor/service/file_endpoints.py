"""Files in and out: which ones are needed, and the signed URLs that take and give them."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from conductor.lib.errors import AuthError, ServiceError, TransferError
from conductor.lib.submission import md5_text
from conductor.service import blobs
from conductor.service.app import FILES, Call, Service, endpoint
from conductor.service.identity import FileGrant, md5_hex
from conductor.service.store import BLOCK, Incoming, Stored


def _put_url(call: Call, md5: str, size: int | None) -> str:
    grant = FileGrant("PUT", md5_hex(md5), size)
    return call.service.identity.urls.url(call.base_url, grant)


def upload_urls_v1(call: Call) -> tuple[int, Any]:
    """2019: a map of path to MD5 in, a map of path to URL out; only what is missing."""
    files = call.fields.get("upload_files") or {}
    if not isinstance(files, dict):
        raise ServiceError("upload_files must map paths to MD5s", status=400)
    wanted = {path: (blobs.checked_md5(md5), None) for path, md5 in files.items()}
    with call.service.database.read() as session:
        known = blobs.find(session, call.service.store, wanted.values())
    missing = {
        path: _put_url(call, *key) for path, key in wanted.items() if key not in known
    }
    return (200, missing) if missing else (204, None)


def upload_urls_v2(call: Call) -> tuple[int, Any]:
    """Today: a list in, a list of single-part URLs out; ``force`` (ours) asks for all."""
    files = call.fields.get("upload_files") or []
    if not isinstance(files, list):
        raise ServiceError("upload_files must be a list", status=400)
    wanted = [_wanted(entry) for entry in files]
    with call.service.database.read() as session:
        known = blobs.find(session, call.service.store, [(md5, size) for _, md5, size in wanted])
    if call.fields.get("force"):
        known = {}
    single = [
        {"filePath": path, "fileSize": size, "preSignedURL": _put_url(call, md5, size)}
        for path, md5, size in wanted if (md5, size) not in known
    ]
    return (200, {"singlePartURLs": single, "multiPartURLs": []}) if single else (204, None)


def _wanted(entry: Any) -> tuple[str, str, int]:
    if not isinstance(entry, dict) or not isinstance(entry.get("size"), int):
        raise ServiceError(
            "upload_files: %r needs path, hash and size" % (entry,), status=400
        )
    return str(entry.get("path") or ""), blobs.checked_md5(entry.get("hash")), entry["size"]


async def put_file(request: Request) -> Response:
    """Receive one content. A wrong length or MD5 is refused and leaves nothing."""
    service: Service = request.app.state.service
    grant = _grant(request, "PUT")
    md5 = md5_text(bytes.fromhex(grant.digest))
    announced = request.headers.get("content-md5")
    if announced and announced != md5:
        raise TransferError("Content-MD5 %s is not the %s this URL is for" % (announced, md5))
    with service.store.receive() as incoming:
        try:
            rest = await _receive(request, incoming, grant.size)
        except ClientDisconnect:
            return Response(status_code=400)
        stored = await run_in_threadpool(_keep, service, incoming, rest, md5, grant.size)
    return JSONResponse({"md5": stored.md5, "size": stored.size}, headers={
        "ETag": '"%s"' % grant.digest,
    })


async def _receive(request: Request, incoming: Incoming, limit: int | None) -> bytearray:
    """Write whole blocks, each while the next one comes in; the last, shorter one comes back:
    small files cost one thread hop."""
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
                writing = asyncio.create_task(run_in_threadpool(incoming.write, buffer))
                buffer = bytearray()
    finally:
        if writing is not None:
            await writing
    return buffer


def _keep(
    service: Service, incoming: Incoming, rest: bytearray, md5: str, size: int | None
) -> Stored:
    incoming.write(rest)
    stored = incoming.keep(md5, size)
    with service.database.write() as session:
        blobs.remember(session, stored)
    return stored


async def get_file(request: Request) -> Response:
    """Send one content; Range and HEAD work."""
    service: Service = request.app.state.service
    grant = _grant(request, "GET")
    path = service.store.path(grant.digest)
    if not await run_in_threadpool(path.is_file):
        raise ServiceError("this content is not here any more", status=404)
    return FileResponse(path, media_type="application/octet-stream")


def _grant(request: Request, method: str) -> FileGrant:
    service: Service = request.app.state.service
    digest = request.path_params["digest"]
    try:
        return service.identity.urls.check(method, digest, request.query_params)
    except AuthError as error:
        raise ServiceError(str(error), status=403) from error


ROUTES = [
    endpoint("POST", "/api/files/get_upload_urls", upload_urls_v1),
    endpoint("POST", "/api/v2/files/get_upload_urls", upload_urls_v2),
    Route(FILES + "{digest}", put_file, methods=["PUT"]),
    Route(FILES + "{digest}", get_file, methods=["GET", "HEAD"]),
]
