"""Large files in parts: what is offered for one, its parts as they come, and its end."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from conductor.lib.errors import ServiceError
from conductor.service import blobs
from conductor.service.app import FILES, Call, Service, endpoint
from conductor.service.bodies import grant_of, receive
from conductor.service.identity import FileGrant
from conductor.service.partials import Partial, PartReceiver

PARTS = "parts/%s/%d"


def offer(call: Call, md5: str, size: int, anew: bool = False) -> dict[str, Any]:
    """One entry of ``multiPartURLs`` but its path: the same upload as before, for the parts that
    are missing. ``completedParts`` (ours) names the others.
    """
    partial = call.service.partials.begin(md5, size, anew)
    layout, etags = partial.layout, partial.etags
    return {
        "uploadID": layout.upload_id, "fileSize": size, "md5": md5, "partSize": layout.part_size,
        "parts": [
            {"partNumber": number, "url": _part_url(call, partial, number)}
            for number in layout.numbers if number not in etags
        ],
        "completedParts": [
            {"partNumber": number, "etag": etag} for number, etag in sorted(etags.items())
        ],
    }


def _part_url(call: Call, partial: Partial, number: int) -> str:
    layout = partial.layout
    grant = FileGrant("PUT", PARTS % (layout.upload_id, number), layout.length(number))
    return call.service.identity.urls.url(call.base_url, grant)


async def put_part(request: Request) -> Response:
    """Receive one part. One of a wrong length, or cut in the middle, leaves nothing."""
    service: Service = request.app.state.service
    upload_id, number = request.path_params["upload_id"], request.path_params["number"]
    grant = grant_of(request, "PUT", PARTS % (upload_id, number))
    partial = await run_in_threadpool(service.partials.find, upload_id)
    if partial is None:
        raise ServiceError("this upload is complete or forgotten: ask for its URLs", status=404)
    with await run_in_threadpool(partial.receive, number) as receiver:
        try:
            rest = await receive(request, receiver, grant.size)
        except ClientDisconnect:
            return Response(status_code=400)
        etag = await run_in_threadpool(_keep, receiver, rest)
    service.partials.hash_ahead(partial)
    return JSONResponse({"partNumber": number, "size": receiver.size}, headers={
        "ETag": '"%s"' % etag,
    })


def _keep(receiver: PartReceiver, rest: bytearray) -> str:
    receiver.write(rest)
    return receiver.keep()


def complete(call: Call) -> tuple[int, Any]:
    """All parts are sent: the content becomes known. Asking again is no error."""
    upload_id, md5 = str(call.fields.get("uploadID")), call.fields.get("hash")
    partial = call.service.partials.find(upload_id) if upload_id.isalnum() else None
    if partial is None:
        _check_is_known(call, upload_id, md5)
        return 200, {"body": "success"}
    if md5 != partial.layout.md5:
        raise ServiceError(
            "upload %s is of MD5 %s, not %s" % (upload_id, partial.layout.md5, md5), status=400
        )
    _check_etags(partial, call.fields.get("completedParts"))
    stored = call.service.partials.complete(partial)
    with call.service.database.write() as session:
        blobs.remember(session, stored)
    return 200, {"body": "success"}


def _check_is_known(call: Call, upload_id: str, md5: object) -> None:
    key = blobs.checked_md5(md5)
    with call.service.database.read() as session:
        if not blobs.find(session, call.service.store, [(key, None)]):
            raise ServiceError('there is no upload "%s": ask for its URLs' % upload_id, status=404)


def _check_etags(partial: Partial, told: object) -> None:
    """Parts that are named must be those that are here; parts of an earlier try need no name."""
    etags = partial.etags
    for part in told if isinstance(told, list) else []:
        number, etag = part.get("partNumber"), str(part.get("etag")).strip('"')
        if etags.get(number) != etag:
            raise ServiceError(
                "part %s with ETag %s is not here: ask for its URL" % (number, etag), status=400
            )


ROUTES = [
    endpoint("POST", "/api/v2/files/multipart/complete", complete),
    Route(FILES + "parts/{upload_id}/{number:int}", put_part, methods=["PUT"]),
]
