"""What uploader daemons ask and report."""

from __future__ import annotations

from typing import Any, Mapping

from conductor.lib.errors import ServiceError
from conductor.service import blobs, uploads
from conductor.service.app import Call, endpoint
from conductor.service.uploads import Brought

DONE = (200, {"status": "success"})


def next_upload(call: Call) -> tuple[int, Any]:
    """The next upload for a daemon of a location, which has claimed it then."""
    body = call.fields if call.body is not None else {}
    with call.service.database.write() as session:
        found = uploads.claim(session, str(body.get("location") or ""))
    return (204, None) if found is None else (201, {"data": found})


def report(call: Call) -> tuple[int, Any]:
    """Progress, or an upload handed back."""
    with call.service.database.write() as session:
        uploads.report(session, uploads.find(session, call.path["upload_id"]), call.fields)
    return DONE


def finish(call: Call) -> tuple[int, Any]:
    """All files have been sent."""
    brought = [_brought(path, entry) for path, entry in _files(call.fields).items()]
    with call.service.database.write() as session:
        upload = uploads.find(session, call.path["upload_id"])
        problems = uploads.finish(session, call.service.store, upload, brought)
    if problems:
        raise ServiceError("\n".join(problems), status=400)
    call.service.dispatcher.wake()
    return DONE


def _files(body: Mapping[str, Any]) -> Mapping[str, Any]:
    files = body.get("upload_files") or {}
    if not isinstance(files, dict):
        raise ServiceError("upload_files must map paths to their source and MD5", status=400)
    return files


def _brought(path: str, entry: Any) -> Brought:
    if not isinstance(entry, dict):
        raise ServiceError('upload_files: "%s" needs source and md5' % path, status=400)
    return Brought(path, blobs.checked_md5(entry.get("md5")))


def fail(call: Call) -> tuple[int, Any]:
    """A daemon gave up; the body is its reason in plain text."""
    with call.service.database.write() as session:
        upload = uploads.find(session, call.path["upload_id"])
        uploads.fail(session, upload, call.body or "")
    return DONE


ROUTES = [
    endpoint("PUT", "/uploads/client/next", next_upload),
    endpoint("POST", "/uploads/{upload_id}/update", report),
    endpoint("POST", "/uploads/{upload_id}/finish", finish),
    endpoint("POST", "/uploads/{upload_id}/fail", fail, takes_text=True),
]
