"""Files in and out: which ones are needed, and the signed URLs that take and give them."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from conductor.lib.errors import ServiceError, TransferError
from conductor.lib.submission import md5_text
from conductor.service import blobs, part_endpoints
from conductor.service.app import FILES, Call, Service, endpoint
from conductor.service.bodies import grant_of, receive
from conductor.service.identity import FileGrant, md5_hex
from conductor.service.store import Incoming, Stored


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
    """Today: a list in; out, URLs for what is missing, in parts where it is large.

    ``force`` (ours) asks for all.
    """
    files = call.fields.get("upload_files") or []
    if not isinstance(files, list):
        raise ServiceError("upload_files must be a list", status=400)
    is_forced = bool(call.fields.get("force"))
    missing = [_wanted(entry) for entry in files]
    if not is_forced:
        with call.service.database.read() as session:
            known = blobs.known(session, call.service.store, [file[1:] for file in missing])
        missing = [file for file in missing if file[1:] not in known]
    if not missing:
        return 204, None
    most = call.service.partials.multipart_from
    return 200, {
        "singlePartURLs": [
            {"filePath": path, "fileSize": size, "preSignedURL": _put_url(call, md5, size)}
            for path, md5, size in missing if size < most
        ],
        "multiPartURLs": [
            dict(part_endpoints.offer(call, md5, size, is_forced), filePath=path)
            for path, md5, size in missing if size >= most
        ],
    }


def _wanted(entry: Any) -> tuple[str, str, int]:
    if not isinstance(entry, dict) or not isinstance(entry.get("size"), int):
        raise ServiceError(
            "upload_files: %r needs path, hash and size" % (entry,), status=400
        )
    return str(entry.get("path") or ""), blobs.checked_md5(entry.get("hash")), entry["size"]


async def put_file(request: Request) -> Response:
    """Receive one content. A wrong length or MD5 is refused and leaves nothing."""
    service: Service = request.app.state.service
    grant = grant_of(request, "PUT", request.path_params["digest"])
    md5 = md5_text(bytes.fromhex(grant.digest))
    announced = request.headers.get("content-md5")
    if announced and announced != md5:
        raise TransferError("Content-MD5 %s is not the %s this URL is for" % (announced, md5))
    with service.store.receive() as incoming:
        try:
            rest = await receive(request, incoming, grant.size)
        except ClientDisconnect:
            return Response(status_code=400)
        stored = await run_in_threadpool(_keep, service, incoming, rest, md5, grant.size)
    return JSONResponse({"md5": stored.md5, "size": stored.size}, headers={
        "ETag": '"%s"' % grant.digest,
    })


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
    grant = grant_of(request, "GET", request.path_params["digest"])
    path = service.store.path(grant.digest)
    if not await run_in_threadpool(path.is_file):
        raise ServiceError("this content is not here any more", status=404)
    return FileResponse(path, media_type="application/octet-stream")


ROUTES = [
    endpoint("POST", "/api/files/get_upload_urls", upload_urls_v1),
    endpoint("POST", "/api/v2/files/get_upload_urls", upload_urls_v2),
    Route(FILES + "{digest}", put_file, methods=["PUT"]),
    Route(FILES + "{digest}", get_file, methods=["GET", "HEAD"]),
]
