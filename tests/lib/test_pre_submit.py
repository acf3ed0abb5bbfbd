"""The studio's hook: real commands and functions that look at a submission."""

from __future__ import annotations

import json
import os
import sys
import threading
import uuid
from pathlib import Path
from typing import Any, Callable

import pytest
from fault_server import Answer, FaultServer, upload_server

from conductor.lib.api_client import ApiClient
from conductor.lib.checks import Level
from conductor.lib.conductor_submit import Submit
from conductor.lib.config import Config
from conductor.lib.errors import Cancelled, ChecksError, ConfigError
from conductor.lib.pre_submit import ask_pre_submit, enforce_pre_submit, has_pre_submit
from conductor.lib.submission import Submission, Task, UploadFile

SUBMISSION = Submission(
    submission_id="0123", job_title="shot", project="default", instance_type="n1",
    output_path="/out", tasks=(Task("echo 1", "1"), Task("echo 2", "2")),
    upload_files=(UploadFile("/a/scene", "/a/scene"),), environment={"API_TOKEN": "hush"},
)

Configured = Callable[..., Config]


@pytest.fixture
def configured(tmp_path: Path) -> Configured:
    def make(hook: Any, **more: Any) -> Config:
        return Config.load({"HOME": str(tmp_path)}, overrides={
            "hooks": dict({"pre_submit": hook}, **more)})
    return make


@pytest.fixture
def command(tmp_path: Path) -> Callable[[str], list[str]]:
    """A command that runs a few lines of Python, the submission being ``given``."""
    def make(lines: str) -> list[str]:
        path = tmp_path / "hook of studio.py"
        path.write_text(
            "import json, os, sys, subprocess\ngiven = json.load(sys.stdin)\n" + lines, "utf-8")
        return [sys.executable, str(path)]
    return make


@pytest.fixture
def function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function of a module on the path, named ``module:look_at``."""
    folder = tmp_path / "modules"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))

    def make(lines: str) -> str:
        # Each its own: modules are kept.
        name = "hook_" + uuid.uuid4().hex
        (folder / (name + ".py")).write_text(lines, "utf-8")
        return name + ":look_at"
    return make


def shown(findings: Any) -> list[tuple[str, str, str, str]]:
    return [(one.level.value, one.code, one.subject, one.message) for one in findings]


# ---------------------------------------------------------------- asked


def test_without_a_hook_nobody_is_asked(tmp_path: Path) -> None:
    config = Config.load({"HOME": str(tmp_path)})
    assert ask_pre_submit(SUBMISSION, config) == ()
    assert not has_pre_submit(config)


def test_a_command_reads_the_submission_and_answers_findings(
    configured: Configured, command: Any,
) -> None:
    words = command(
        "tasks = [one['command'] for one in given['payload']['tasks_data']]\n"
        "print(json.dumps([{'level': 'warning', 'code': 'many', 'subject': 'frames',\n"
        "                   'message': '%s %s' % (tasks, given['files'])}]))")
    config = configured(words)
    assert has_pre_submit(config)
    assert shown(ask_pre_submit(SUBMISSION, config)) == [
        ("warning", "many", "frames", "['echo 1', 'echo 2'] ['/a/scene']")]


def test_nothing_of_the_submission_stands_in_the_arguments(
    configured: Configured, command: Any, tmp_path: Path,
) -> None:
    words = command("open(%r, 'w').write(' '.join(sys.argv[1:]))" % str(tmp_path / "argv"))
    assert ask_pre_submit(SUBMISSION, configured([*words, "$HOME; echo `id`"])) == ()
    assert (tmp_path / "argv").read_text() == "$HOME; echo `id`"


def test_a_command_may_be_one_text(configured: Configured, command: Any) -> None:
    python, script = command("sys.exit(sys.argv[1])")
    config = configured("%s '%s' \"not on fridays\"" % (python, script))
    assert shown(ask_pre_submit(SUBMISSION, config)) == [
        ("error", "pre-submit-refused", "pre_submit", "not on fridays")]


@pytest.mark.parametrize("lines, told", [
    ("sys.stderr.write('wrong project\\n'); sys.exit(3)", "wrong project"),
    ("sys.exit(3)", "the command ended with exit code 3"),
    ("print('[]'); sys.exit('no')", "no"),
], ids=["says why", "says nothing", "answers and refuses"])
def test_an_exit_code_refuses(
    configured: Configured, command: Any, lines: str, told: str,
) -> None:
    findings = ask_pre_submit(SUBMISSION, configured(command(lines)))
    assert shown(findings) == [("error", "pre-submit-refused", "pre_submit", told)]


def test_a_refusal_keeps_the_findings(configured: Configured, command: Any) -> None:
    lines = "print(json.dumps([{'level': 'info', 'message': 'seen'}])); sys.exit('no')"
    levels = [one.level for one in ask_pre_submit(SUBMISSION, configured(command(lines)))]
    assert levels == [Level.INFO, Level.ERROR]


@pytest.mark.parametrize("answer, told", [
    ("hello", 'no JSON: "hello"'),
    ('[{"level": "bad", "message": "x"}]', '"{\'level\': \'bad\''),
    ('[{"level": "info"}]', "must answer a list"),
    ("17", 'not "17"'),
], ids=["text", "unknown level", "no message", "a number"])
def test_an_answer_that_cannot_be_read_is_an_error(
    configured: Configured, command: Any, answer: str, told: str,
) -> None:
    findings = ask_pre_submit(SUBMISSION, configured(command("print(%r)" % answer)))
    assert [one.code for one in findings] == ["pre-submit-failed"]
    assert told in findings[0].message
    assert findings[0].level is Level.ERROR


def test_a_finding_needs_no_more_than_a_message(configured: Configured, command: Any) -> None:
    findings = ask_pre_submit(SUBMISSION, configured(command("print('[{\"message\": \"no\"}]')")))
    assert shown(findings) == [("error", "studio", "pre_submit", "no")]


def test_a_command_that_is_not_there(configured: Configured) -> None:
    findings = ask_pre_submit(SUBMISSION, configured(["/studio/no-such-command"]))
    assert "/studio/no-such-command" in findings[0].message
    assert findings[0].level is Level.ERROR


def test_a_large_submission_and_a_long_answer_pass(configured: Configured, command: Any) -> None:
    lines = ("print(json.dumps([{'level': 'info', 'message': 'x' * 100} for _ in range(5000)]))\n"
             "sys.stderr.write('y' * 300000)")
    big = SUBMISSION.with_files(tuple(
        UploadFile("/a/%06d" % number, "/a/%06d" % number) for number in range(5000)))
    assert len(ask_pre_submit(big, configured(command(lines)))) == 5000


# ---------------------------------------------------------------- time


FOREVER = "subprocess.call([sys.executable, '-c', 'import time; time.sleep(600)'])"


def test_a_command_that_takes_too_long_is_ended_with_all_it_started(
    configured: Configured, command: Any,
) -> None:
    findings = ask_pre_submit(
        SUBMISSION, configured(command(FOREVER), pre_submit_seconds=0.3))
    assert [one.code for one in findings] == ["pre-submit-failed"]
    assert "within 0.3 seconds" in findings[0].message


class WhenThere(threading.Event):
    """Set as soon as a file is there."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def is_set(self) -> bool:
        return self.path.exists()


def test_cancelling_ends_a_command(configured: Configured, command: Any, tmp_path: Path) -> None:
    started = tmp_path / "started"
    name = json.dumps(str(started))
    words = command("open(%s + '.new', 'w').write(str(os.getpid()))\n"
                    "os.rename(%s + '.new', %s)\n%s" % (name, name, name, FOREVER))
    with pytest.raises(Cancelled):
        ask_pre_submit(SUBMISSION, configured(words), WhenThere(started))
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)


def test_a_function_that_takes_too_long_is_left_alone(
    configured: Configured, function: Any,
) -> None:
    name = function("import threading\ndef look_at(given):\n    threading.Event().wait(600)\n")
    findings = ask_pre_submit(SUBMISSION, configured(name, pre_submit_seconds=0.2))
    assert [one.code for one in findings] == ["pre-submit-failed"]


# ---------------------------------------------------------------- functions


def test_a_function_gets_a_dictionary_of_its_own(configured: Configured, function: Any) -> None:
    before = json.dumps(SUBMISSION.to_payload())
    name = function(
        "def look_at(given):\n"
        "    title = given['payload']['job_title']\n"
        "    given['payload']['environment'].clear()\n"
        "    given['payload'].clear()\n"
        "    return [{'level': 'info', 'code': 'seen', 'subject': 'title', 'message': title}]\n")
    assert shown(ask_pre_submit(SUBMISSION, configured(name))) == [
        ("info", "seen", "title", "shot")]
    assert json.dumps(SUBMISSION.to_payload()) == before


@pytest.mark.parametrize("body, told", [
    ("raise ValueError('wrong project')", "wrong project"),
    ("raise SystemExit", "SystemExit"),
    ("return given['no such']", "no such"),
], ids=["raises", "exits", "stumbles"])
def test_a_function_refuses_by_raising(
    configured: Configured, function: Any, body: str, told: str,
) -> None:
    findings = ask_pre_submit(
        SUBMISSION, configured(function("def look_at(given):\n    %s\n" % body)))
    assert [one.code for one in findings] == ["pre-submit-refused"]
    assert told in findings[0].message


def test_a_function_may_answer_nothing(configured: Configured, function: Any) -> None:
    assert ask_pre_submit(
        SUBMISSION, configured(function("def look_at(given):\n    pass\n"))) == ()


def test_a_function_runs_beside_the_thread_that_asks(
    configured: Configured, function: Any,
) -> None:
    name = function("import threading\ndef look_at(given):\n"
                    "    return [{'message': threading.current_thread().name}]\n")
    findings = ask_pre_submit(SUBMISSION, configured(name))
    assert findings[0].message == "conductor-hook"


@pytest.mark.parametrize("name", ["no_such_module_here:look_at", "json:look_at"])
def test_a_function_that_is_not_there_stops_and_says_which(
    configured: Configured, name: str,
) -> None:
    findings = ask_pre_submit(SUBMISSION, configured(name))
    assert findings[0].level is Level.ERROR
    assert 'pre_submit="%s"' % name in findings[0].message


# ---------------------------------------------------------------- configured


@pytest.mark.parametrize("hooks, told", [
    ({"pre_submitt": "x"}, 'no hook "pre_submitt". Did you mean "pre_submit"?'),
    ({"pre_submit": 17}, 'not "17"'),
    ({"pre_submit": ["a", 3]}, "a list of its words"),
    ({"pre_submit": "a 'b"}, '"a \'b" is no command'),
    ({"pre_submit": "x", "pre_submit_seconds": 0}, 'above 0, not "0"'),
    ({"pre_submit": "x", "pre_submit_seconds": "long"}, 'not "long"'),
    ({"pre_submit_seconds": True}, 'not "True"'),
], ids=str)
def test_a_wrong_configuration_is_named(
    tmp_path: Path, hooks: dict[str, Any], told: str,
) -> None:
    config = Config.load({"HOME": str(tmp_path)}, overrides={"hooks": hooks})
    with pytest.raises(ConfigError) as caught:
        ask_pre_submit(SUBMISSION, config)
    assert told in str(caught.value)


# ---------------------------------------------------------------- enforced


def test_findings_of_level_error_stop_a_script(configured: Configured, command: Any) -> None:
    with pytest.raises(ChecksError) as caught:
        enforce_pre_submit(SUBMISSION, configured(command("sys.exit('wrong project')")))
    assert "pre_submit: wrong project" in str(caught.value)


def test_a_job_of_a_script_that_the_studio_refuses_is_not_posted(
    configured: Configured, command: Any, client: ApiClient, faults: FaultServer, tmp_path: Path,
) -> None:
    upload_server(faults, lambda path: False)
    faults.on("POST", "/jobs/", Answer(201, {"jobid": "00007", "status": "success"}))
    (tmp_path / "scene").write_bytes(b"scene")
    arguments = {
        "project": "default", "instance_type": "n1", "output_path": str(tmp_path / "out"),
        "upload_paths": [str(tmp_path / "scene")],
        "tasks_data": [{"command": "echo", "frames": "1"}],
    }
    with pytest.raises(ChecksError):
        Submit(arguments, configured(command("sys.exit('no')")), client).main()
    assert faults.requests("POST", "/jobs/") == []
    warned = configured(command("print('[{\"level\": \"warning\", \"message\": \"hm\"}]')"))
    assert Submit(arguments, warned, client).main()[1] == 201
