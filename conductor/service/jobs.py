"""What happens to jobs and tasks in the database: accepted, released, killed, retried.

A job's own status is never set by hand: :func:`refresh` derives it after every change of a task.
"""

from __future__ import annotations

import json
import time
import zlib
from typing import Any, Callable, Iterable, List, Mapping, Sequence, Tuple, TypeVar

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from conductor.lib.errors import ArgumentError, ServiceError
from conductor.lib.states import JobState, TaskState, UploadState
from conductor.service import blobs
from conductor.service.database import AwaitedFile, Job, JobBody, Task, Upload
from conductor.service.job_request import JobRequest, RequestedFile
from conductor.service.store import ContentStore, Stored

NAMED_IN_MESSAGE = 10
LONGEST_ID = 18
# The driver's own text: a manifest of 100,000 files becomes as many rows.
_ADD_FILES = (
    "INSERT INTO job_file (job_id, node_path, mode, md5, sha256, size) VALUES (?, ?, ?, ?, ?, ?)"
)

_RUNS_ON = (
    TaskState.RUNNING, TaskState.PENDING, TaskState.SYNC_PENDING, TaskState.HOLDING,
)
_WAITING = (TaskState.PENDING, TaskState.SYNC_PENDING, TaskState.HOLDING)
_UPLOADS_UNDER_WAY = (UploadState.PENDING, UploadState.RUNNING)
_ENDS = (TaskState.FAILED, TaskState.KILLED, TaskState.SUCCESS, TaskState.DOWNLOADED)


class UnknownFiles(ServiceError):
    """Files of a submission whose content never arrived.

    Attributes:
        files: their destinations, all of them.
    """

    def __init__(self, files: list[str]) -> None:
        self.files = files
        named = ", ".join('"%s"' % name for name in files[:NAMED_IN_MESSAGE])
        if len(files) > NAMED_IN_MESSAGE:
            named += " and %d more" % (len(files) - NAMED_IN_MESSAGE)
        super().__init__("%d files were not uploaded: %s" % (len(files), named), status=400)


def job_state(counts: Mapping[str, int], upload: str = UploadState.SERVER_PENDING) -> JobState:
    """A job's state from the number of its tasks in each state and that of its upload.

    A job without tasks is as far as its upload.
    """
    has_tasks = any(counts.values())
    if upload in _UPLOADS_UNDER_WAY and (counts.get(TaskState.SYNC_PENDING) or not has_tasks):
        return JobState.UPLOAD_PENDING
    for state in (*_RUNS_ON, *_ENDS):
        if counts.get(state):
            return JobState(state.value)
    return JobState.FAILED if upload == UploadState.FAILED else JobState.SUCCESS


def task_counts(session: Session, job_id: int) -> dict[str, int]:
    """How many tasks of a job are in each state."""
    query = select(Task.status, func.count()).where(Task.job_id == job_id).group_by(Task.status)
    return {status: int(count) for status, count in session.execute(query)}


def upload_of(session: Session, job: Job) -> Upload | None:
    """What a daemon brings for a job, or has brought."""
    return session.scalar(select(Upload).where(Upload.job_id == job.id))


def refresh(session: Session, job: Job) -> None:
    """Bring a job's status up to date with its tasks."""
    session.flush()
    upload = upload_of(session, job)
    state = job_state(
        task_counts(session, job.id), upload.status if upload else UploadState.SERVER_PENDING
    )
    job.status = state.value
    if not state.is_ended:
        job.ended_at = None
    elif job.ended_at is None:
        job.ended_at = time.time()


def create(
    session: Session, store: ContentStore, request: JobRequest, body: bytes,
    idempotency_key: str | None = None,
) -> Job:
    """Accept a submission; the same idempotency key gives the job it gave before.

    Raises:
        UnknownFiles: some content is not here although the client uploads by itself.
    """
    if idempotency_key:
        known = session.scalar(select(Job).where(Job.idempotency_key == idempotency_key))
        if known:
            return known
    found, missing = _contents(session, store, request.files)
    if missing and request.local_upload:
        raise UnknownFiles([file.destination for file in missing])
    job = Job(
        **request.columns, instance_type=request.instance_type.name,
        cores=request.instance_type.cores, output_path=request.output_path,
        node_output_path=request.node_output_path,
        local_upload=request.local_upload,
        status=JobState.PENDING.value, created_at=time.time(), idempotency_key=idempotency_key,
    )
    session.add(job)
    session.flush()
    session.add(JobBody(job_id=job.id, body=zlib.compress(body, 1)))
    _add_files(session, job, found)
    _add_upload(session, job, missing)
    _add_tasks(session, job, request, is_waiting=bool(missing))
    refresh(session, job)
    return job


_Found = List[Tuple[RequestedFile, Stored]]


def _contents(
    session: Session, store: ContentStore, files: Sequence[RequestedFile]
) -> tuple[_Found, list[RequestedFile]]:
    known = blobs.find(session, store, ((file.md5, file.size) for file in files if file.md5))
    found, missing = [], []
    for file in files:
        stored = known.get((file.md5, file.size)) if file.md5 else None
        if stored:
            found.append((file, stored))
        else:
            missing.append(file)
    return found, missing


def _add_files(session: Session, job: Job, found: _Found) -> None:
    add_files(session, job, ((file.node_path, file.mode, stored) for file, stored in found))


def add_files(session: Session, job: Job, files: Iterable[tuple[str, int, Stored]]) -> None:
    """Files a job needs on its node: where, with which permission bits, which content."""
    rows = [
        (job.id, node_path, mode, stored.md5, stored.sha256, stored.size)
        for node_path, mode, stored in files
    ]
    if rows:
        session.connection().exec_driver_sql(_ADD_FILES, rows)


def _add_upload(session: Session, job: Job, missing: list[RequestedFile]) -> None:
    if not missing:
        # A job whose files are all here waits for no daemon.
        return
    upload = Upload(job_id=job.id, status=UploadState.PENDING.value)
    session.add(upload)
    session.flush()
    session.execute(insert(AwaitedFile), [
        {
            "upload_id": upload.id, "destination": file.destination,
            "node_path": file.node_path, "md5": file.md5, "mode": file.mode,
        }
        for file in missing
    ])


def _add_tasks(session: Session, job: Job, request: JobRequest, is_waiting: bool) -> None:
    rows = [
        {
            "job_id": job.id, "number": number, "command": task.command, "frames": task.frames,
            "status": (TaskState.SYNC_PENDING if is_waiting else task.status).value,
        }
        for number, task in enumerate(request.tasks)
    ]
    if rows:
        session.execute(insert(Task), rows)


def body_of(session: Session, job: Job) -> Any:
    """The submission as it was received."""
    stored = session.get(JobBody, job.id)
    return json.loads(zlib.decompress(stored.body)) if stored else None


def find_job(session: Session, jid: object) -> Job:
    """The job of an id, zeros in front or not.

    Raises:
        ServiceError: 404, there is none.
    """
    return find_by_id(session, Job, jid)


def id_number(text: object) -> int | None:
    """An id as the database counts; None for what never can be one."""
    digits = str(text)
    is_id = digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_ID
    return int(digits) if is_id else None


_Row = TypeVar("_Row", Job, Upload)


def find_by_id(session: Session, kind: type[_Row], row_id: object) -> _Row:
    """What an id that came from outside means, zeros in front or not; ServiceError: 404."""
    number = id_number(row_id)
    found = None if number is None else session.get(kind, number)
    if found is None:
        raise ServiceError('there is no %s "%s"' % (kind.__tablename__, row_id), status=404)
    return found


def tasks_of(session: Session, job: Job, tids: Iterable[object] | None = None) -> list[Task]:
    """Tasks of a job in order; all of them when ``tids`` is None.

    Raises:
        ServiceError: 404, one of the ids is not a task of the job.
    """
    query = select(Task).where(Task.job_id == job.id).order_by(Task.number)
    if tids is None:
        return list(session.scalars(query))
    known: Mapping[int | None, Task] = {task.number: task for task in session.scalars(query)}
    chosen = []
    for tid in tids:
        task = known.get(id_number(tid))
        if task is None:
            raise ServiceError('job %s has no task "%s"' % (job.jid, tid), status=404)
        chosen.append(task)
    return chosen


def _release(task: Task) -> bool:
    if task.status != TaskState.HOLDING:
        return False
    task.status = TaskState.PENDING.value
    return True


def _kill(task: Task) -> bool:
    state = TaskState(task.status)
    if state.is_ended:
        return False
    if state is TaskState.RUNNING:
        # The dispatcher stops the attempt and sets the state once the processes are gone.
        task.kill_requested = True
    else:
        task.status, task.ended_at = TaskState.KILLED.value, time.time()
        task.description = "killed before it ran"
    return True


def _retry(task: Task) -> bool:
    if task.status not in (TaskState.FAILED, TaskState.KILLED):
        return False
    task.status, task.description = TaskState.PENDING.value, ""
    task.failed_count = task.lost_count = 0
    task.kill_requested, task.ended_at, task.exit_code = False, None, None
    return True


ACTIONS: Mapping[str, Callable[[Task], bool]] = {
    "kill": _kill, "release": _release, "retry": _retry,
}
"""What users ask of tasks; each answers whether it applied to the task."""
SET_PRIORITY = "set_priority"
"""What users ask of whole jobs beside that."""


def act(session: Session, action: str, job: Job, tids: Iterable[object] | None) -> int:
    """Apply an action of :data:`ACTIONS` to tasks of a job; the number it applied to.

    Raises:
        ArgumentError: there is no such action.
        ServiceError: 404, there is no such task.
    """
    if action not in ACTIONS:
        raise ArgumentError('unknown action "%s"; known are %s' % (action, ", ".join(ACTIONS)))
    chosen = tasks_of(session, job, tids)
    applied = [task for task in chosen if ACTIONS[action](task)]
    _act_on_upload(session, action, job, applied, is_whole=tids is None)
    refresh(session, job)
    return len(applied)


def set_priority(session: Session, job: Job, priority: object) -> int:
    """Let a job's waiting tasks begin earlier or later; the number of tasks that still wait.

    Raises:
        ArgumentError: not a whole number.
    """
    try:
        job.priority = int(str(priority))
    except ValueError as error:
        raise ArgumentError('priority must be a whole number, not "%s"' % priority) from error
    return sum(
        count for status, count in task_counts(session, job.id).items()
        if TaskState(status) in _WAITING
    )


def _act_on_upload(
    session: Session, action: str, job: Job, tasks: list[Task], is_whole: bool
) -> None:
    """A job whose upload failed tries that first; one that is killed needs no files any more."""
    upload = upload_of(session, job)
    if upload is None or upload.status == UploadState.SERVER_PENDING:
        return
    if action == "retry" and upload.status == UploadState.FAILED:
        for task in tasks:
            task.status = TaskState.SYNC_PENDING.value
        upload.status, upload.reason = UploadState.PENDING.value, ""
    elif action == "kill" and is_whole:
        upload.status, upload.reason = UploadState.FAILED.value, "killed"
