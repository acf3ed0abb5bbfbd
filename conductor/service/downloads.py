"""What downloaders are offered and report: one download per task that wrote files."""

from __future__ import annotations

import time
from typing import Any, Callable, Iterable, Mapping

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from conductor.lib.errors import ArgumentError, ServiceError
from conductor.lib.states import TaskState
from conductor.service import jobs
from conductor.service.database import Download, Job, Output, Task
from conductor.service.job_request import whole_number

PAGE = 50
SILENCE_LIMIT_S = 300
"""A downloader that claimed files and reports nothing for so long has died: they are offered
again."""

PENDING, DOWNLOADING, DOWNLOADED = "pending", "downloading", "downloaded"
STATUSES = (PENDING, DOWNLOADING, DOWNLOADED)

SignUrl = Callable[[str], str]
"""From the SHA-256 of a content to a URL that fetches it."""


def page(
    session: Session, job: Job, sign: SignUrl, tids: Iterable[object] | None = None,
    limit: int = PAGE, cursor: str = "",
) -> tuple[list[dict[str, Any]], str | None]:
    """Some downloads of a job in the order of its tasks, and the cursor of the next page.

    Args:
        tids: only those of these tasks; None for all.
        cursor: the one the page before gave.
    """
    query = select(Download).where(Download.job_id == job.id).order_by(Download.task_number)
    if tids is not None:
        numbers = [_number(tid, "task") for tid in tids]
        query = query.where(Download.task_number.in_(numbers))
    if cursor:
        query = query.where(Download.task_number >= _number(cursor, "cursor"))
    found = list(session.scalars(query.limit(limit + 1)))
    following = str(found[limit].task_number) if len(found) > limit else None
    return _payloads(session, found[:limit], sign), following


def claim(
    session: Session, location: str, count: int, sign: SignUrl, now: float | None = None
) -> list[dict[str, Any]]:
    """The oldest downloads nobody has fetched, of jobs of a location; they count as being
    fetched from now on.
    """
    now = time.time() if now is None else now
    query = (
        select(Download).join(Job, Job.id == Download.job_id)
        .where(Job.location == location, _is_open(now)).order_by(Download.id).limit(count)
    )
    claimed = list(session.scalars(query))
    for download in claimed:
        download.status, download.claimed_at = DOWNLOADING, now
    return _payloads(session, claimed, sign)


def _is_open(now: float) -> ColumnElement[bool]:
    silent = and_(Download.status == DOWNLOADING, Download.claimed_at < now - SILENCE_LIMIT_S)
    return or_(Download.status == PENDING, silent)


def report(session: Session, body: Mapping[str, Any]) -> None:
    """Take a downloader's report; a task whose files are all fetched counts as downloaded.

    Raises:
        ArgumentError: an unknown status, or a size that is no number.
        ServiceError: 404, no such download.
    """
    status = body.get("status")
    if status not in STATUSES:
        raise ArgumentError('status "%s"; known are %s' % (status, ", ".join(STATUSES)))
    download = session.get(Download, _number(body.get("download_id"), "download"))
    if download is None:
        raise ServiceError('there is no download "%s"' % body.get("download_id"), status=404)
    download.status, download.claimed_at = status, time.time()
    download.bytes_downloaded = whole_number(body, "bytes_downloaded", 0)
    task = session.get_one(Task, (download.job_id, download.task_number))
    if status == DOWNLOADED and task.status == TaskState.SUCCESS:
        task.status = TaskState.DOWNLOADED.value
        jobs.refresh(session, session.get_one(Job, download.job_id))


def _number(text: object, what: str) -> int:
    number = jobs.id_number(text)
    if number is None:
        raise ServiceError('there is no %s "%s"' % (what, text), status=404)
    return number


def _payloads(
    session: Session, downloads: Iterable[Download], sign: SignUrl
) -> list[dict[str, Any]]:
    return [_payload(session, download, sign) for download in downloads]


def _payload(session: Session, download: Download, sign: SignUrl) -> dict[str, Any]:
    job = session.get_one(Job, download.job_id)
    place = {
        "job_id": job.jid, "task_id": "%03d" % download.task_number,
        "output_dir": job.output_path,
    }
    files: list[dict[str, Any]] = [
        dict(
            place, url=sign(output.sha256), relative_path=output.relative_path, md5=output.md5,
            size=output.size,
        )
        for output in outputs(session, download.job_id, download.task_number)
    ]
    return dict(
        place, download_id=str(download.id), status=download.status, files=files,
        size=sum(file["size"] for file in files),
    )


def outputs(session: Session, job_id: int, task_number: int) -> list[Output]:
    """The files a task wrote, by path."""
    query = select(Output).where(Output.job_id == job_id, Output.task_number == task_number)
    return list(session.scalars(query.order_by(Output.relative_path)))
