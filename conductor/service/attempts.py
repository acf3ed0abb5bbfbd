"""What the database knows of runs: begun, ended, tried again. Decisions only, nothing runs here."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from conductor.lib.states import TaskState
from conductor.service import blobs, jobs
from conductor.service.database import Attempt, Download, Job, JobFile, Output, Task
from conductor.service.downloads import PENDING
from conductor.service.engine import AttemptStatus, Outcome
from conductor.service.workspace import Input, Written

LOST_RETRIES = 5
"""How often a task is tried again after its machine or the service went away, at least: that is
nobody's fault, so it needs no policy of the job's, but it must not go on for ever."""


@dataclass(frozen=True)
class Plan:
    """One attempt to be made, as plain values: what happens to it needs no session."""

    attempt_id: str
    job_id: int
    task_number: int
    command: str
    environment: Mapping[str, str]
    cores: int
    priority: int
    output_folder: str
    """Where the task writes on the node; empty when the job has no output path."""

    @property
    def jid(self) -> str:
        """The job's id as it travels."""
        return "%05d" % self.job_id

    @property
    def tid(self) -> str:
        """The task's id as it travels."""
        return "%03d" % self.task_number

    @property
    def variables(self) -> dict[str, str]:
        """What the command is told about itself."""
        return {
            "CONDUCTOR_JOBID": self.jid, "CONDUCTOR_TASKID": self.tid,
            "CONDUCTOR_ATTEMPTID": self.attempt_id,
        }


@dataclass(frozen=True)
class Ending:
    """How an attempt ended.

    Attributes:
        may_retry: False when running again cannot help.
        written: outputs, of a success only.
    """

    status: AttemptStatus
    may_retry: bool = True
    written: Sequence[Written] = field(default=())


def plan_of(job: Job, task: Task, attempt: Attempt) -> Plan:
    """The plan of an attempt that has been begun."""
    return Plan(
        attempt.id, job.id, task.number, task.command, job.environment, job.cores, job.priority,
        job.node_output_path,
    )


def begin(session: Session, job: Job, task: Task, engine_name: str) -> Plan:
    """Note a new attempt; its task counts as running from here on."""
    now = time.time()
    task.attempts += 1
    task.status, task.started_at, task.ended_at = TaskState.RUNNING.value, now, None
    task.description, task.exit_code, task.kill_requested = "", None, False
    attempt = Attempt(
        id="%s-%s-%d-%s" % (job.jid, task.tid, task.attempts, secrets.token_hex(4)),
        job_id=job.id, task_number=task.number, number=task.attempts, state="", reason="",
        engine=engine_name, engine_ref="", host="", started_at=now,
    )
    session.add(attempt)
    jobs.refresh(session, job)
    return plan_of(job, task, attempt)


def note_ref(session: Session, attempt_id: str, ref: str) -> None:
    """Remember under which name the engine knows an attempt."""
    session.get_one(Attempt, attempt_id).engine_ref = ref


def under_way(session: Session) -> list[tuple[Plan, str]]:
    """Attempts that have begun and not ended, with the engine's reference ("" when unknown)."""
    found = session.scalars(select(Attempt).where(Attempt.state == ""))
    return [
        (
            plan_of(
                session.get_one(Job, attempt.job_id),
                session.get_one(Task, (attempt.job_id, attempt.task_number)), attempt,
            ),
            attempt.engine_ref,
        )
        for attempt in found
    ]


def kills(session: Session) -> set[tuple[int, int]]:
    """Job ids and numbers of the running tasks the user wants stopped."""
    query = select(Task.job_id, Task.number).where(
        Task.status == TaskState.RUNNING.value, Task.kill_requested
    )
    return {(job_id, number) for job_id, number in session.execute(query)}


def inputs_of(session: Session, job_id: int) -> tuple[Input, ...]:
    """Everything a job needs on its node."""
    query = select(JobFile).where(JobFile.job_id == job_id).order_by(JobFile.id)
    return tuple(
        Input(file.node_path, file.md5, file.sha256, file.size, file.mode)
        for file in session.scalars(query)
    )


def finish(session: Session, plan: Plan, ending: Ending) -> None:
    """Note how an attempt ended, and what that means for its task and job."""
    status = ending.status
    attempt = session.get_one(Attempt, plan.attempt_id)
    task = session.get_one(Task, (plan.job_id, plan.task_number))
    attempt.state, attempt.reason = status.outcome.value, status.reason
    attempt.host, attempt.exit_code, attempt.signal = status.host, status.exit_code, status.signal
    attempt.ended_at = status.ended or time.time()
    task.ended_at, task.exit_code = attempt.ended_at, status.exit_code
    if status.started:
        # Preparing inputs is not the command's time.
        attempt.started_at = task.started_at = status.started
    job = session.get_one(Job, plan.job_id)
    task.status = _next_state(job, task, ending).value
    task.description = status.reason
    task.kill_requested = False
    if task.status == TaskState.SUCCESS:
        _add_outputs(session, plan, ending.written)
    jobs.refresh(session, job)


def _next_state(job: Job, task: Task, ending: Ending) -> TaskState:
    outcome = ending.status.outcome
    if outcome is Outcome.SUCCEEDED:
        return TaskState.SUCCESS
    if task.kill_requested or outcome is Outcome.CANCELLED:
        return TaskState.KILLED
    if outcome is Outcome.FAILED:
        retries = job.autoretry_policy.get("failed", 0)
        may_retry = ending.may_retry and task.failed_count < retries
        task.failed_count += may_retry
    else:
        retries = max(LOST_RETRIES, job.autoretry_policy.get("preempted", 0))
        may_retry = task.lost_count < retries
        task.lost_count += 1
    return TaskState.PENDING if may_retry else TaskState.FAILED


def _add_outputs(session: Session, plan: Plan, written: Sequence[Written]) -> None:
    for output in written:
        blobs.remember(session, output.stored)
        session.add(Output(
            job_id=plan.job_id, task_number=plan.task_number, relative_path=output.relative_path,
            md5=output.stored.md5, sha256=output.stored.sha256, size=output.stored.size,
        ))
    if written:
        session.add(Download(
            job_id=plan.job_id, task_number=plan.task_number, status=PENDING, claimed_at=0.0
        ))
