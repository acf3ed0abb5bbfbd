"""The thread that turns pending tasks into attempts, and attempts into results.

It decides everything from the database, and runs nothing itself: the engine runs commands, a small
pool of threads prepares inputs and stores outputs. It sleeps until something happens: a job posted,
an attempt ended, a task released or killed.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Callable, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from conductor.lib.errors import Cancelled
from conductor.lib.states import TaskState
from conductor.service import attempts, workspace
from conductor.service.attempts import Ending, Plan
from conductor.service.database import Database, Job, Task
from conductor.service.engine import AttemptRequest, AttemptStatus, Engine, Outcome
from conductor.service.store import ContentStore
from conductor.service.workspace import InputProblem, JobInputs, Written

LOG = logging.getLogger(__name__)

INHERITED = ("HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR")
"""What a task's environment takes from the service's, beside PATH; nothing else may leak."""

PAUSE_AFTER_ERROR_S = 1.0
CLOSE_LIMIT_S = 8.0


class Phase(Enum):
    """How far an attempt is."""

    PREPARING = "preparing"
    RUNNING = "running"
    COLLECTING = "collecting"
    """The command has ended: its outputs are stored, or why it failed is looked for."""


@dataclass
class Active:
    """One attempt under way."""

    plan: Plan
    phase: Phase = Phase.PREPARING
    ref: str = ""
    work: Future[list[Written]] | None = None
    status: AttemptStatus | None = None
    kill: threading.Event = field(default_factory=threading.Event)


class AttemptFolders:
    """Where an attempt keeps its log, its result and its scratch folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, job_id: int, attempt_id: str) -> Path:
        """The attempt's own folder."""
        return self.root / ("%05d" % job_id) / attempt_id

    def log_path(self, job_id: int, attempt_id: str) -> Path:
        """What the command said."""
        return self.folder(job_id, attempt_id) / "log.txt"


class Dispatcher:
    """Owns the attempts of one service.

    Usage: ``start()``, ``wake()`` after every change of a task, ``close()``.
    """

    def __init__(
        self, database: Database, store: ContentStore, engine: Engine, folders: AttemptFolders
    ) -> None:
        self._database, self._store, self._engine = database, store, engine
        self._folders = folders
        self._limits = engine.capabilities()
        self._active: dict[str, Active] = {}
        self._inputs: dict[int, JobInputs] = {}
        self._event = threading.Event()
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(self._limits.cores + 1, "attempt")
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)
        engine.on_change = self.wake

    def start(self) -> None:
        """Take up what a service before this one left running, then begin."""
        known = self._engine.list_mine()
        with self._database.read() as session:
            left = attempts.under_way(session)
        for plan, ref in left:
            ref = ref or known.get(plan.attempt_id) or str(self._result_path(plan))
            self._active[plan.attempt_id] = Active(plan, Phase.RUNNING, ref)
        self._thread.start()

    def wake(self) -> None:
        """Look again: something has changed. From any thread."""
        self._event.set()

    def close(self) -> None:
        """Stop within seconds; attempts under way are killed, and begin again at the next start."""
        self._stop.set()
        self.wake()
        if self._thread.is_alive():
            self._thread.join(CLOSE_LIMIT_S)
        self._engine.close()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._step()
            except Exception:
                # The top of a thread: the next look may succeed.
                LOG.exception("the dispatcher stumbled and goes on")
                self._stop.wait(PAUSE_AFTER_ERROR_S)
                self.wake()
            self._event.wait(self._limits.poll_interval_s if self._active else None)
            self._event.clear()

    def _step(self) -> None:
        self._stop_killed()
        self._take_up_finished_work()
        self._poll()
        while not self._stop.is_set() and self._start_one():
            pass

    def _stop_killed(self) -> None:
        if not self._active:
            return
        with self._database.read() as session:
            wanted = attempts.kills(session)
        for active in self._active.values():
            if (active.plan.job_id, active.plan.task_number) in wanted:
                active.kill.set()
                if active.phase is Phase.RUNNING:
                    self._engine.cancel(active.ref)

    # Preparing: the pool puts inputs in place, then the engine gets the attempt.

    def _start_one(self) -> bool:
        """Begin the attempt that is next; False when none may begin now."""
        free = self._limits.cores - sum(active.plan.cores for active in self._active.values())
        if self._active and free <= 0:
            return False
        with self._database.write() as session:
            job = next((job for job in _with_work(session) if self._may_run(job, free)), None)
            if job is None:
                return False
            plan = attempts.begin(session, job, _next_task(session, job), self._limits.name)
        active = self._active[plan.attempt_id] = Active(plan)
        active.work = self._submit_work(self._prepare, active)
        return True

    def _may_run(self, job: Job, free: int) -> bool:
        # A task larger than the machine runs alone rather than never.
        if self._active and job.cores > free:
            return False
        plans = [active.plan for active in self._active.values()]
        return not any(
            workspace.overlaps(plan.output_folder, job.node_output_path) for plan in plans
        )

    def _submit_work(
        self, function: Callable[[Active], list[Written]], active: Active
    ) -> Future[list[Written]]:
        work = self._pool.submit(function, active)
        work.add_done_callback(lambda _work: self.wake())
        return work

    def _is_stopped(self, active: Active) -> bool:
        return active.kill.is_set() or self._stop.is_set()

    def _prepare(self, active: Active) -> list[Written]:
        """In the pool: everything that must be there before the command runs."""
        plan = active.plan
        folder = self._folders.folder(plan.job_id, plan.attempt_id)
        (folder / "work").mkdir(parents=True, exist_ok=True)
        self._inputs_of(plan.job_id).place(lambda: self._is_stopped(active))
        if plan.output_folder:
            workspace.note_before(Path(plan.output_folder), folder / "before.json")
        return []

    def _inputs_of(self, job_id: int) -> JobInputs:
        if job_id not in self._inputs:
            with self._database.read() as session:
                needed = attempts.inputs_of(session, job_id)
            self._inputs.setdefault(job_id, JobInputs(self._store, needed))
        return self._inputs[job_id]

    def _launch(self, active: Active) -> None:
        plan = active.plan
        folder = self._folders.folder(plan.job_id, plan.attempt_id)
        request = AttemptRequest(
            plan.attempt_id, plan.command, task_environment(plan), folder / "work",
            self._folders.log_path(plan.job_id, plan.attempt_id), self._result_path(plan),
            cores=plan.cores, priority=plan.priority,
        )
        refusal = self._engine.validate(request)
        if refusal:
            self._fail(active, refusal, may_retry=False)
            return
        active.ref = self._engine.submit(request)
        active.phase, active.work = Phase.RUNNING, None
        with self._database.write() as session:
            attempts.note_ref(session, plan.attempt_id, active.ref)

    def _result_path(self, plan: Plan) -> Path:
        return self._folders.folder(plan.job_id, plan.attempt_id) / "result.json"

    # Running and collecting: the engine says how it ended, the pool stores what was written.

    def _poll(self) -> None:
        running = {
            active.ref: active for active in self._active.values() if active.phase is Phase.RUNNING
        }
        if not running:
            return
        for ref, status in self._engine.poll(running).items():
            if not status.outcome.is_over:
                continue
            active = running[ref]
            active.status = status
            if status.outcome is Outcome.SUCCEEDED and active.plan.output_folder:
                active.phase = Phase.COLLECTING
                active.work = self._submit_work(self._collect, active)
            elif status.outcome is Outcome.FAILED:
                active.phase = Phase.COLLECTING
                active.work = self._submit_work(self._look_at_inputs, active)
            else:
                self._finish(active, Ending(status))

    def _collect(self, active: Active) -> list[Written]:
        """In the pool: store what the command wrote."""
        note = self._folders.folder(active.plan.job_id, active.plan.attempt_id) / "before.json"
        return workspace.collect(
            Path(active.plan.output_folder), note, self._store, self._stop.is_set
        )

    def _look_at_inputs(self, active: Active) -> list[Written]:
        """In the pool: a command whose inputs went away while it ran is not to blame."""
        gone = self._inputs_of(active.plan.job_id).gone()
        if gone and active.status:
            reason = 'the input "%s" went away while the task ran' % gone
            active.status = replace(active.status, outcome=Outcome.LOST, reason=reason)
        return []

    def _take_up_finished_work(self) -> None:
        for active in list(self._active.values()):
            if active.work is None or not active.work.done() or self._stop.is_set():
                continue
            error = active.work.exception()
            if error is not None:
                self._work_failed(active, error)
            elif active.phase is Phase.PREPARING and not active.kill.is_set():
                self._launch(active)
            elif active.phase is Phase.PREPARING:
                self._finish(active, Ending(_killed()))
            elif active.status is not None:
                self._finish(active, Ending(active.status, written=active.work.result()))

    def _work_failed(self, active: Active, error: BaseException) -> None:
        if isinstance(error, Cancelled):
            self._finish(active, Ending(_killed()))
            return
        if not isinstance(error, InputProblem):
            LOG.error("attempt %s: %s", active.plan.attempt_id, error, exc_info=error)
        what = "" if active.phase is Phase.PREPARING else "outputs could not be stored: "
        self._fail(active, what + str(error), may_retry=not isinstance(error, InputProblem))

    def _fail(self, active: Active, reason: str, may_retry: bool) -> None:
        log = self._folders.log_path(active.plan.job_id, active.plan.attempt_id)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as handle:
            handle.write("conductor: %s\n" % reason)
        status = AttemptStatus(Outcome.FAILED, ended=time.time(), reason=reason)
        self._finish(active, Ending(status, may_retry))

    def _finish(self, active: Active, ending: Ending) -> None:
        with self._database.write() as session:
            attempts.finish(session, active.plan, ending)
            has_ended = session.get_one(Job, active.plan.job_id).ended_at is not None
        del self._active[active.plan.attempt_id]
        if has_ended:
            self._inputs.pop(active.plan.job_id, None)
        folder = self._folders.folder(active.plan.job_id, active.plan.attempt_id)
        for left_over in ("before.json", "attempt.lock", "spec.json"):
            (folder / left_over).unlink(missing_ok=True)
        shutil.rmtree(folder / "work", ignore_errors=True)


def _killed() -> AttemptStatus:
    return AttemptStatus(Outcome.CANCELLED, ended=time.time(), reason="killed before it ran")


_PENDING = Task.status == TaskState.PENDING.value


def _with_work(session: Session) -> Iterable[Job]:
    """Jobs with a pending task in the order they should run: by priority, then age."""
    ids = select(Task.job_id).where(_PENDING).distinct()
    return session.scalars(
        select(Job).where(Job.id.in_(ids)).order_by(Job.priority.desc(), Job.id)
    )


def _next_task(session: Session, job: Job) -> Task:
    # One at a time is enough: the tasks of a job share its output folder.
    pending = select(Task).where(_PENDING, Task.job_id == job.id).order_by(Task.number)
    return session.scalars(pending.limit(1)).one()


def task_environment(plan: Plan) -> dict[str, str]:
    """A command's whole environment: a little of the service's, the job's, its own ids.

    The job's PATH comes before the service's.
    """
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    environment.update(plan.environment, **plan.variables)
    paths = (plan.environment.get("PATH"), os.environ.get("PATH", os.defpath))
    environment["PATH"] = os.pathsep.join(filter(None, paths))
    return environment
