"""Subcommands that talk to a service: a real one."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any, Iterator

import pytest

from conductor.cli import main as command
from conductor.cli.connection import connect
from conductor.cli.job_watch import is_at_rest, watch_tasks
from conductor.cli.output import console
from conductor.lib.api_client import ApiClient
from conductor.lib.errors import ServiceError
from conductor.lib.states import TaskState
from conductor.lib.submission import Submission, Task, new_submission_id

FRAMES = ("1-2", "3-4", "5-6")


@pytest.fixture
def client(service_env: Any) -> Iterator[ApiClient]:
    made = connect()
    yield made
    made.close()


@pytest.fixture
def job(client: ApiClient, tmp_path: Path) -> str:
    """A job of three tasks, the second of them scouted, each writing one file."""
    out = tmp_path / "out put"
    submission = Submission(
        submission_id=new_submission_id(), job_title="three tasks [odd]", project="default",
        instance_type="n1-standard-2", output_path=str(out), scout_frames="3",
        tasks=tuple(Task("echo rendering %s > '%s/f.%s.txt'; echo frames %s" % (
            frames, out, frames, frames), frames) for frames in FRAMES),
    )
    return str(client.post_job(submission.to_payload())[0]["jobid"])


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a subcommand that must succeed; what it printed."""
    capsys.readouterr()
    code = command.run(list(arguments))
    caught = capsys.readouterr()
    assert code == 0, caught.err
    return caught.out


def states(client: ApiClient, job: str) -> list[str]:
    return [task["status"] for task in watch_tasks(client, job, console(), limit_s=60)]


def test_a_job_from_held_to_downloaded(
    client: ApiClient, job: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert states(client, job) == ["holding", "success", "holding"]
    assert run(capsys, "jobs", "release", job) == "job %s: 2 tasks released\n" % job
    assert states(client, job) == ["success"] * 3

    listed = run(capsys, "jobs", "list")
    line = next(line for line in listed.splitlines() if line.startswith(job))
    assert line.split()[:4] == [job, "success", "3", "3"]
    assert line.rstrip().endswith("three tasks [odd]")
    assert job in [found["jid"] for found in json.loads(run(capsys, "jobs", "list", "--json"))]

    shown = run(capsys, "jobs", "show", str(int(job)))
    assert "three tasks [odd]" in shown and str(tmp_path) in shown

    tasks = run(capsys, "jobs", "tasks", job)
    rows = [line.split() for line in tasks.splitlines() if line[:3].isdigit()]
    assert [row[:3] for row in rows] == [
        ["%03d" % number, frames, "success"] for number, frames in enumerate(FRAMES)]
    assert all(0 < float(row[3]) < 60 for row in rows), "seconds"

    assert "frames 3-4" in run(capsys, "jobs", "log", job + ":1")

    places = run(capsys, "download", job, "--destination", str(tmp_path / "got"))
    assert [Path(place).name for place in places.splitlines()] == [
        "f.%s.txt" % frames for frames in FRAMES]
    assert (tmp_path / "got" / "f.5-6.txt").read_text() == "rendering 5-6\n"


def test_single_tasks_are_released_and_stopped(
    client: ApiClient, job: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert states(client, job)[0] == "holding"
    assert run(capsys, "jobs", "release", job + ":0") == "job %s, task 0: 1 task released\n" % job
    assert run(capsys, "jobs", "kill", job + ":2") == "job %s, task 2: 1 task stopped\n" % job
    assert states(client, job) == ["success", "success", "killed"]
    run(capsys, "download", job + ":0", "--destination", str(tmp_path / "got"))
    assert os.listdir(tmp_path / "got") == ["f.1-2.txt"]


def test_a_whole_job_is_stopped(
    client: ApiClient, job: str, capsys: pytest.CaptureFixture[str]
) -> None:
    states(client, job)
    assert run(capsys, "jobs", "kill", job) == "job %s: 2 tasks stopped\n" % job
    assert states(client, job) == ["killed", "success", "killed"]


def test_watching_tells_each_change_once(
    client: ApiClient, job: str, capsys: pytest.CaptureFixture[str]
) -> None:
    watch_tasks(client, job, console(), limit_s=60)
    told = capsys.readouterr().out.splitlines()
    assert len(told) == len(set(told))
    assert "task 000, frames 1-2: holding" in told
    assert "task 001, frames 3-4: success" in told


def test_watching_ends_at_its_limit(client: ApiClient, job: str) -> None:
    ticks = iter(range(0, 10 ** 6, 100))
    client.release_tasks(job)
    try:
        watch_tasks(client, job, console(), limit_s=50, clock=lambda: next(ticks),
                    sleep=lambda _seconds: None)
    except ServiceError as error:
        assert "not done within 50 s" in str(error)
    else:  # The service was quick enough to end between two questions.
        assert is_at_rest(client.tasks(job))
    states(client, job)


@pytest.mark.parametrize(("state", "at_rest"), [
    pytest.param(state, state not in (
        TaskState.SYNC_PENDING, TaskState.PENDING, TaskState.RUNNING), id=state.value)
    for state in TaskState
])
def test_who_is_at_rest(state: TaskState, at_rest: bool) -> None:
    tasks = [{"status": "success"}, {"status": state.value}]
    assert is_at_rest(tasks) is at_rest


@pytest.mark.parametrize(("arguments", "code", "said"), [
    pytest.param(["jobs", "show", "99999"], 5, "99999", id="no-such-job"),
    pytest.param(["jobs", "show", "seven"], 2, "seven", id="no-number"),
    pytest.param(["download", "99999"], 5, "99999", id="download-of-no-job"),
])
def test_what_is_not_there_is_named(
    service_env: Any, arguments: list[str], code: int, said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command.run(arguments) == code
    assert said in capsys.readouterr().err


def test_no_service_is_exit_code_5(
    service_env: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CONDUCTOR_URL", "http://127.0.0.1:9")
    assert command.run(["projects"]) == 5
    assert "127.0.0.1:9" in capsys.readouterr().err


@pytest.mark.parametrize(("listing", "entry"), [
    pytest.param("projects", "default", id="projects"),
    pytest.param("packages", "conductor-slate 1.0", id="packages"),
    pytest.param("instance-types", "n1-standard-2", id="instance-types"),
])
def test_what_is_on_offer(
    service_env: Any, listing: str, entry: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry in run(capsys, listing)
    assert json.loads(run(capsys, listing, "--json"))


def test_settings_tell_where_they_came_from(
    service_env: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json.loads(run(capsys, "config", "--json"))
    assert told["url"] == {"value": os.environ["CONDUCTOR_URL"], "origin": "CONDUCTOR_URL"}
    assert told["chunk_size"]["origin"] == "default"
    line = next(row for row in run(capsys, "config").splitlines() if row.startswith("url"))
    assert line.split() == ["url", os.environ["CONDUCTOR_URL"], "CONDUCTOR_URL"]


def test_a_job_file(service_env: Any, tmp_path: Path, client: ApiClient,
                    capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in.txt").write_text("input %f\n" % time.time())
    (tmp_path / "job.yaml").write_text(json.dumps({
        "job_title": "from a file", "project": "default", "instance_type": "n1-standard-2",
        "output_path": str(tmp_path / "out"), "upload_paths": [str(tmp_path / "in.txt")],
        "tasks_data": [{"command": "cp '%s/in.txt' '%s/out'" % (tmp_path, tmp_path),
                        "frames": "1"}],
    }))
    answer = json.loads(run(capsys, "submit", str(tmp_path / "job.yaml"), "--json"))
    assert answer["code"] == 201
    assert states(client, answer["response"]["jobid"]) == ["success"]


@pytest.mark.parametrize(("text", "said"), [
    pytest.param("[1, 2", "no YAML", id="no-yaml"),
    pytest.param("- a\n- b\n", "mapping", id="a-list"),
])
def test_a_wrong_job_file_is_quoted(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "job.yaml").write_text(text)
    assert command.run(["submit", str(tmp_path / "job.yaml")]) == 2
    error = capsys.readouterr().err
    assert said in error and "job.yaml" in error
