"""What is hard to bring about from outside: crashes at awkward moments, other engines."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Iterable, Iterator

import pytest
from service_client import Gate, wait_until

from conductor.lib.errors import Cancelled
from conductor.service import attempts, farm, jobs, listing
from conductor.service.app import Service
from conductor.service.attempts import LOST_RETRIES
from conductor.service.blobs import remember
from conductor.service.dispatcher import Dispatcher
from conductor.service.engine import (
    AttemptRequest,
    AttemptStatus,
    Engine,
    EngineCapabilities,
    Outcome,
)
from conductor.service.job_request import parse
from conductor.service.server import build
from conductor.service.workspace import Input, InputProblem, JobInputs


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """All of a service but the HTTP; its dispatcher is not started."""
    built = build(tmp_path / "data", farm.load(None, tmp_path / "data"))
    yield built
    built.dispatcher.close()
    built.database.close()


def submit(service: Service, output: Path, *commands: str, **changes: object) -> int:
    payload = dict({
        "instance_type": "n1-standard-2", "output_path": str(output),
        "tasks_data": [{"command": command} for command in commands],
    }, **changes)
    with service.database.write() as session:
        job = jobs.create(session, service.store, parse(payload, service.farm), b"{}")
        return job.id


def tasks(service: Service, job_id: int) -> list[dict[str, object]]:
    with service.database.read() as session:
        return listing.tasks(session, {"filter": "jid_eq_%d" % job_id})


def wait_for(service: Service, job_id: int, status: str) -> dict[str, object]:
    """The first task of a job once it has a state."""

    def reached() -> dict[str, object] | None:
        task = tasks(service, job_id)[0]
        return task if task["status"] == status else None

    return wait_until(reached, "the task to be " + status)


class OddEngine(Engine):
    """An engine that starts nothing and says the same of every attempt."""

    def __init__(self, outcome: Outcome = Outcome.LOST, refusal: str | None = None) -> None:
        super().__init__()
        self.outcome = outcome
        self.refusal = refusal
        self.submitted: list[AttemptRequest] = []

    def capabilities(self) -> EngineCapabilities:
        return EngineCapabilities("odd", 2, 2, 8.0, poll_interval_s=0.01)

    def validate(self, request: AttemptRequest) -> str | None:
        return self.refusal

    def submit(self, request: AttemptRequest) -> str:
        self.submitted.append(request)
        return request.attempt_id

    def poll(self, refs: Iterable[str]) -> dict[str, AttemptStatus]:
        return {ref: AttemptStatus(self.outcome, reason="so it says") for ref in refs}

    def cancel(self, ref: str) -> bool:
        self.outcome = Outcome.CANCELLED
        return True

    def set_priority(self, ref: str, priority: int) -> bool:
        return False

    def list_mine(self) -> dict[str, str]:
        return {}

    def close(self) -> None:
        pass


@pytest.fixture
def with_engine(service: Service) -> Iterator[object]:
    """Starts a dispatcher with an engine of the test's."""
    started: list[Dispatcher] = []

    def start(engine: Engine) -> None:
        dispatcher = Dispatcher(service.database, service.store, engine, service.folders)
        started.append(dispatcher)
        dispatcher.start()

    yield start
    for dispatcher in started:
        dispatcher.close()


@pytest.mark.parametrize("outcome", [Outcome.LOST, Outcome.UNKNOWN])
@pytest.mark.parametrize("policy, attempts_made", [
    ({}, LOST_RETRIES + 1),
    ({"failed": {"max_retries": 9}}, LOST_RETRIES + 1),
    ({"preempted": {"max_retries": 1}}, LOST_RETRIES + 1),
    ({"preempted": {"max_retries": 7}}, 8),
], ids=["no policy", "for failures only", "fewer", "more"])
def test_what_is_lost_is_tried_again_but_not_for_ever(
    service: Service, with_engine, output: Path, outcome: Outcome, policy, attempts_made: int
) -> None:
    job_id = submit(service, output, "true", autoretry_policy=policy)
    with_engine(OddEngine(outcome))
    task = wait_for(service, job_id, "failed")
    assert (task["attempts"], task["preempted"], task["retries"]) == (
        attempts_made, attempts_made, 0,
    )
    assert task["status_description"] == "so it says"


def test_an_engine_that_refuses_fails_the_task_with_its_reason(
    service: Service, with_engine, output: Path
) -> None:
    job_id = submit(
        service, output, "true", autoretry_policy={"failed": {"max_retries": 3}}
    )
    engine = OddEngine(refusal="no node has 64 GB")
    with_engine(engine)
    task = wait_for(service, job_id, "failed")
    assert (task["status_description"], task["attempts"]) == ("no node has 64 GB", 1)
    assert engine.submitted == []


def test_a_queueing_engine_is_polled_and_cancelled(
    service: Service, with_engine, output: Path
) -> None:
    job_id = submit(service, output, "true", priority=9)
    engine = OddEngine(Outcome.QUEUED)
    with_engine(engine)
    wait_until(lambda: engine.submitted, "the attempt to be submitted")
    request, = engine.submitted
    assert (request.cores, request.priority, request.command) == (2, 9, "true")
    with service.database.write() as session:
        jobs.act(session, "kill", jobs.find_job(session, job_id), None)
    wait_for(service, job_id, "killed")


def test_a_crash_before_the_engine_had_the_attempt_costs_nothing_but_time(
    service: Service, output: Path
) -> None:
    job_id = submit(service, output, "true")
    with service.database.write() as session:
        job = jobs.find_job(session, job_id)
        attempts.begin(session, job, jobs.tasks_of(session, job)[0], "local")
    assert tasks(service, job_id)[0]["status"] == "running"
    service.dispatcher.start()
    task = wait_for(service, job_id, "success")
    assert (task["attempts"], task["preempted"]) == (2, 1)


def test_a_kill_asked_for_before_a_crash_is_kept(service: Service, output: Path) -> None:
    job_id = submit(service, output, "true")
    with service.database.write() as session:
        job = jobs.find_job(session, job_id)
        attempts.begin(session, job, jobs.tasks_of(session, job)[0], "local")
        jobs.act(session, "kill", job, None)
    service.dispatcher.start()
    assert wait_for(service, job_id, "killed")["attempts"] == 1


def test_an_output_whose_name_cannot_travel_fails_the_task(
    service: Service, output: Path
) -> None:
    output.mkdir()
    path = os.path.join(os.fsencode(output), b"fra\xffme.exr")
    job_id = submit(service, output, "touch %s/fra$(printf '\\377')me.exr" % shlex.quote(
        str(output)))
    service.dispatcher.start()
    task = wait_for(service, job_id, "failed")
    assert "not UTF-8" in str(task["status_description"]) and os.path.exists(path)


def test_an_output_folder_that_is_a_file_fails_the_task(service: Service, output: Path) -> None:
    output.write_text("a file", encoding="utf-8")
    job_id = submit(service, output, "true")
    service.dispatcher.start()
    task = wait_for(service, job_id, "failed")
    assert "output folder" in str(task["status_description"])


def test_scratch_is_removed_and_logs_stay(service: Service, output: Path) -> None:
    job_id = submit(service, output, "echo said; echo x > scratch; pwd")
    service.dispatcher.start()
    wait_for(service, job_id, "success")
    folder, = (service.folders.root / "00001").iterdir()
    wait_until(lambda: not (folder / "work").exists(), "the scratch folder to go")
    assert sorted(path.name for path in folder.iterdir()) == ["log.txt", "result.json"]
    said = (folder / "log.txt").read_text(encoding="utf-8").splitlines()
    assert said == ["said", str(folder / "work")]


def test_a_task_larger_than_the_machine_runs_alone(
    service: Service, output: Path, gate: Gate
) -> None:
    """Two cores asked of a farm of one."""
    small = build(output.parent / "small", farm.Farm(1, ("default",), (), ()))
    try:
        first = submit(small, output / "a", gate.command)
        second = submit(small, output / "b", "true")
        small.dispatcher.start()
        gate.wait()
        assert tasks(small, second)[0]["status"] == "pending"
        gate.open()
        wait_for(small, first, "success")
        wait_for(small, second, "success")
    finally:
        small.dispatcher.close()
        small.database.close()


def test_closing_takes_seconds_and_records_nothing(
    service: Service, output: Path, gate: Gate
) -> None:
    job_id = submit(service, output, gate.command)
    service.dispatcher.start()
    gate.wait()
    service.dispatcher.close()
    assert tasks(service, job_id)[0]["status"] == "running"
    with service.database.read() as session:
        (plan, ref), = attempts.under_way(session)
    assert plan.job_id == job_id and ref.endswith("result.json")


@pytest.mark.parametrize("ending", ["killed", "success"])
def test_a_kill_while_inputs_are_prepared(
    service: Service, output: Path, tmp_path: Path, ending: str
) -> None:
    """Reading the input waits until the test has opened the other end of the pipe."""
    pipe, source = tmp_path / "pipe", tmp_path / "empty"
    os.mkfifo(pipe)
    source.touch()
    stored = service.store.add_file(source)
    with service.database.write() as session:
        remember(session, stored)
    job_id = submit(
        service, output, "true",
        upload_files=[{"destination": str(pipe), "md5": stored.md5, "st_size": 0}],
    )
    service.dispatcher.start()
    wait_for(service, job_id, "running")
    if ending == "killed":
        with service.database.write() as session:
            jobs.act(session, "kill", jobs.find_job(session, job_id), None)
        service.dispatcher.wake()
    with pipe.open("wb"):
        pass
    task = wait_for(service, job_id, ending)
    assert (task["attempts"], task["status_description"]) == (
        1, "killed before it ran" if ending == "killed" else "",
    )


def test_it_goes_on_after_an_engine_has_stumbled(
    service: Service, with_engine, output: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Stumbling(OddEngine):
        stumbled = False

        def poll(self, refs: Iterable[str]) -> dict[str, AttemptStatus]:
            if not self.stumbled:
                self.stumbled = True
                raise TimeoutError("the controller does not answer")
            return super().poll(refs)

    job_id = submit(service, output, "true")
    with_engine(Stumbling(Outcome.FAILED))
    wait_for(service, job_id, "failed")
    assert "the controller does not answer" in caplog.text


def test_what_stops_preparing_is_not_taken_for_a_kill(service: Service, tmp_path: Path) -> None:
    source = tmp_path / "texture"
    source.write_bytes(b"texels")
    stored = service.store.add_file(source)
    inputs = JobInputs(service.store, (
        Input(str(source), stored.md5, stored.sha256, stored.size, 0o644),
    ))
    with pytest.raises(Cancelled):
        inputs.place(lambda: True)
    answers = iter([False, True])
    with pytest.raises(Cancelled, match="while reading"):
        inputs.place(lambda: next(answers))
    inputs.place(lambda: False)


def test_files_already_checked_are_not_read_again(service: Service, tmp_path: Path) -> None:
    source = tmp_path / "texture"
    source.write_bytes(b"texels")
    stored = service.store.add_file(source)
    inputs = JobInputs(service.store, (
        Input(str(source), stored.md5, stored.sha256, stored.size, 0o644),
    ))
    asked: list[int] = []

    def stopped() -> bool:
        asked.append(1)
        return False

    inputs.place(stopped)
    first, asked[:] = len(asked), []
    inputs.place(stopped)
    assert (first, len(asked)) == (2, 1), "once per file, and once per block that is read"
    source.write_bytes(b"TEXELS")
    with pytest.raises(InputProblem, match="other content"):
        inputs.place(stopped)
