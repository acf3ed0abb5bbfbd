"""The command as a whole: its help, its errors, its exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from conductor import __version__
from conductor.cli import main as command
from conductor.cli.lazy import LazyGroup
from conductor.lib import errors

ROOT = Path(__file__).resolve().parent.parent.parent


def conductor(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """A real process."""
    return subprocess.run(
        [sys.executable, "-m", "conductor", *arguments], capture_output=True, text=True,
        cwd=str(ROOT), env=dict(os.environ, **environ), timeout=60,
    )


def every_group() -> list[object]:
    names = command.conductor.list_commands(click.Context(command.conductor))
    return [pytest.param(name, id=name) for name in names]


def test_the_version() -> None:
    done = conductor("--version")
    assert (done.returncode, done.stdout) == (0, "conductor %s\n" % __version__)


@pytest.mark.parametrize("name", every_group())
def test_each_subcommand_is_there_and_explains_itself(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run([name, "--help"]) == 0
    told = capsys.readouterr().out
    assert "Usage: conductor " + name in told
    assert name in _help(capsys)


def _help(capsys: pytest.CaptureFixture[str]) -> str:
    assert command.run(["--help"]) == 0
    return capsys.readouterr().out


def test_the_help_imports_no_subcommand() -> None:
    """Or it would be slow, and need extras."""
    found = subprocess.run(
        [sys.executable, "-c",
         "import sys; from conductor.cli.main import run; run(['--help']); "
         "print([name for name in sys.modules if name in ('requests', 'OpenImageIO', 'uvicorn',"
         " 'conductor.cli.jobs', 'conductor.cli.clarisse')])"],
        capture_output=True, text=True, cwd=str(ROOT), timeout=60,
    ).stdout
    assert found.endswith("\n[]\n")


@pytest.mark.parametrize(("arguments", "code", "said"), [
    pytest.param(["nonsense"], 2, "No such command 'nonsense'", id="unknown-subcommand"),
    pytest.param(["jobs", "show"], 2, "Missing argument 'JOB'", id="missing-argument"),
    pytest.param(["clarisse", "preview", "gone.project"], 2, "gone.project", id="no-such-scene"),
    pytest.param(["serve"], 2, "--data", id="missing-option"),
])
def test_wrong_usage_exits_2(
    arguments: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run(arguments) == code
    caught = capsys.readouterr()
    assert said in caught.err
    assert not caught.out


def raising(error: BaseException) -> click.Command:
    @click.command("boom")
    def boom() -> None:
        raise error

    return boom


@pytest.mark.parametrize(("error", "code", "said"), [
    pytest.param(errors.ArgumentError("the title is empty"), 2, "the title is empty", id="input"),
    pytest.param(errors.ProjectFileError("a brace", 3, 7), 3, "line 3, column 7", id="scene"),
    pytest.param(errors.AuthError("no key"), 4, "no key", id="auth"),
    pytest.param(errors.ServiceUnreachable("no answer"), 5, "no answer", id="service"),
    pytest.param(errors.SubmissionUnknown("perhaps"), 6, "perhaps", id="unknown"),
    pytest.param(errors.UploadError("2 files", [("/a", "gone")]), 7, "/a: gone", id="transfer"),
    pytest.param(errors.Cancelled("stopped"), 130, "stopped", id="cancelled"),
    pytest.param(KeyboardInterrupt(), 130, "stopped", id="ctrl-c"),
    pytest.param(PermissionError(13, "denied", "/x"), 1, "denied", id="system"),
])
def test_an_error_is_one_message_and_its_exit_code(
    error: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    group = LazyGroup(lazy={})
    monkeypatch.setattr(group, "get_command", lambda _ctx, _name: raising(error))
    monkeypatch.setattr(command, "conductor", group)
    assert command.run(["boom"]) == code
    caught = capsys.readouterr()
    assert caught.err.strip().startswith("conductor: ")
    assert said in caught.err
    assert "Traceback" not in caught.err


@pytest.mark.parametrize(("arguments", "missing"), [
    pytest.param(["serve", "--data", "x"], "uvicorn", id="serve"),
    pytest.param(["demo"], "OpenImageIO", id="demo"),
])
def test_a_missing_extra_is_one_line_with_the_remedy(
    arguments: list[str], missing: str, tmp_path: Path
) -> None:
    script = (
        "import sys; sys.modules[%r] = None; from conductor.cli.main import run; "
        "sys.exit(run(%r))" % (missing, arguments)
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=str(tmp_path),
        env=dict(os.environ, PYTHONPATH=str(ROOT)), timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert missing in done.stderr
    assert 'pip install "conductor-clarisse[service]"' in done.stderr
    assert os.listdir(tmp_path) == []


def test_who_stops_reading_gets_no_stack_trace() -> None:
    reader = subprocess.run(
        ["sh", "-c", '"%s" -m conductor config --json | head -c 1' % sys.executable],
        capture_output=True, text=True, cwd=str(ROOT), timeout=60,
    )
    assert reader.stdout == "{"
    assert "Traceback" not in reader.stderr
