"""The log of tasks: whole, followed while it is written, over several attempts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conductor.cli import main as command
from conductor.cli.job_watch import watch_tasks
from conductor.cli.output import console
from conductor.lib.api_client import ApiClient
from conductor.lib.task_log import TaskLog
from conductor.service import task_logs
from tests.cli.conftest import NewJob, Run, start


def ended(client: ApiClient, job: str) -> list[str]:
    return [task["status"] for task in watch_tasks(client, job, console(), limit_s=60)]


def test_one_some_and_all_tasks(client: ApiClient, new_job: NewJob, run: Run) -> None:
    job = new_job({"1": "echo first", "2": "echo second", "3": "echo third"})
    assert ended(client, job) == ["success"] * 3
    assert run("jobs", "log", job + ":1") == "second\n"
    assert run("jobs", "log", job + ":0,2") == (
        "==> task 000, frames 1 <==\nfirst\n==> task 002, frames 3 <==\nthird\n")
    assert run("jobs", "log", job).count("==>") == 3


def test_following_ends_with_the_task(new_job: NewJob, tmp_path: Path) -> None:
    """Each line is there as soon as it is written; half a line is not taken for a whole one."""
    go = tmp_path / "go"
    job = new_job({"1": "echo begun; printf half; while [ ! -e '%s' ]; do sleep 0.05; done;"
                        " echo ' and half'; echo over" % go})
    process = start("jobs", "log", job + ":0", "--follow")
    assert process.stdout
    assert process.stdout.readline() == "begun\n"
    go.write_text("")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "half and half\nover\n", "")


def test_following_more_than_one_task_is_refused(
    client: ApiClient, new_job: NewJob, capsys: pytest.CaptureFixture[str]
) -> None:
    job = new_job({"1": "true", "2": "true"})
    assert command.run(["jobs", "log", job, "--follow"]) == 2
    assert job + ":0" in capsys.readouterr().err
    ended(client, job)


@pytest.mark.parametrize(("suffix", "code", "said"), [
    pytest.param(":7", 2, "no task 007; it has 1 tasks", id="no such task"),
    pytest.param(":x", 2, "0-8x2,10", id="no task at all"),
])
def test_a_task_that_is_not_there(
    suffix: str, code: int, said: str, client: ApiClient, new_job: NewJob,
    capsys: pytest.CaptureFixture[str],
) -> None:
    job = new_job({"1": "true"})
    assert command.run(["jobs", "log", job + suffix]) == code
    assert said in capsys.readouterr().err
    ended(client, job)


def test_what_is_new_since_the_last_question(
    client: ApiClient, new_job: NewJob, tmp_path: Path
) -> None:
    """Over two attempts: the first fails, the retry goes on below it."""
    job = new_job({"1": "if [ -e '%s/ok' ]; then echo again; else echo bad; false; fi" % tmp_path})
    assert ended(client, job) == ["failed"]
    log = TaskLog(client, job, "0")
    assert (log.status, log.is_ended) == ("", False)
    assert log.read() == "bad\n"
    assert (log.status, log.is_ended) == ("failed", True)
    assert log.read() == ""
    (tmp_path / "ok").write_text("")
    client.retry_tasks(job)
    assert ended(client, job) == ["success"]
    assert log.read() == "again\n"
    assert TaskLog(client, job, "0").read() == "bad\nagain\n"


def test_a_log_longer_than_one_answer(
    client: ApiClient, new_job: NewJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = task_logs.PORTION // 100 + 1000
    job = new_job({"1": "yes %s | head -n %d" % ("x" * 99, lines)})
    assert ended(client, job) == ["success"]
    assert TaskLog(client, job, "0").read() == ("x" * 99 + "\n") * lines


@pytest.mark.parametrize(("written", "first", "complete", "lines"), [
    pytest.param(b"a\nb\nhal", 0, False, ["a", "b"], id="half a line waits"),
    pytest.param(b"a\nb\nhal", 0, True, ["a", "b", "hal"], id="until the end"),
    pytest.param(b"a\r\nb\n", 1, False, ["b"], id="from a line on"),
    pytest.param(b"hal", 0, False, [], id="only half a line"),
])
def test_lines_of_a_log(
    written: bytes, first: int, complete: bool, lines: list[str], tmp_path: Path
) -> None:
    (tmp_path / "log").write_bytes(written)
    assert task_logs.read_lines(tmp_path / "log", first, complete) == lines


def test_a_service_that_answers_something_else(
    client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vendor's wire has the log as text too, and need not count."""
    class Answer:
        def __init__(self, content: Any) -> None:
            self.json = lambda: content

    answers = iter([
        Answer({"logs": [{"log": "one\ntwo"}], "task_status": "running"}),
        Answer({"logs": [{"log": ""}], "task_status": "success"}),
    ])
    asked = []
    monkeypatch.setattr(client, "call", lambda _method, _path, params: (
        asked.append(params["num_lines[]"][:]) or next(answers)))
    log = TaskLog(client, "1", "2")
    assert log.read() == "one\ntwo\n"
    assert log.is_ended
    assert asked == [[0], [2]]
