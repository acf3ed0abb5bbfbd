"""The command as a whole: its help, its errors, its exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Callable

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


@pytest.fixture
def boom(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[BaseException], tuple[int, str]]:
    """Runs a command that raises; its exit code and what it said on standard error."""
    def boom_it(error: BaseException) -> tuple[int, str]:
        @click.command("boom")
        def raising() -> None:
            raise error

        group = LazyGroup(lazy={})
        monkeypatch.setattr(group, "get_command", lambda _ctx, _name: raising)
        monkeypatch.setattr(command, "conductor", group)
        return command.run(["boom"]), capsys.readouterr().err

    return boom_it


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
    error: BaseException, code: int, said: str, boom: Callable[..., tuple[int, str]],
    clean_home: Path,
) -> None:
    ended, told = boom(error)
    assert ended == code
    assert told.strip().startswith("conductor: ")
    assert said in told
    assert "Traceback" not in told


@pytest.mark.parametrize(("error", "logged"), [
    pytest.param(errors.ServiceUnreachable("no answer"), True, id="service"),
    pytest.param(errors.UploadError("2 files"), True, id="transfer"),
    pytest.param(PermissionError(13, "denied", "/x"), True, id="system"),
    pytest.param(errors.ArgumentError("the title is empty"), False, id="the user's mistake"),
    pytest.param(errors.Cancelled("stopped"), False, id="the user's wish"),
])
def test_what_the_user_did_not_do_names_the_log(
    error: Exception, logged: bool, boom: Callable[..., tuple[int, str]], clean_home: Path
) -> None:
    log = clean_home / ".conductor" / "log" / "conductor.log"
    _, told = boom(error)
    assert ("(log: %s)" % log in told) is logged
    assert log.exists() is logged, "and nothing is written without need"
    if logged:
        assert "Traceback" in log.read_text()


def test_an_error_of_ours_is_one_line_and_the_log_has_the_rest(
    boom: Callable[..., tuple[int, str]], clean_home: Path
) -> None:
    code, told = boom(ValueError("bang\nin two lines, Authorization: Bearer se.cr.et"))
    log = clean_home / ".conductor" / "log" / "conductor.log"
    assert code == 1
    assert told.count("\n") == 1
    assert told.startswith("conductor: unexpected ValueError: bang in two lines")
    assert str(log) in told
    written = log.read_text()
    assert "Traceback" in written and "raise error" in written
    assert "se.cr.et" not in written


def test_in_dev_mode_the_traceback_is_on_the_terminal_too(
    boom: Callable[..., tuple[int, str]], clean_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONDUCTOR_MODE", "dev")
    for error, code in ((ValueError("bang"), 1), (errors.ArgumentError("wrong"), 2)):
        ended, told = boom(error)
        assert ended == code
        assert "Traceback" in told and "raise error" in told


def test_a_home_that_cannot_be_written_stops_no_message(
    boom: Callable[..., tuple[int, str]], clean_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (clean_home / "file").write_text("")
    monkeypatch.setenv("HOME", str(clean_home / "file"))
    assert boom(ValueError("bang")) == (
        1, "conductor: unexpected ValueError: bang; the log cannot be written\n")


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


@pytest.mark.parametrize(("arguments", "first"), [
    pytest.param("config --json", "{", id="json"),
    pytest.param("config", "s", id="table"),
    pytest.param("--help", "U", id="help"),
])
def test_who_stops_reading_gets_no_stack_trace(arguments: str, first: str) -> None:
    reader = subprocess.run(
        ["sh", "-c", '"%s" -m conductor %s | head -c 1' % (sys.executable, arguments)],
        capture_output=True, text=True, cwd=str(ROOT), timeout=60,
    )
    assert reader.stdout == first
    assert reader.stderr == ""


def test_in_a_pipe_and_with_no_color_there_are_no_escapes() -> None:
    for environ, colored in (({"FORCE_COLOR": "1"}, True), ({"NO_COLOR": "1"}, False),
                             ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False), ({}, False)):
        shown = conductor("config", TERM="xterm", **environ).stdout
        assert ("\x1b" in shown) is colored, environ
