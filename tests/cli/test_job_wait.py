"""``conductor jobs wait``: what it tells, and what it ends with."""

from __future__ import annotations

import json
import signal
from typing import Any

import pytest

from conductor.cli import job_watch
from conductor.cli import main as command
from conductor.cli.job_watch import exit_code, wait_for_jobs
from conductor.lib.api_client import ApiClient
from tests.cli.conftest import NewJob, Run, start

QUICK = ("--interval", "0.05")


@pytest.mark.parametrize(("states", "code"), [
    pytest.param(["success"], 0, id="success"),
    pytest.param(["downloaded", "success"], 0, id="all well"),
    pytest.param(["success", "failed"], 1, id="one failed"),
    pytest.param(["killed"], 1, id="stopped"),
    pytest.param(["running"], 8, id="runs yet"),
    pytest.param(["failed", "holding"], 8, id="one failed, one waits"),
])
def test_exit_codes(states: list[str], code: int) -> None:
    assert exit_code(states) == code


def test_its_codes_are_no_codes_of_the_error_tree() -> None:
    """A script tells "it failed" from "I was interrupted" and "no answer"."""
    from conductor.lib import errors

    used = {kind.exit_code for kind in vars(errors).values()
            if isinstance(kind, type) and issubclass(kind, errors.ConductorError)}
    assert job_watch.NOT_ENDED not in used
    assert job_watch.SOME_FAILED not in used - {errors.ConductorError.exit_code}


@pytest.mark.parametrize(("commands", "code", "status"), [
    pytest.param({"1": "true", "2": "true"}, 0, "success", id="success"),
    pytest.param({"1": "true", "2": "false"}, 1, "failed", id="failure"),
])
def test_it_waits_for_the_end(
    commands: dict[str, str], code: int, status: str, new_job: NewJob, run: Run
) -> None:
    job = new_job(commands)
    assert run("jobs", "wait", job, *QUICK, code=code) == "job %s: %s\n" % (job, status)
    [told] = json.loads(run("jobs", "wait", str(int(job)), *QUICK, "--json", code=code))
    assert (told["jid"], told["status"]) == (job, status)


def test_several_jobs_one_of_them_bad(new_job: NewJob, run: Run) -> None:
    good, bad = new_job({"1": "true"}), new_job({"1": "exit 3"})
    assert run("jobs", "wait", bad, good, *QUICK, code=1) == (
        "job %s: failed\njob %s: success\n" % (bad, good))


def test_a_job_on_hold_is_told_and_time_may_run_out(
    new_job: NewJob, run: Run, client: ApiClient, capsys: pytest.CaptureFixture[str]
) -> None:
    job = new_job({"1": "true", "2": "true"}, scout="2")
    assert command.run(["jobs", "wait", job, *QUICK, "--timeout", "0"]) == 8
    capsys.readouterr()
    ticks = iter(range(100000))

    def release(_seconds: float) -> None:
        if client.job(job)["status"] == "holding":
            client.release_tasks(job)

    found = wait_for_jobs(client, [job], limit_s=None, interval_s=1, sleep=release,
                          clock=lambda: next(ticks))
    assert found[job]["status"] == "success"
    told = capsys.readouterr().err.splitlines()
    assert len(told) == len(set(told)), "each change once"
    assert told[-1] == "job %s: success, 2 of 2 tasks done" % job


def test_the_way_on_is_named(
    client: ApiClient, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    states: list[dict[str, Any]] = [
        {"status": "holding", "tasks": 5, "success": 1}, {"status": "killed", "tasks": 5}]
    monkeypatch.setattr(client, "job", lambda _jid: states.pop(0))
    wait_for_jobs(client, ["00012"], limit_s=None, interval_s=1, sleep=lambda _seconds: None)
    assert capsys.readouterr().err.splitlines() == [
        "job 00012: holding, 1 of 5 tasks done; the others are on hold: "
        "conductor jobs release 00012",
        "job 00012: killed, 0 of 5 tasks done",
    ]


def test_it_sleeps_no_longer_than_the_time_left(
    client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "job", lambda _jid: {"status": "running"})
    now = [0.0]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    wait_for_jobs(client, ["1"], limit_s=5, interval_s=2, clock=lambda: now[0], sleep=sleep)
    assert slept == [2, 2, 1]


@pytest.mark.parametrize("number", [signal.SIGINT], ids=["ctrl-c"])
def test_an_interrupt_is_no_failure(
    number: signal.Signals, new_job: NewJob, client: ApiClient
) -> None:
    job = new_job({"1": "true", "2": "true"}, scout="2")
    process = start("jobs", "wait", job)
    assert process.stderr
    process.stderr.readline()
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert not out and err.splitlines()[-1] == "conductor: stopped"
    client.kill_jobs(job)


@pytest.mark.parametrize(("arguments", "code"), [
    pytest.param(["99999"], 5, id="no such job"),
    pytest.param(["x"], 2, id="no number"),
    pytest.param(["12:3"], 2, id="tasks"),
    pytest.param([], 2, id="nothing"),
])
def test_wrong_jobs(arguments: list[str], code: int, service_env: Any) -> None:
    assert command.run(["jobs", "wait", *arguments]) == code
