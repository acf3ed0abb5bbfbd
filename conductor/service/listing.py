"""What listings answer: jobs and tasks as JSON, and the filter grammar that picks them.

A filter is ``<field>_<op>_<value>``, several joined by commas, all of which must hold; the
operations are ``eq``, ``gt`` and ``lt``: ``jid_gt_00004,status_eq_running``.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any, Callable, Mapping, Sequence

from sqlalchemy import ColumnElement, String, and_, cast, false, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from starlette.datastructures import QueryParams

from conductor.lib.errors import ArgumentError
from conductor.lib.states import TaskState
from conductor.service.database import Attempt, Job, Task, Upload
from conductor.service.identity import ACCOUNT

_TERM = re.compile(r"([A-Za-z_]+?)_(eq|gt|lt)_(.*)", re.DOTALL)
_OPERATIONS: Mapping[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "eq": lambda column, value: column == value,
    "gt": lambda column, value: column > value,
    "lt": lambda column, value: column < value,
}
COUNTED = (
    TaskState.PENDING, TaskState.RUNNING, TaskState.HOLDING, TaskState.SUCCESS, TaskState.FAILED,
    TaskState.KILLED, TaskState.DOWNLOADED, TaskState.SYNC_PENDING,
)


def _time(text: str) -> float:
    try:
        when = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise ArgumentError('"%s" is no date: YYYY-MM-DD is expected' % text) from error
    return when.replace(tzinfo=when.tzinfo or timezone.utc).timestamp()


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise ArgumentError('"%s" is no number' % text) from error


def _name(text: str) -> str:
    """A project's name without the account in front."""
    return text.split("|")[-1]


_Fields = Mapping[str, "tuple[InstrumentedAttribute[Any], Callable[[str], Any]]"]

JOB_FIELDS: _Fields = {
    "jid": (Job.id, _number), "id": (Job.id, _number), "jobLabel": (Job.id, _number),
    "created": (Job.created_at, _time), "status": (Job.status, str),
    "project": (Job.project, _name), "owner": (Job.owner, str), "user": (Job.owner, str),
    "submittedBy": (Job.owner, str), "title": (Job.title, str), "location": (Job.location, str),
    "priority": (Job.priority, _number), "instance_type": (Job.instance_type, str),
}
TASK_FIELDS: _Fields = {
    "jobLabel": (Task.job_id, _number), "jid": (Task.job_id, _number),
    "taskLabel": (Task.number, _number), "tid": (Task.number, _number),
    "status": (Task.status, str), "frames": (Task.frames, str),
}


def condition(text: str, fields: _Fields) -> ColumnElement[bool]:
    """The filter as a condition; the empty text holds for everything.

    Raises:
        ArgumentError: quoting the term that is not understood.
    """
    terms = [_term(term.strip(), fields) for term in text.split(",") if term.strip()]
    return and_(True, *terms)


def _term(text: str, fields: _Fields) -> ColumnElement[bool]:
    match = _TERM.fullmatch(text)
    if not match:
        raise ArgumentError('filter "%s": <field>_<eq|gt|lt>_<value> is the form' % text)
    field, operation, value = match.groups()
    if field == "account_id":
        return and_(True) if value == ACCOUNT else false()
    if field not in fields:
        raise ArgumentError(
            'filter "%s": unknown field "%s"; known are %s' % (text, field, ", ".join(fields))
        )
    column, convert = fields[field]
    return _OPERATIONS[operation](column, convert(value))


def _tag(text: str) -> ColumnElement[bool]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise ArgumentError('metadata "%s": name=value is the form' % text)
    # An entry of its own for each: as part of a path a name would have to be quoted.
    pairs = func.json_each(Job.tags).table_valued("key", "value")
    pair = select(pairs.c.key).where(
        pairs.c.key == name, cast(pairs.c.value, String) == value
    )
    return pair.exists()


def _order(text: str) -> Sequence[ColumnElement[Any]]:
    name = text.lstrip("-")
    if not name:
        return ()
    if name not in JOB_FIELDS:
        raise ArgumentError('order_by "%s"; known are %s' % (text, ", ".join(JOB_FIELDS)))
    column = JOB_FIELDS[name][0]
    return (column.desc() if text.startswith("-") else column.asc(),)


def jobs(session: Session, query: QueryParams) -> list[dict[str, Any]]:
    """Jobs of a listing, newest first.

    Args:
        query: ``filter``, ``limit`` (a number) and ``fields`` (names joined by commas); ours are
            ``order_by`` (a field, with ``-`` in front for the largest first) and ``metadata``
            (``name=value``, any number of them).
    """
    chosen = select(Job).where(condition(query.get("filter", ""), JOB_FIELDS))
    chosen = chosen.where(*map(_tag, query.getlist("metadata")))
    chosen = chosen.order_by(*_order(query.get("order_by", "")), Job.id.desc())
    if query.get("limit"):
        chosen = chosen.limit(_number(query["limit"]))
    found = list(session.scalars(chosen))
    payloads = _payloads(session, found)
    if query.get("fields"):
        names = [name.strip() for name in query["fields"].split(",")]
        return [{name: job[name] for name in names if name in job} for job in payloads]
    return payloads


def job(session: Session, one: Job) -> dict[str, Any]:
    """One job as JSON."""
    return _payloads(session, [one])[0]


def _payloads(session: Session, some: Sequence[Job]) -> list[dict[str, Any]]:
    ids = [job.id for job in some]
    counts, uploads = _counts(session, ids), _uploads(session, ids)
    return [job_payload(job, counts.get(job.id, {}), uploads.get(job.id)) for job in some]


def _uploads(session: Session, ids: Sequence[int]) -> dict[int, Upload]:
    return {
        upload.job_id: upload
        for start in range(0, len(ids), 500)
        for upload in session.scalars(
            select(Upload).where(Upload.job_id.in_(ids[start:start + 500]))
        )
    }


def _counts(session: Session, ids: Sequence[int]) -> dict[int, dict[str, float]]:
    counts: dict[int, dict[str, float]] = {}
    columns = (
        Task.job_id, Task.status, func.count(), func.sum(Task.lost_count),
        func.sum(Task.ended_at - Task.started_at),
    )
    for start in range(0, len(ids), 500):
        query = select(*columns).where(Task.job_id.in_(ids[start:start + 500]))
        for job_id, status, count, lost, seconds in session.execute(
            query.group_by(Task.job_id, Task.status)
        ):
            of_job = counts.setdefault(job_id, {"preempted": 0, "seconds": 0.0})
            of_job[status] = count
            of_job["preempted"] += lost or 0
            of_job["seconds"] += seconds or 0.0
    return counts


def timestamp(seconds: float | None) -> str | None:
    """A time as text, in UTC."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds")


def job_payload(
    job: Job, counts: Mapping[str, float], upload: Upload | None = None
) -> dict[str, Any]:
    """One job of a listing."""
    failure = "upload failed: %s" % upload.reason if upload and upload.reason else ""
    payload: dict[str, Any] = {
        "id": "%s|%s" % (ACCOUNT, job.jid), "jid": job.jid, "title": job.title,
        "project": "%s|%s" % (ACCOUNT, job.project), "owner": job.owner, "user": job.owner,
        "submittedBy": job.owner, "account": ACCOUNT, "created": timestamp(job.created_at),
        "ended": timestamp(job.ended_at), "location": job.location,
        "output_path": job.output_path, "status": job.status,
        "status_description": failure or job.status,
        "total_runtime": counts.get("seconds", 0.0), "instance_type": job.instance_type,
        "cores": job.cores, "priority": job.priority, "preemptible": job.preemptible,
        "scout_frames": job.scout_frames, "chunk_size": job.chunk_size,
        "metadata": job.tags, "notify": {"emails": job.notify},
        "software_package_ids": job.software_package_ids, "upload_size": job.upload_size,
        "preempted": counts.get("preempted", 0), "reviewed": 0, "upload": _upload_payload(upload),
    }
    payload.update({state.value: counts.get(state.value, 0) for state in COUNTED})
    payload["tasks"] = sum(payload[state.value] for state in COUNTED)
    return payload


def _upload_payload(upload: Upload | None) -> dict[str, Any] | None:
    if upload is None:
        return None
    return {
        "id": upload.id, "status": upload.status, "transfer_size": upload.transfer_size,
        "bytes_transferred": upload.bytes_transferred, "reason": upload.reason,
    }


def tasks(session: Session, query: Mapping[str, str]) -> list[dict[str, Any]]:
    """Tasks of a listing, in order of job and number."""
    chosen = select(Task).where(condition(query.get("filter", ""), TASK_FIELDS))
    chosen = chosen.order_by(Task.job_id, Task.number)
    if query.get("limit"):
        chosen = chosen.limit(_number(query["limit"]))
    return [_task_payload(task) for task in session.scalars(chosen)]


def _task_payload(task: Task) -> dict[str, Any]:
    jid = "%05d" % task.job_id
    seconds = None
    if task.started_at is not None and task.ended_at is not None:
        seconds = task.ended_at - task.started_at
    return {
        "jobLabel": jid, "taskLabel": task.tid, "jid": jid, "tid": task.tid,
        "status": task.status, "status_description": task.description,
        "command": task.command, "frames": task.frames, "exit_code": task.exit_code,
        "attempts": task.attempts, "retries": task.failed_count, "preempted": task.lost_count,
        "started": timestamp(task.started_at), "ended": timestamp(task.ended_at),
        "run_time_s": seconds,
    }


def attempts(session: Session, task: Task) -> list[Attempt]:
    """All runs of a task, first to last."""
    query = select(Attempt).where(
        Attempt.job_id == task.job_id, Attempt.task_number == task.number
    )
    return list(session.scalars(query.order_by(Attempt.number)))
