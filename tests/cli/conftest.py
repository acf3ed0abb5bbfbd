"""A client of the running service, and jobs to work on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping

import pytest

from conductor.cli import main as command
from conductor.cli.connection import connect
from conductor.lib.api_client import ApiClient
from conductor.lib.submission import Submission, Task, new_submission_id

ROOT = Path(__file__).resolve().parent.parent.parent
NewJob = Callable[..., str]
Run = Callable[..., str]


@pytest.fixture
def client(service_env: Any) -> Iterator[ApiClient]:
    made = connect()
    yield made
    made.close()


@pytest.fixture
def new_job(client: ApiClient, tmp_path: Path) -> NewJob:
    """Posts a job: commands by frames; returns its number. Its outputs go to "out put"."""
    def post(
        commands: Mapping[str, str], scout: str = "", title: str = "a job", **more: Any
    ) -> str:
        submission = Submission(
            submission_id=new_submission_id(), job_title=title, project="default",
            instance_type="n1-standard-2", output_path=str(tmp_path / "out put"),
            scout_frames=scout,
            tasks=tuple(Task(text, frames) for frames, text in commands.items()), **more,
        )
        return str(client.post_job(submission.to_payload())[0]["jobid"])

    return post


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a subcommand, which must end with this code; what it printed."""
    def run_it(*arguments: str, code: int = 0) -> str:
        capsys.readouterr()
        ended = command.run(list(arguments))
        caught = capsys.readouterr()
        assert ended == code, caught.err
        return caught.out

    return run_it


def start(*arguments: str, **environ: str) -> subprocess.Popen[str]:
    """A real process of the command, with the environment of this one."""
    return subprocess.Popen(
        [sys.executable, "-m", "conductor", *arguments], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=str(ROOT),
        env=dict(os.environ, **environ),
    )
