"""The promises of "Submitting with the Python API", each against a real service."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import logging
import shutil
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from conductor.lib import api_client, conductor_submit, package_utils
from conductor.lib.api_client import ApiClient
from conductor.lib.config import Config
from conductor.lib.daemons import UploadDaemon
from conductor.lib.downloader import download_job
from conductor.lib.roots import Roots
from conductor.lib.states import JobState, TaskState
from tests.conftest import RunningService
from tests.spec.keeping import keeps

pytestmark = pytest.mark.usefixtures("service_env")

LIMIT_S = 60


def arguments(folder: Path, **more: Any) -> dict[str, Any]:
    """The fewest arguments a job needs; its one task writes what its environment says."""
    output = folder / "output"
    args: dict[str, Any] = {
        "job_title": "spec", "project": "default", "instance_type": "n1-standard-2",
        "output_path": str(output), "local_upload": True,
        "tasks_data": [
            {"command": "mkdir -p '%s' && echo $NAME > '%s/8.txt'" % (output, output),
             "frames": "8"},
        ],
    }
    args.update(more)
    return args


def submit(args: dict[str, Any]) -> dict[str, Any]:
    """Run the script's two lines; the job as the service tells it."""
    response, code = conductor_submit.Submit(args).main()
    assert code == 201, response
    return client().job(response["jobid"])


def client() -> ApiClient:
    return ApiClient.from_config(Config.load())


def wait(jid: str, *states: JobState) -> dict[str, Any]:
    limit = time.monotonic() + LIMIT_S
    while True:
        job = client().job(jid)
        if job["status"] in states:
            return job
        assert time.monotonic() < limit, job
        time.sleep(0.05)


def payload_of(args: dict[str, Any]) -> dict[str, Any]:
    """What would be posted."""
    return conductor_submit.Submit(args).build(client()).to_payload()


@keeps("set-logging")
def test_set_logging_shows_the_clients_log(tmp_path: Path) -> None:
    logger = logging.getLogger("conductor")
    before = logger.level, list(logger.handlers)
    try:
        with contextlib.redirect_stderr(io.StringIO()) as shown:
            conductor_submit.set_logging(logging.DEBUG, str(tmp_path))
            submit(arguments(tmp_path))
        assert "submitted to" in shown.getvalue()
        assert "submitted to" in next(tmp_path.glob("conductor_submit_log*")).read_text()
    finally:
        for handler in [one for one in logger.handlers if one not in before[1]]:
            logger.removeHandler(handler)
            handler.close()
        logger.setLevel(before[0])


@keeps("request-packages", "package-ids")
def test_packages_are_listed_and_chosen_by_id(tmp_path: Path) -> None:
    packages = api_client.request_software_packages()
    slate = next(one for one in packages if one["product"] == "conductor-slate")
    assert slate["relative_path"]
    args = arguments(tmp_path, software_package_ids=[slate["package_id"]])
    assert payload_of(args)["software_package_ids"] == [slate["package_id"]]


@keeps("package-list-script")
def test_the_script_that_lists_package_ids_runs(
    shared_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (shared_dir / "spec" / "python-api.md").read_text(encoding="utf-8")
    block = text.split("#### Package Ids")[1].split("``` python")[1].split("```")[0]
    printed = 'print "\\n".join('
    assert block.count(printed) == 1
    start = block.index(printed)
    rest = block[start + len("print "):].strip()
    exec(compile(block[:start] + "print(%s)" % rest, "python-api.md", "exec"), {})
    slate = next(
        one for one in api_client.request_software_packages() if one["product"] == "conductor-slate"
    )
    lines = capsys.readouterr().out.splitlines()
    assert "%s -- %s" % (slate["package_id"], slate["relative_path"]) in lines


@keeps("merge-environments", "arg-environment")
def test_the_environment_of_packages_and_user_reaches_the_task(tmp_path: Path) -> None:
    packages = [
        one for one in api_client.request_software_packages()
        if one["product"] == "conductor-slate"
    ]
    merged = package_utils.merge_package_environments(
        packages, base_env={"NAME": "batman", "PATH": "/tools/bin"}
    )
    assert merged["PATH"].startswith("/tools/bin:")
    job = submit(arguments(tmp_path, environment=merged))
    wait(job["jid"], JobState.SUCCESS)
    report = download_job(client(), job["jid"], destination=str(tmp_path / "fetched"))
    assert [Path(one.path).read_text() for one in report.files] == ["batman\n"]


@keeps("submit-main", "submit-201")
def test_main_answers_as_the_document_prints(tmp_path: Path) -> None:
    response, code = conductor_submit.Submit(arguments(tmp_path)).main()
    assert code == 201
    jid = response["jobid"]
    assert len(jid) == 5 and jid.isdigit()
    printed = {key: response[key] for key in ("body", "jobid", "status", "uri")}
    assert printed == {
        "body": "job submitted.", "jobid": jid, "status": "success", "uri": "/jobs/" + jid,
    }


SENT = [
    ("autoretry_policy", {"preempted": {"max_retries": 2}, "failed": {"max_retries": 1}}),
    ("chunk_size", 15),
    ("location", "mars"),
    ("metadata", {"shot": "Ez500", "asset": "apple"}),
    ("preemptible", True),
    ("priority", 800),
    ("project", "default"),
    ("software_package_ids", ["ae8026b7d9cfe524a77a3ebe94b9130a"]),
]


@keeps(
    "arg-autoretry_policy", "arg-chunk_size", "arg-location", "arg-metadata", "arg-preemptible",
    "arg-priority", "arg-project", "arg-software_package_ids",
)
@pytest.mark.parametrize("name, value", SENT, ids=[row[0] for row in SENT])
def test_an_argument_is_sent_as_it_is(tmp_path: Path, name: str, value: Any) -> None:
    sent = payload_of(arguments(tmp_path, **{name: value}))[name]
    if name == "metadata":
        sent = {key: sent[key] for key in value}
    assert sent == value


@keeps("arg-job_title")
@pytest.mark.parametrize("name", ["job_title", "title"])
def test_the_title_by_both_of_its_names(tmp_path: Path, name: str) -> None:
    args = arguments(tmp_path)
    del args["job_title"]
    assert payload_of(dict(args, **{name: "My maya job"}))["job_title"] == "My maya job"


@keeps("arg-notify")
def test_notify_is_a_list_of_addresses(tmp_path: Path) -> None:
    addresses = ["fred@flintstones.com", "wilma@flintstones.com"]
    assert payload_of(arguments(tmp_path, notify=addresses))["notify"] == {"emails": addresses}


@keeps("arg-machine_flavor", "arg-cores")
@pytest.mark.parametrize("flavor", ["standard", "highcpu", "highmem"])
def test_flavor_and_cores_choose_the_machine(tmp_path: Path, flavor: str) -> None:
    args = arguments(tmp_path, machine_flavor=flavor, cores=2)
    del args["instance_type"]
    assert payload_of(args)["instance_type"] == "n1-%s-2" % flavor


@keeps("arg-output_path")
def test_what_is_written_below_output_path_comes_back(tmp_path: Path) -> None:
    job = submit(arguments(tmp_path, environment={"NAME": "output"}))
    wait(job["jid"], JobState.SUCCESS)
    shutil.rmtree(str(tmp_path / "output"))
    download_job(client(), job["jid"])
    assert (tmp_path / "output" / "8.txt").read_text() == "output\n"


@keeps("arg-scout_frame")
@pytest.mark.parametrize("name", ["scout_frame", "scout_frames"])
def test_scout_tasks_run_and_the_others_are_held(tmp_path: Path, name: str) -> None:
    tasks = [{"command": "true", "frames": str(frame)} for frame in range(1, 8)]
    job = submit(arguments(tmp_path, tasks_data=tasks, **{name: "1-100x5"}))
    wait(job["jid"], JobState.HOLDING)
    states = [task["status"] for task in client().tasks(job["jid"])]
    scouted, held = TaskState.SUCCESS, TaskState.HOLDING
    assert states == [scouted, held, held, held, held, scouted, held]


@keeps("arg-tasks_data")
def test_each_entry_is_a_task_with_its_command_and_frames(tmp_path: Path) -> None:
    tasks = [{"command": "echo %d" % frame, "frames": str(frame)} for frame in (8, 24)]
    job = submit(arguments(tmp_path, tasks_data=tasks))
    assert payload_of(arguments(tmp_path, tasks_data=tasks))["tasks_data"] == tasks
    told = client().tasks(job["jid"])
    assert [(task["taskLabel"], task["command"]) for task in told] == [
        ("000", "echo 8"), ("001", "echo 24"),
    ]


@keeps("arg-upload_paths")
def test_files_and_directories_are_uploaded(tmp_path: Path) -> None:
    scene = tmp_path / "project" / "batman_0008.vrscene"
    tool = tmp_path / "tools" / "custom_vray" / "bin" / "lib.so"
    for path in (scene, tool):
        path.parent.mkdir(parents=True)
        path.write_text(path.name, encoding="utf-8")
    output = tmp_path / "output"
    command = "cat '%s' '%s' > '%s/both.txt'" % (scene, tool, output)
    job = submit(arguments(
        tmp_path, upload_paths=[str(scene), str(tmp_path / "tools")], scout_frames="1",
        tasks_data=[{"command": command, "frames": "8"}],
    ))
    scene.unlink()
    shutil.rmtree(str(tmp_path / "tools"))
    client().release_tasks(job["jid"])
    wait(job["jid"], JobState.SUCCESS, JobState.FAILED)
    download_job(client(), job["jid"])
    assert (output / "both.txt").read_text() == "batman_0008.vrscenelib.so"


def run_daemon(folder: Path, location: str) -> None:
    """One round of ``conductor uploader --location``, allowed to read one folder."""
    config = Config.load()
    daemon = UploadDaemon(
        ApiClient.from_config(config), config, Roots([str(folder)]), location=location)
    daemon.run(threading.Event(), once=True)


@keeps("arg-local_upload")
def test_an_uploader_daemon_brings_the_files_of_its_location(tmp_path: Path) -> None:
    scene = tmp_path / "project" / "scene.txt"
    scene.parent.mkdir()
    scene.write_text("scene", encoding="utf-8")
    output = tmp_path / "output"
    command = "cp '%s' '%s/'" % (scene, output)
    args = arguments(
        tmp_path, upload_paths=[str(scene)], local_upload=False, location=tmp_path.name,
        tasks_data=[{"command": command, "frames": "8"}],
    )
    job = submit(args)
    assert client().job(job["jid"])["status"] == JobState.UPLOAD_PENDING
    run_daemon(scene.parent, "elsewhere")
    assert client().job(job["jid"])["status"] == JobState.UPLOAD_PENDING
    run_daemon(scene.parent, tmp_path.name)
    wait(job["jid"], JobState.SUCCESS)


@keeps("arg-enforced_md5s")
def test_a_file_that_changed_since_it_was_submitted_is_not_brought(tmp_path: Path) -> None:
    scene = tmp_path / "project" / "scene.txt"
    scene.parent.mkdir()
    scene.write_text("as submitted", encoding="utf-8")
    digest = hashlib.md5(scene.read_bytes()).digest()
    job = submit(arguments(
        tmp_path, upload_paths=[str(scene)], local_upload=False, location=tmp_path.name,
        enforced_md5s={str(scene): base64.b64encode(digest).decode("ascii")},
    ))
    scene.write_text("changed meanwhile", encoding="utf-8")
    run_daemon(scene.parent, tmp_path.name)
    assert wait(job["jid"], JobState.FAILED)


FARM = """
packages:
  - product: vray
    major_version: "1"
    package_id: 7208372e306614d514944938c395e0e7
    environment:
      - {name: PATH, value: "%s", merge_policy: append}
"""
VRAY = """#!/bin/sh
for word in "$@"; do
  case $word in -imgFile=*) echo "vray $*; $VRAY_PLUGINS_x64" > "${word#-imgFile=}.$$";; esac
done
"""


def script_of_the_document(shared_dir: Path, folder: Path) -> str:
    """The quick start, with ``/path/to`` moved to a folder and print as Python 3 has it."""
    text = (shared_dir / "spec" / "python-api.md").read_text(encoding="utf-8")
    block = text.split("## Quick start")[1].split("```python")[1].split("```")[0]
    for name in ("response_code", "response"):
        assert block.count("\nprint %s\n" % name) == 1
        block = block.replace("\nprint %s\n" % name, "\nprint(%s)\n" % name)
    return block.replace("/path/to", str(folder))


@keeps("submit-script")
def test_the_script_of_the_quick_start_runs(
    shared_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quiet_log: None
) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "vray").write_text(VRAY, encoding="utf-8")
    (tools / "vray").chmod(0o755)
    folder = tmp_path / "path"
    for name in ("batman_0008.vrscene", "batman_0024.vrscene"):
        (folder / "project").mkdir(parents=True, exist_ok=True)
        (folder / "project" / name).write_text(name, encoding="utf-8")
    (folder / "tools" / "custom_vray" / "plugin").mkdir(parents=True)
    (folder / "tools" / "custom_vray" / "plugin" / "a.so").write_text("plugin", encoding="utf-8")
    running = RunningService(tmp_path / "service", FARM % tools)
    try:
        for name, value in dict(running.environ, HOME=str(tmp_path)).items():
            monkeypatch.setenv(name, value)
        names: dict[str, Any] = {}
        exec(compile(script_of_the_document(shared_dir, folder), "python-api.md", "exec"), names)
        assert names["response_code"] == 201
        assert names["response"]["body"] == "job submitted."
        jid = names["response"]["jobid"]
        assert names["response"]["uri"] == "/jobs/" + jid
        assert names["response"]["status"] == "success"
        wait(jid, JobState.SUCCESS)
        written = sorted((folder / "project" / "output").iterdir())
        assert len(written) == 2
        assert str(folder / "tools" / "custom_vray" / "plugin") in written[0].read_text()
    finally:
        running.stop()
