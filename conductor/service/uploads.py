"""Files of a job that an uploader daemon brings: offered by location, claimed, finished or failed.

A claim is a lease: a daemon that reports nothing for :data:`SILENCE_LIMIT_S` has died, and its
upload is offered again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Iterable, Mapping

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from conductor.lib.errors import ServiceError
from conductor.lib.states import JobState, TaskState, UploadState
from conductor.service import blobs, jobs
from conductor.service.database import AwaitedFile, Job, Task, Upload
from conductor.service.job_request import first_state, whole_number
from conductor.service.store import ContentStore, Stored

SILENCE_LIMIT_S = 300
REASON_LIMIT = 4000


@dataclass(frozen=True)
class Brought:
    """What a daemon says of one file: ``md5`` is base64."""

    destination: str
    md5: str


def claim(session: Session, location: str, now: float | None = None) -> dict[str, Any] | None:
    """The most urgent upload of a location that no daemon works at; it counts as claimed."""
    now = time.time() if now is None else now
    query = (
        select(Upload).join(Job, Job.id == Upload.job_id)
        .where(
            Job.location == location, Job.status == JobState.UPLOAD_PENDING.value, _is_open(now)
        )
        .order_by(Job.priority.desc(), Job.id).limit(1)
    )
    upload = session.scalar(query)
    if upload is None:
        return None
    upload.status, upload.claimed_at = UploadState.RUNNING.value, now
    job = session.get_one(Job, upload.job_id)
    return {
        "id": upload.id, "project": job.project, "jid": job.jid, "location": job.location,
        "upload_files": {file.destination: file.md5 for file in _awaited(session, upload)},
    }


def _is_open(now: float) -> ColumnElement[bool]:
    silent = and_(
        Upload.status == UploadState.RUNNING.value, Upload.claimed_at < now - SILENCE_LIMIT_S
    )
    return or_(Upload.status == UploadState.PENDING.value, silent)


def _awaited(session: Session, upload: Upload) -> list[AwaitedFile]:
    query = select(AwaitedFile).where(AwaitedFile.upload_id == upload.id)
    return list(session.scalars(query.order_by(AwaitedFile.id)))


def find(session: Session, upload_id: object) -> Upload:
    """The upload of an id.

    Raises:
        ServiceError: 404, there is none.
    """
    return jobs.find_by_id(session, Upload, upload_id)


def _check_is_wanted(session: Session, upload: Upload) -> Job:
    """Raise 410 when nobody waits for the upload any more: killed, finished, failed."""
    job = session.get_one(Job, upload.job_id)
    if job.status != JobState.UPLOAD_PENDING:
        raise ServiceError("job %s does not wait for files any more" % job.jid, status=410)
    return job


def report(session: Session, upload: Upload, body: Mapping[str, Any]) -> None:
    """A daemon's progress, which renews its claim; status ``pending`` (ours) gives it back.

    Raises:
        ArgumentError: a size that is no number.
        ServiceError: 410, the upload is not wanted any more.
    """
    _check_is_wanted(session, upload)
    upload.transfer_size = whole_number(body, "transfer_size", 0)
    # The vendor's own spelling.
    upload.bytes_transferred = whole_number(body, "bytes_transfered", 0)
    if body.get("status") == UploadState.PENDING:
        upload.status = UploadState.PENDING.value
    else:
        upload.status, upload.claimed_at = UploadState.RUNNING.value, time.time()


def finish(
    session: Session, store: ContentStore, upload: Upload, brought: Iterable[Brought]
) -> list[str]:
    """All files are said to be here: the job may run.

    Returns:
        what speaks against it, one sentence each; then the job has failed if a file differs from
        the submission, and else waits on.

    Raises:
        ServiceError: 410, the upload is not wanted any more.
    """
    if upload.status == UploadState.SERVER_PENDING:
        return []
    job = _check_is_wanted(session, upload)
    md5s = {file.destination: file.md5 for file in brought}
    awaited = _awaited(session, upload)
    changed = [
        'MD5 of "%s" has changed since the submission' % file.destination
        for file in awaited if file.md5 and md5s.get(file.destination, file.md5) != file.md5
    ]
    if changed:
        fail(session, upload, "\n".join(changed))
        return changed
    wanted = {file.id: file.md5 or md5s.get(file.destination) for file in awaited}
    found = blobs.find(session, store, ((md5, None) for md5 in wanted.values() if md5))
    contents = {
        file_id: found[md5, None] for file_id, md5 in wanted.items() if (md5, None) in found and md5
    }
    absent = [file.destination for file in awaited if file.id not in contents]
    if absent:
        return ['"%s" has not arrived' % name for name in absent]
    _hand_over(session, job, upload, awaited, contents)
    return []


def _hand_over(
    session: Session, job: Job, upload: Upload, awaited: list[AwaitedFile],
    contents: Mapping[int, Stored],
) -> None:
    jobs.add_files(
        session, job, ((file.node_path, file.mode, contents[file.id]) for file in awaited)
    )
    session.execute(delete(AwaitedFile).where(AwaitedFile.upload_id == upload.id))
    upload.status, upload.reason = UploadState.SERVER_PENDING.value, ""
    for task in jobs.tasks_of(session, job):
        if task.status == TaskState.SYNC_PENDING:
            task.status = first_state(task.frames, job.scout_frames).value
    jobs.refresh(session, job)


def fail(session: Session, upload: Upload, reason: str) -> None:
    """A daemon gave up: the job has failed, and says why. ``retry`` offers the upload again.

    Raises:
        ServiceError: 410, the upload is not wanted any more.
    """
    if upload.status == UploadState.FAILED:
        return
    job = _check_is_wanted(session, upload)
    upload.status = UploadState.FAILED.value
    upload.reason = reason.strip()[:REASON_LIMIT] or "the uploader gave no reason"
    session.execute(
        update(Task).where(Task.job_id == job.id, Task.status == TaskState.SYNC_PENDING.value)
        .values(
            status=TaskState.FAILED.value, ended_at=time.time(),
            description="upload failed: " + upload.reason,
        )
    )
    session.expire_all()
    jobs.refresh(session, job)
