"""Jobs and tasks: submitted, listed, watched, released, killed, retried, downloaded."""

from __future__ import annotations

from typing import Any, Callable, Mapping

from sqlalchemy.orm import Session

from conductor.lib.errors import ServiceError
from conductor.service import downloads, job_request, jobs, listing, task_logs
from conductor.service.app import Call, endpoint
from conductor.service.database import Attempt, Job

IDEMPOTENCY_KEY = "idempotency-key"


def submit(call: Call) -> tuple[int, Any]:
    """Accept a job; its tasks begin at once where there is room."""
    service = call.service
    request = job_request.parse(call.body, service.farm)
    # What was parsed of 100,000 files weighs more than all that is made of it.
    call.fields.clear()
    with service.database.write() as session:
        job = jobs.create(
            session, service.store, request, call.raw, call.headers.get(IDEMPOTENCY_KEY)
        )
        jid = job.jid
    service.dispatcher.wake()
    return 201, {
        "body": "job submitted.", "jobid": jid, "jid": jid, "status": "success",
        "uri": "/jobs/%s" % jid,
    }


def list_jobs(call: Call) -> tuple[int, Any]:
    """Jobs, newest first."""
    with call.service.database.read() as session:
        return 200, {"data": listing.jobs(session, call.query)}


def show_job(call: Call) -> tuple[int, Any]:
    """One job."""
    with call.service.database.read() as session:
        return 200, {"data": listing.job(session, jobs.find_job(session, call.path["jid"]))}


def show_payload(call: Call) -> tuple[int, Any]:
    """The submission of one job, as it was received."""
    with call.service.database.read() as session:
        return 200, {"data": jobs.body_of(session, jobs.find_job(session, call.path["jid"]))}


def list_tasks(call: Call) -> tuple[int, Any]:
    """Tasks, in order."""
    with call.service.database.read() as session:
        return 200, {"data": listing.tasks(session, call.query)}


def task_log(call: Call) -> tuple[int, Any]:
    """What the attempts of a task have said."""
    asked = map(jobs.id_number, call.query.getlist("num_lines[]"))
    first_lines = [number for number in asked if number is not None]

    def log_path(attempt: Attempt) -> Any:
        return call.service.folders.log_path(attempt.job_id, attempt.id)

    with call.service.database.read() as session:
        job = jobs.find_job(session, call.query.get("job"))
        task, = jobs.tasks_of(session, job, [call.query.get("task", "")])
        attempts = listing.attempts(session, task)
        return 200, task_logs.answer(task, attempts, log_path, first_lines)


def jobs_multi(call: Call) -> tuple[int, Any]:
    """An action on all tasks of some jobs."""
    jids = job_request.list_of(call.fields, "jobids")
    return _act(call, lambda session: [
        (jobs.find_job(session, jid), None) for jid in jids
    ])


def tasks_multi(call: Call) -> tuple[int, Any]:
    """An action on some tasks of one job; on all of them when none is named."""
    return _act(call, lambda session: [
        (jobs.find_job(session, call.fields.get("jobid")), _task_ids(call.fields, "taskids"))
    ])


def _task_ids(fields: Mapping[str, Any], name: str) -> list[object] | None:
    return None if fields.get(name) is None else job_request.list_of(fields, name)


def _act(
    call: Call, find: Callable[[Session], list[tuple[Job, list[object] | None]]]
) -> tuple[int, Any]:
    action = str(call.fields.get("action"))
    with call.service.database.write() as session:
        applied = sum(_apply(call, session, action, job, tids) for job, tids in find(session))
    call.service.dispatcher.wake()
    return 200, {"body": "success", "message": "%s: %d tasks" % (action, applied), "tasks": applied}


def _apply(
    call: Call, session: Session, action: str, job: Job, tids: list[object] | None
) -> int:
    if action == jobs.SET_PRIORITY and tids is None:
        return jobs.set_priority(session, job, call.fields.get("priority"))
    return jobs.act(session, action, job, tids)


def job_downloads(call: Call) -> tuple[int, Any]:
    """A page of a job's downloads."""
    body = call.fields if call.body is not None else {}
    limit = _count(call.query.get("limit"), downloads.PAGE)
    with call.service.database.read() as session:
        job = jobs.find_job(session, call.path["jid"])
        found, cursor = downloads.page(
            session, job, call.fetch_url, _task_ids(body, "tids"), limit,
            call.query.get("start_cursor", ""),
        )
    return 201, {"downloads": found, "next_cursor": cursor}


def legacy_downloads(call: Call) -> tuple[int, Any]:
    """All downloads of a job, or of one of its tasks."""
    tid = call.query.get("tid")
    with call.service.database.read() as session:
        job = jobs.find_job(session, call.path["jid"])
        found, _cursor = downloads.page(
            session, job, call.fetch_url, [tid] if tid else None, limit=10 ** 9
        )
    return 201, {"downloads": found}


def next_downloads(call: Call) -> tuple[int, Any]:
    """What a downloader that serves a location should fetch next."""
    with call.service.database.write() as session:
        found = downloads.claim(
            session, call.query.get("location", ""), _count(call.query.get("count"), 1),
            call.fetch_url,
        )
    return 201, {"data": found}


def download_status(call: Call) -> tuple[int, Any]:
    """A downloader's report."""
    with call.service.database.write() as session:
        downloads.report(session, call.fields)
    return 200, {"status": "success"}


def _count(text: str | None, default: int) -> int:
    if text is None:
        return default
    number = jobs.id_number(text)
    if not number:
        raise ServiceError('"%s" is no count: a whole number above 0 is needed' % text, status=400)
    return number


ROUTES = [
    endpoint("POST", "/jobs", submit),
    endpoint("POST", "/jobs/", submit),
    endpoint("GET", "/api/v1/jobs", list_jobs),
    endpoint("GET", "/api/v1/client/jobs/{jid}", show_job),
    endpoint("GET", "/api/v1/client/jobs/{jid}/payload", show_payload),
    endpoint("GET", "/api/v1/tasks", list_tasks),
    endpoint("GET", "/get_log_file", task_log),
    endpoint("PUT", "/jobs_multi", jobs_multi),
    endpoint("PUT", "/tasks_multi", tasks_multi),
    endpoint("POST", "/jobs/{jid}/downloads", job_downloads),
    endpoint("GET", "/downloads/next", next_downloads),
    endpoint("GET", "/downloads/{jid}", legacy_downloads),
    endpoint("POST", "/downloads/status", download_status),
]
