"""Jobs that really run: states, exit codes, retries, kills, inputs, outputs, environment, logs."""

from __future__ import annotations

import os
import shlex
import signal
import time
from pathlib import Path

import pytest
from service_client import Client, Gate, Server, alive, md5_of, wait_until

# Ends


@pytest.mark.parametrize("command, job_state, exit_code, description", [
    ("true", "success", 0, ""),
    ("exit 3", "failed", 3, "exit code 3"),
    ("no_such_program_at_all", "failed", 127, "exit code 127"),
    ("kill -9 $$", "failed", None, "ended by signal 9"),
], ids=["success", "exit code", "no such program", "signal"])
def test_a_job_ends_as_its_command_does(
    client: Client, output: Path, command: str, job_state: str, exit_code, description: str
) -> None:
    jid = client.submit(command, output_path=str(output))
    job = client.wait(jid)
    assert job["status"] == job_state
    task, = client.tasks(jid)
    assert (task["status"], task["exit_code"]) == (job_state, exit_code)
    assert task["status_description"] == description
    assert task["run_time_s"] >= 0 and job["ended"]


def test_a_task_is_seen_running_and_its_log_grows(
    client: Client, output: Path, gate: Gate
) -> None:
    jid = client.submit("echo begun; %s; echo done" % gate.command, output_path=str(output))
    gate.wait()
    assert client.job(jid)["status"] == "running" and client.states(jid) == ["running"]
    wait_until(lambda: client.log(jid)["logs"][0]["log"] == ["begun"], "the first line")
    gate.open()
    client.wait(jid)
    log = client.log(jid)
    assert log["logs"][0]["log"] == ["begun", "done"] and log["task_status"] == "success"


def test_standard_output_and_error_are_one_log_read_from_any_line(
    client: Client, output: Path
) -> None:
    jid = client.submit("echo one; echo two >&2; printf three", output_path=str(output))
    client.wait(jid)
    whole = client.log(jid)
    assert whole["logs"][0]["log"] == ["one", "two", "three"]
    assert whole["new_num_lines"] == [3]
    rest = client.get("/get_log_file?job=%s&task=000&num_lines[]=2" % jid)
    assert rest["logs"][0]["log"] == ["three"] and rest["new_num_lines"] == [3]


# Retries


def test_a_failed_task_is_tried_again_as_often_as_the_policy_says(
    client: Client, output: Path
) -> None:
    policy = {"failed": {"max_retries": 2}}
    jid = client.submit("echo again; exit 7", output_path=str(output), autoretry_policy=policy)
    client.wait(jid)
    task, = client.tasks(jid)
    assert (task["status"], task["attempts"], task["retries"]) == ("failed", 3, 2)
    logs = client.log(jid)["logs"]
    assert [log["log"] for log in logs] == [["again"]] * 3
    assert [log["state"] for log in logs] == ["failed"] * 3


def test_a_retry_that_succeeds_ends_the_trying(
    client: Client, output: Path, tmp_path: Path
) -> None:
    marker = shlex.quote(str(tmp_path / "marker"))
    jid = client.submit(
        "[ -e %s ] || { touch %s; exit 1; }" % (marker, marker), output_path=str(output),
        autoretry_policy={"failed": {"max_retries": 5}},
    )
    assert client.wait(jid)["status"] == "success"
    assert client.tasks(jid)[0]["attempts"] == 2


def test_without_a_policy_nothing_is_retried_until_the_user_asks(
    client: Client, output: Path
) -> None:
    jid = client.submit("exit 1", "true", output_path=str(output))
    assert client.wait(jid)["status"] == "failed"
    assert [task["attempts"] for task in client.tasks(jid)] == [1, 1]
    assert client.act("retry", jid) == 1
    wait_until(lambda: client.tasks(jid)[0]["attempts"] == 2, "the second attempt")
    client.wait(jid)
    assert [task["attempts"] for task in client.tasks(jid)] == [2, 1]


# Scouts


def test_scouts_run_and_the_others_hold_until_released(client: Client, output: Path) -> None:
    tasks = [
        {"command": "true", "frames": frames} for frames in ("1-2", "3-4", "5-6", "7-8", "")
    ]
    jid = client.submit(output_path=str(output), tasks_data=tasks, scout_frames="3, 8")
    job = client.wait(jid, "holding")
    expected = ["holding", "success", "holding", "success", "holding"]
    assert client.states(jid) == expected
    assert (job["holding"], job["success"], job["tasks"]) == (3, 2, 5)
    assert client.act("release", jid, "002") == 1
    wait_until(lambda: client.states(jid)[2] == "success", "the released task")
    assert client.act("release", jid) == 2
    assert client.wait(jid)["success"] == 5
    assert client.act("release", jid) == 0


# Kills


def test_a_kill_ends_the_whole_process_tree(client: Client, output: Path, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    note = "echo $! >> %s" % shlex.quote(str(pids))
    jid = client.submit(
        "sleep 600 & %s; setsid sleep 600 & %s; (sleep 600; true) & %s; "
        "trap '' TERM; echo $$ >> %s; while :; do sleep 600; done"
        % (note, note, note, shlex.quote(str(pids))),
        output_path=str(output),
    )
    wait_until(
        lambda: pids.exists() and len(pids.read_text(encoding="utf-8").split()) == 4, "all to run"
    )
    assert client.act("kill", jid) == 1
    assert client.wait(jid)["status"] == "killed"
    started = [int(pid) for pid in pids.read_text(encoding="utf-8").split()]
    assert [pid for pid in started if alive(pid)] == []
    assert client.tasks(jid)[0]["status_description"] == "killed"
    assert client.outputs(jid) == {}


def test_a_kill_asks_before_it_kills(client: Client, output: Path, gate: Gate) -> None:
    jid = client.submit(
        "trap 'echo tidied up; exit 0' TERM; %s" % gate.command, output_path=str(output)
    )
    gate.wait()
    client.act("kill", jid, "000")
    assert client.wait(jid)["status"] == "killed"
    assert client.log(jid)["logs"][0]["log"][-1] == "tidied up"


def test_a_kill_of_what_has_not_begun_is_immediate(
    client: Client, output: Path, gate: Gate
) -> None:
    jid = client.submit(gate.command, "true", "true", output_path=str(output), scout_frames="1-2")
    gate.wait()
    assert client.states(jid) == ["running", "pending", "holding"]
    assert client.act("kill", jid, "001", "002") == 2
    assert client.states(jid) == ["running", "killed", "killed"]
    gate.open()
    assert client.wait(jid)["status"] == "killed"
    assert client.states(jid)[0] == "success"
    assert client.act("kill", jid) == 0


def test_a_killed_task_is_not_retried_by_policy_but_by_the_user(
    client: Client, output: Path, gate: Gate
) -> None:
    jid = client.submit(
        gate.command, output_path=str(output), autoretry_policy={"failed": {"max_retries": 3}}
    )
    gate.wait()
    client.act("kill", jid)
    client.wait(jid)
    assert client.tasks(jid)[0]["attempts"] == 1
    gate.open()
    client.act("retry", jid, "000")
    assert client.wait(jid, "success")


def test_what_a_command_leaves_running_is_ended(
    client: Client, output: Path, tmp_path: Path
) -> None:
    pid_file = tmp_path / "pid"
    jid = client.submit(
        "sleep 600 & echo $! > %s" % shlex.quote(str(pid_file)), output_path=str(output)
    )
    assert client.wait(jid)["status"] == "success"
    assert not alive(int(pid_file.read_text(encoding="utf-8")))


# Inputs


def input_entry(path: Path, content: bytes, mode: int = 0o100644) -> dict[str, object]:
    return {
        "destination": str(path), "md5": md5_of(content), "st_size": len(content), "st_mode": mode,
    }


def test_a_missing_input_is_written_with_its_mode(
    client: Client, output: Path, tmp_path: Path
) -> None:
    script = tmp_path / "deep" / "down" / "ct tool"
    content = b"#!/bin/sh\necho from the script\n"
    client.upload(content)
    jid = client.submit(
        shlex.quote(str(script)), output_path=str(output),
        upload_files=[input_entry(script, content, 0o100750)],
    )
    assert client.wait(jid)["status"] == "success"
    assert client.log(jid)["logs"][0]["log"] == ["from the script"]
    assert script.stat().st_mode & 0o777 == 0o750
    assert [path.name for path in script.parent.iterdir()] == ["ct tool"]


def test_an_input_that_is_there_is_used_in_place(
    client: Client, output: Path, tmp_path: Path
) -> None:
    path, content = tmp_path / "texture.png", b"texels of the shot"
    path.write_bytes(content)
    before = path.stat()
    client.upload(content)
    jid = client.submit(
        "cat %s" % shlex.quote(str(path)), output_path=str(output),
        upload_files=[input_entry(path, content)],
    )
    client.wait(jid, "success")
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("taken_away", [True, False], ids=["gone", "there"])
def test_a_failure_without_an_input_is_not_the_tasks(
    client: Client, output: Path, tmp_path: Path, taken_away: bool
) -> None:
    """The artist's side cleans up its render package once the service has the bytes, and may do so
    between the look at the inputs and the command: without any policy the task runs again."""
    path, content, mark = tmp_path / "a.render.project", b"#Isotropix", tmp_path / "first is over"
    path.write_bytes(content)
    client.upload(content)
    jid = client.submit(
        "[ -e {mark} ] && exec cat {path}; touch {mark}; {spoil}; exit 3".format(
            mark=shlex.quote(str(mark)), path=shlex.quote(str(path)),
            spoil="rm %s" % shlex.quote(str(path)) if taken_away else "true"),
        output_path=str(output), upload_files=[input_entry(path, content)],
    )
    assert client.wait(jid)["status"] == ("success" if taken_away else "failed")
    assert path.read_bytes() == content
    assert len(client.log(jid)["logs"]) == (2 if taken_away else 1)


@pytest.mark.parametrize("there", [b"THE SAME SIZE", b"another size"], ids=["content", "size"])
def test_an_input_that_is_there_and_differs_fails_the_task_and_is_left_alone(
    client: Client, output: Path, tmp_path: Path, there: bytes
) -> None:
    path, content = tmp_path / "texture.png", b"the same size"
    client.upload(content)
    path.write_bytes(there)
    jid = client.submit(
        "true", output_path=str(output), upload_files=[input_entry(path, content)],
        autoretry_policy={"failed": {"max_retries": 3}},
    )
    assert client.wait(jid)["status"] == "failed"
    line, = client.log(jid)["logs"][0]["log"]
    assert line.startswith("conductor: input ") and str(path) in line and "other content" in line
    assert client.tasks(jid)[0]["attempts"] == 1, "trying again would not help"
    assert path.read_bytes() == there


def test_an_input_that_changes_between_two_tasks_fails_the_second(
    client: Client, output: Path, tmp_path: Path
) -> None:
    path, content = tmp_path / "texture.png", b"first"
    client.upload(content)
    jid = client.submit(
        "echo other > %s" % shlex.quote(str(path)), "true", output_path=str(output),
        upload_files=[input_entry(path, content)],
    )
    assert client.wait(jid)["status"] == "failed"
    assert client.states(jid) == ["success", "failed"]


def test_an_input_below_a_file_fails_the_task_with_the_reason(
    client: Client, output: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    client.upload(b"input")
    jid = client.submit(
        "true", output_path=str(output),
        upload_files=[input_entry(tmp_path / "file" / "below", b"input")],
    )
    assert client.wait(jid)["status"] == "failed"
    assert "cannot be put in place" in client.log(jid)["logs"][0]["log"][0]


def test_windows_paths_lose_their_drive_on_the_node(
    client: Client, output: Path, tmp_path: Path
) -> None:
    client.upload(b"windows")
    entry = input_entry(tmp_path / "from windows.txt", b"windows")
    entry["destination"] = "C:" + str(entry["destination"])
    jid = client.submit(
        "cp %s %s" % (shlex.quote(str(tmp_path / "from windows.txt")), shlex.quote(str(output))),
        output_path="C:" + str(output), upload_files=[entry],
    )
    assert client.wait(jid)["status"] == "success"
    assert client.outputs(jid) == {"from windows.txt": b"windows"}
    assert client.job(jid)["output_path"] == "C:" + str(output)


# Outputs


def test_outputs_are_the_files_a_task_wrote_or_changed(client: Client, output: Path) -> None:
    (output / "old").mkdir(parents=True)
    for name in ("kept.txt", "changed.txt", "old/deep.txt"):
        (output / name).write_text("before", encoding="utf-8")
    folder = shlex.quote(str(output))
    jid = client.submit(
        "cd %s; mkdir -p new/er; echo 1 > new/er/a.txt; echo 2 > changed.txt; touch old/deep.txt; "
        "ln -s kept.txt link" % folder,
        "cd %s; echo 3 > second.txt" % folder,
        output_path=str(output),
    )
    client.wait(jid, "success")
    first, second = client.ask("POST", "/jobs/%s/downloads" % jid, 201, json={})["downloads"]
    names = [file["relative_path"] for file in first["files"]]
    assert names == ["changed.txt", "new/er/a.txt", "old/deep.txt"]
    assert [file["relative_path"] for file in second["files"]] == ["second.txt"]
    assert client.outputs(jid)["new/er/a.txt"] == b"1\n"
    assert first["size"] == 2 + 2 + 6


def test_outputs_stay_as_they_were_when_the_task_ended(client: Client, output: Path) -> None:
    frame = shlex.quote(str(output / "frame.exr"))
    jid = client.submit("echo rendered > %s" % frame, output_path=str(output))
    client.wait(jid, "success")
    (output / "frame.exr").write_text("painted over", encoding="utf-8")
    assert client.outputs(jid) == {"frame.exr": b"rendered\n"}


def test_failed_tasks_give_no_outputs(client: Client, output: Path) -> None:
    half = shlex.quote(str(output / "half.exr"))
    jid = client.submit("echo half > %s; exit 1" % half, output_path=str(output))
    client.wait(jid, "failed")
    assert client.outputs(jid) == {}


def test_overlapping_outputs_never_run_at_once_and_others_do(
    client: Client, output: Path, gate: Gate
) -> None:
    first = client.submit(gate.command, output_path=str(output / "shot"))
    gate.wait()
    below = client.submit("true", output_path=str(output / "shot" / "beauty"))
    above = client.submit("true", output_path=str(output))
    beside = client.submit("true", output_path=str(output / "shot2"))
    client.wait(beside, "success")
    assert client.states(below) == client.states(above) == ["pending"]
    gate.open()
    for jid in (first, below, above):
        client.wait(jid, "success")


def test_higher_priority_goes_first(client: Client, output: Path, gate: Gate) -> None:
    client.submit(gate.command, output_path=str(output))
    gate.wait()
    order = output.parent / "order"
    note = "echo %%s >> %s" % shlex.quote(str(order))
    jids = [
        client.submit(note % priority, output_path=str(output), priority=priority)
        for priority in (1, 800, 5)
    ]
    gate.open()
    for jid in jids:
        client.wait(jid, "success")
    assert order.read_text(encoding="utf-8").split() == ["800", "5", "1"]


# Environment


def test_the_environment_is_the_jobs_and_little_else(
    client: Client, server: Server, output: Path
) -> None:
    jid = client.submit(
        "env -0 | tr '\\0' '\\n'; pwd", output_path=str(output),
        environment={"PATH": "/opt/first", "CT_QUOTED": "a 'b' $c", "CONDUCTOR_PATHHELPER": 0},
    )
    client.wait(jid, "success")
    lines = client.log(jid)["logs"][0]["log"]
    seen = dict(line.split("=", 1) for line in lines if "=" in line)
    assert seen["PATH"] == "/opt/first" + os.pathsep + os.environ["PATH"]
    assert seen["CT_QUOTED"] == "a 'b' $c"
    assert seen["CONDUCTOR_PATHHELPER"] == "0"
    assert (seen["CONDUCTOR_JOBID"], seen["CONDUCTOR_TASKID"]) == (jid, "000")
    allowed = {
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "PWD",
        "OLDPWD", "SHLVL", "_", "CT_QUOTED", "CONDUCTOR_PATHHELPER", "CONDUCTOR_JOBID",
        "CONDUCTOR_TASKID", "CONDUCTOR_ATTEMPTID",
    }
    assert set(seen) <= allowed
    key = server.key_path.read_text(encoding="utf-8")
    assert not any(value and value in key for value in seen.values() if len(value) > 8)


def test_the_slate_package_puts_a_cnode_on_the_path(client: Client, output: Path) -> None:
    package, = [
        package for package in client.get("/api/v1/ee/packages")["data"]
        if package["product"] == "conductor-slate"
    ]
    variable, = package["environment"]
    assert (variable["name"], variable["merge_policy"]) == ("PATH", "append")
    jid = client.submit(
        "command -v cnode", output_path=str(output), environment={"PATH": variable["value"]}
    )
    client.wait(jid, "success")
    launcher = Path(client.log(jid)["logs"][0]["log"][0])
    assert launcher == Path(variable["value"]) / "cnode"
    assert launcher.stat().st_mode & 0o777 == 0o755
    assert "-m conductor.slate" in launcher.read_text(encoding="utf-8")


def test_a_command_has_no_input_to_wait_for(client: Client, output: Path) -> None:
    jid = client.submit("cat; echo end of input", output_path=str(output))
    client.wait(jid, "success")
    assert client.log(jid)["logs"][0]["log"] == ["end of input"]


# Going down and coming up again


def test_a_restart_goes_on_where_it_was(own_server: Server, tmp_path: Path, gate: Gate) -> None:
    client = own_server.start().client()
    counting = "echo ran >> %s; " % shlex.quote(str(tmp_path / "ran"))
    running = client.submit(counting + gate.command, output_path=str(tmp_path / "a"))
    gate.wait()
    queued = client.submit("true", output_path=str(tmp_path / "a"))
    held = client.submit("true", "true", output_path=str(tmp_path / "b"), scout_frames="1")
    client.wait(held, "holding")

    gate.reached.unlink()
    assert own_server.stop(signal.SIGTERM) == 0
    client = own_server.start().client()

    gate.wait()
    assert client.states(running) == ["running"]
    gate.open()
    assert client.wait(running)["status"] == "success"
    task, = client.tasks(running)
    assert (task["attempts"], task["preempted"], task["retries"]) == (2, 1, 0)
    assert [log["state"] for log in client.log(running)["logs"]] == ["lost", "succeeded"]
    assert client.wait(queued)["status"] == "success"
    assert client.states(held) == ["success", "holding"]
    assert (tmp_path / "ran").read_text(encoding="utf-8").split() == ["ran", "ran"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_the_service(
    own_server: Server, tmp_path: Path, number: int
) -> None:
    client = own_server.start().client()
    pids = tmp_path / "pids"
    client.submit(
        "trap '' TERM INT; sleep 600 & echo $$ $! > {0}.new; mv {0}.new {0}; sleep 600; sleep 600"
        .format(shlex.quote(str(pids))),
        output_path=str(tmp_path / "out"),
    )
    wait_until(pids.exists, "the command to run")
    began = time.monotonic()
    assert own_server.stop(number) == (-number if number == signal.SIGKILL else 0)
    assert time.monotonic() - began < 9, "though a client is still connected"
    started = [int(pid) for pid in pids.read_text(encoding="utf-8").split()]
    wait_until(lambda: not any(map(alive, started)), "the processes to go", 5)


def test_a_task_that_ended_while_the_service_was_away_is_not_run_again(
    own_server: Server, tmp_path: Path, gate: Gate
) -> None:
    """Its result file wins: the supervisor wrote it, the service died before it looked."""
    client = own_server.start().client()
    jid = client.submit(gate.command, output_path=str(tmp_path / "out"))
    gate.wait()
    folder, = (own_server.data / "attempts" / jid).iterdir()
    own_server.stop(signal.SIGKILL)
    wait_until(lambda: not (folder / "spec.json").exists(), "the supervisor to have read")
    (tmp_path / "out" / "frame.exr").write_text("rendered", encoding="utf-8")
    (folder / "result.json").write_text(
        '{"attempt_id": "%s", "host": "here", "started": 1.0, "ended": 3.5, "reason": "exited", '
        '"exit_code": 0, "signal": null}' % folder.name, encoding="utf-8",
    )
    client = own_server.start().client()
    assert client.wait(jid)["status"] == "success"
    task, = client.tasks(jid)
    assert (task["attempts"], task["run_time_s"]) == (1, 2.5)
    assert client.outputs(jid) == {"frame.exr": b"rendered"}
