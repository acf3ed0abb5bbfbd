"""The local engine and its supervisors, with real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Iterator

import pytest
from service_client import Gate, wait_until

from conductor.service import supervisor
from conductor.service.engine import AttemptRequest, AttemptStatus, Outcome
from conductor.service.local_engine import LocalEngine, status_of


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[LocalEngine]:
    running = LocalEngine(tmp_path / "attempts", cores=2, grace_s=0.2)
    yield running
    running.close()


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "attempts" / "00001"


def request(work: Path, command: str, attempt_id: str = "a1", **changes: object) -> AttemptRequest:
    folder = work / attempt_id
    folder.mkdir(parents=True, exist_ok=True)
    values = {
        "attempt_id": attempt_id, "command": command, "cwd": folder,
        "environment": {"PATH": os.environ["PATH"], "SECRET": "of the job"},
        "log_path": folder / "log.txt", "result_path": folder / "result.json",
    }
    return AttemptRequest(**dict(values, **changes))  # type: ignore[arg-type]


def end(engine: LocalEngine, ref: str) -> AttemptStatus:
    def over() -> AttemptStatus | None:
        status = engine.poll([ref])[ref]
        return status if status.outcome.is_over else None

    return wait_until(over, "the attempt to end")


@pytest.mark.parametrize("command, outcome, exit_code, number, reason", [
    ("true", Outcome.SUCCEEDED, 0, None, ""),
    ("exit 3", Outcome.FAILED, 3, None, "exit code 3"),
    ("kill -TERM $$", Outcome.FAILED, None, 15, "ended by signal 15"),
], ids=["success", "exit code", "signal"])
def test_an_attempt_ends_as_its_command(
    engine: LocalEngine, work: Path, command: str, outcome, exit_code, number, reason
) -> None:
    before = time.time()
    status = end(engine, engine.submit(request(work, command)))
    assert (status.outcome, status.exit_code, status.signal, status.reason) == (
        outcome, exit_code, number, reason,
    )
    assert status.host and before - 1 <= status.started <= status.ended <= time.time() + 1


def test_the_result_names_its_attempt_and_is_written_whole(
    engine: LocalEngine, work: Path
) -> None:
    end(engine, engine.submit(request(work, "true", "00001-000-1-abc")))
    folder = work / "00001-000-1-abc"
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert result["attempt_id"] == "00001-000-1-abc"
    assert sorted(path.name for path in folder.iterdir()) == [
        "attempt.lock", "log.txt", "result.json",
    ]


def test_the_environment_is_exactly_what_was_asked_and_not_on_the_command_line(
    engine: LocalEngine, work: Path, gate: Gate
) -> None:
    engine.submit(request(work, "env; " + gate.command))
    gate.wait()
    lines = (work / "a1" / "log.txt").read_text(encoding="utf-8").splitlines()
    assert {line.split("=")[0] for line in lines} <= {"PATH", "SECRET", "PWD", "SHLVL", "_"}
    shown = subprocess.run(["ps", "-eo", "args"], stdout=subprocess.PIPE, text=True).stdout
    assert "of the job" not in shown
    gate.open()


def test_a_missing_working_folder_fails_with_the_reason(engine: LocalEngine, work: Path) -> None:
    status = end(engine, engine.submit(request(work, "true", cwd=work / "nowhere")))
    assert (status.outcome, status.reason) == (Outcome.FAILED, "the command could not be started")
    log = (work / "a1" / "log.txt").read_text(encoding="utf-8")
    assert log.startswith("conductor: the command could not be started") and "nowhere" in log


def test_the_time_limit_ends_the_tree_and_says_so(engine: LocalEngine, work: Path) -> None:
    ref = engine.submit(request(work, "sleep 600 & sleep 600", time_limit_s=0.2))
    status = end(engine, ref)
    assert (status.outcome, status.reason) == (Outcome.FAILED, "stopped at the time limit")
    log = (work / "a1" / "log.txt").read_text(encoding="utf-8")
    assert "conductor: stopped at the time limit of 0.2 s" in log


def test_one_attempt_id_is_started_once(engine: LocalEngine, work: Path, tmp_path: Path) -> None:
    asked = request(work, "echo ran >> '%s'" % (tmp_path / "ran"))
    ref = engine.submit(asked)
    assert engine.submit(asked) == ref
    end(engine, ref)
    assert engine.submit(asked) == ref
    end(engine, ref)
    assert (tmp_path / "ran").read_text(encoding="utf-8") == "ran\n"


def test_cancelling_is_done_when_poll_says_so(
    engine: LocalEngine, work: Path, gate: Gate
) -> None:
    ref = engine.submit(request(work, gate.command))
    gate.wait()
    assert engine.poll([ref])[ref].outcome is Outcome.RUNNING
    assert engine.cancel(ref) and engine.cancel(ref)
    assert end(engine, ref).outcome is Outcome.CANCELLED
    assert engine.cancel(ref) is False


def test_changes_are_told(engine: LocalEngine, work: Path) -> None:
    told: list[Outcome] = []
    ref = str(work / "a1" / "result.json")
    engine.on_change = lambda: told.append(engine.poll([ref])[ref].outcome)
    engine.submit(request(work, "true"))
    wait_until(lambda: told, "the callback")
    assert told == [Outcome.SUCCEEDED]


def test_many_are_polled_at_once_and_strangers_are_unknown(
    engine: LocalEngine, work: Path
) -> None:
    refs = [engine.submit(request(work, "exit %d" % code, "a%d" % code)) for code in range(3)]
    for ref in refs:
        end(engine, ref)
    polled = engine.poll([*refs, str(work / "never" / "result.json")])
    assert [status.outcome for status in polled.values()] == [
        Outcome.SUCCEEDED, Outcome.FAILED, Outcome.FAILED, Outcome.UNKNOWN,
    ]


def test_a_new_engine_sees_what_the_one_before_left(
    engine: LocalEngine, work: Path, gate: Gate
) -> None:
    running = engine.submit(request(work, gate.command, "running"))
    done = engine.submit(request(work, "exit 4", "done"))
    end(engine, done)
    gate.wait()
    after = LocalEngine(work.parent, cores=2)
    assert after.list_mine() == {"running": running}
    assert after.poll([running])[running].outcome is Outcome.RUNNING
    assert after.poll([done])[done].exit_code == 4
    assert after.cancel(running) is False, "only its own service can talk to a supervisor"
    engine.close()
    status = after.poll([running])[running]
    assert status.outcome is Outcome.LOST and "went away" in status.reason
    assert after.list_mine() == {}


def test_a_killed_supervisor_means_lost(engine: LocalEngine, work: Path, gate: Gate) -> None:
    ref = engine.submit(request(work, "echo $PPID; " + gate.command))
    gate.wait()
    pid = int((work / "a1" / "log.txt").read_text(encoding="utf-8"))
    os.kill(pid, signal.SIGKILL)
    assert end(engine, ref).outcome is Outcome.LOST
    gate.open()


def test_capabilities_and_what_it_cannot_do(engine: LocalEngine, work: Path) -> None:
    told = engine.capabilities()
    assert (told.name, told.cores, told.largest_cores) == ("local", 2, 2)
    assert told.largest_memory_gb > 0.1 and told.is_reachable and not told.holds_natively
    assert engine.set_priority("x", 1) is False
    assert engine.validate(request(work, "true", cores=64)) is None
    refusal = engine.validate(request(work, "true", features=("gpu",)))
    assert refusal is not None and "gpu" in refusal


@pytest.mark.parametrize("outcome, is_over", [
    (outcome, outcome not in (Outcome.QUEUED, Outcome.RUNNING)) for outcome in Outcome
])
def test_which_outcomes_are_ends(outcome: Outcome, is_over: bool) -> None:
    assert outcome.is_over is is_over


@pytest.mark.parametrize("reason, code, number, outcome, text", [
    (supervisor.EXITED, 0, None, Outcome.SUCCEEDED, ""),
    (supervisor.EXITED, 1, None, Outcome.FAILED, "exit code 1"),
    (supervisor.EXITED, None, 11, Outcome.FAILED, "ended by signal 11"),
    (supervisor.CANCELLED, 0, None, Outcome.CANCELLED, "killed"),
    (supervisor.TIME_LIMIT, None, 9, Outcome.FAILED, "stopped at the time limit"),
    (supervisor.NOT_STARTED, 127, None, Outcome.FAILED, "the command could not be started"),
])
def test_what_results_mean(reason, code, number, outcome, text) -> None:
    status = status_of({
        "host": "h", "started": 1.0, "ended": 2.0, "exit_code": code, "signal": number,
        "reason": reason,
    })
    assert (status.outcome, status.reason) == (outcome, text)


# The supervisor by itself


@pytest.fixture
def spec(tmp_path: Path) -> dict[str, object]:
    return {
        "attempt_id": "a1", "command": "echo hello", "environment": {"PATH": os.environ["PATH"]},
        "cwd": str(tmp_path), "log_path": str(tmp_path / "log.txt"),
        "result_path": str(tmp_path / "result.json"), "time_limit_s": None, "grace_s": 0.2,
    }


def supervise(spec: dict[str, object], folder: Path) -> subprocess.Popen[bytes]:
    path = folder / "spec.json"
    path.write_text(json.dumps(spec), encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, "-I", "-S", supervisor.__file__, str(path)], stdin=subprocess.PIPE
    )


def test_it_removes_its_spec_and_writes_log_and_result(spec, tmp_path: Path) -> None:
    process = supervise(spec, tmp_path)
    assert process.wait(10) == 0
    assert not (tmp_path / "spec.json").exists()
    assert (tmp_path / "log.txt").read_text(encoding="utf-8") == "hello\n"
    assert json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))["exit_code"] == 0
    process.stdin.close()


def test_it_appends_to_the_log(spec, tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text("before\n", encoding="utf-8")
    process = supervise(spec, tmp_path)
    process.wait(10)
    process.stdin.close()
    assert (tmp_path / "log.txt").read_text(encoding="utf-8") == "before\nhello\n"


def test_a_closed_input_kills_everything_and_leaves_no_result(
    spec, tmp_path: Path, gate: Gate
) -> None:
    spec["command"] = "trap '' TERM; setsid sleep 600 & echo $!; " + gate.command
    process = supervise(spec, tmp_path)
    gate.wait()
    process.stdin.close()
    assert process.wait(10) == 0
    escaped = int((tmp_path / "log.txt").read_text(encoding="utf-8"))
    assert not Path("/proc/%d" % escaped).exists()
    assert not (tmp_path / "result.json").exists()


def test_a_signal_to_the_supervisor_counts_as_cancelled(
    spec, tmp_path: Path, gate: Gate
) -> None:
    spec["command"] = gate.command
    process = supervise(spec, tmp_path)
    gate.wait()
    process.terminate()
    assert process.wait(10) == 0
    result = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert (result["reason"], result["signal"]) == ("cancelled", signal.SIGTERM)
    process.stdin.close()
