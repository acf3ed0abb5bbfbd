"""Shell completion: the scripts, and what a shell is told when the user presses the key."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conductor.cli import main as command
from tests.cli.conftest import Run

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(shell: str, run: Run, clean_home: Path) -> None:
    script = run("completion", shell)
    assert "_CONDUCTOR_COMPLETE=%s_complete" % shell in script
    program = shutil.which(shell)
    if program:
        done = subprocess.run([program, "-n"], input=script, text=True, capture_output=True,
                              timeout=30)
        assert done.returncode == 0, done.stderr


def test_another_shell_is_refused(clean_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run(["completion", "cmd"]) == 2
    assert "cmd" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "offered"), [
    pytest.param("conductor j", {"jobs"}, id="subcommand"),
    pytest.param("conductor jobs re", {"release", "retry"}, id="below a group"),
    pytest.param("conductor jobs list --st", {"--status"}, id="option"),
    pytest.param("conductor jobs list --status s", {"success", "sync_pending"}, id="value"),
])
def test_what_is_offered(words: str, offered: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "conductor"], capture_output=True, text=True, cwd=str(ROOT),
        env=dict(os.environ, _CONDUCTOR_COMPLETE="bash_complete", COMP_WORDS=words,
                 COMP_CWORD=str(len(words.split()) - 1)), timeout=60,
    )
    assert {line.partition(",")[2] for line in done.stdout.splitlines()} == offered
    assert not done.stderr


def test_subcommands_are_offered_without_their_imports() -> None:
    code = ("import os, sys; os.environ.update(_CONDUCTOR_COMPLETE='bash_complete', "
            "COMP_WORDS='conductor ', COMP_CWORD='1')\n"
            "from conductor.cli.main import run\n"
            "try: run()\n"
            "finally: print('requests' in sys.modules, file=sys.stderr)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          cwd=str(ROOT), timeout=60)
    assert "jobs" in done.stdout
    assert done.stderr == "False\n"
