"""Two jobs of one scene, a moment apart: each renders its own settings, hours later or not."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import conductor
from conductor.cli.connection import connect
from conductor.cli.job_watch import watch_tasks
from conductor.cli.main import run
from conductor.cli.output import console
from conductor.lib.config import Config
from conductor.lib.expected_files import note_path
from conductor.lib.submission import PAYLOAD_ID
from conductor.samples import copy_shot

BEAUTY = "project://scene/beauty"
LIMIT_S = 90


@pytest.fixture
def scene(tmp_path: Path, service_env: Any) -> Path:
    return copy_shot(tmp_path / "my shots")


def submit(
    scene: Path, frames: str, scout: str, capsys: pytest.CaptureFixture[str], **more: str,
) -> str:
    chosen = dict({
        "images": BEAUTY, "clean_up_render_package": "1", "use_custom_frames": "1",
        "custom_frames": frames, "chunk_size": "1", "use_scout_frames": "1",
        "scout_frames": scout}, **more)
    options = [word for pair in chosen.items() for word in ("--set", "%s=%s" % pair)]
    capsys.readouterr()
    assert run(["clarisse", "submit", str(scene), "--yes", "--json", *options]) == 0
    return str(json.loads(capsys.readouterr().out)["response"]["jobid"])


def rendered(jid: str, folder: Path) -> list[str]:
    assert run(["download", jid, "--destination", str(folder)]) == 0
    return sorted(path.name for path in folder.rglob("*.exr"))


def test_tasks_that_start_late_render_the_settings_of_their_own_job(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    first = submit(scene, "1-2", "1", capsys)
    client = connect()
    watch_tasks(client, first, console(), limit_s=LIMIT_S)
    # The artist goes on: another name, and frames outside the image's own range.
    text = scene.read_text(encoding="utf-8")
    assert "shot_beauty." in text
    scene.write_text(text.replace("shot_beauty.", "shot_later."), encoding="utf-8")
    second = submit(scene, "20-21", "20", capsys)
    watch_tasks(client, second, console(), limit_s=LIMIT_S)
    # The workstation's packages are cleaned up; what lies there was put there by the farm, which
    # here is the same machine. It has to come from the service again.
    for package in scene.parent.glob("*.render.project"):
        package.unlink()
    client.release_tasks(first)
    client.release_tasks(second)
    for jid in (first, second):
        tasks = watch_tasks(client, jid, console(), limit_s=LIMIT_S)
        assert [task["status"] for task in tasks] == ["success", "success"]
    assert rendered(first, tmp_path / "one") == [
        "shot_beauty.00001.exr", "shot_beauty.00002.exr"]
    assert rendered(second, tmp_path / "two") == [
        "shot_later.00020.exr", "shot_later.00021.exr"]


def test_jobs_whose_files_a_daemon_brings_later(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    daemon = {"local_upload": "0", "location": tmp_path.name}
    first = submit(scene, "1", "1", capsys, **daemon)
    text = scene.read_text(encoding="utf-8")
    scene.write_text(text.replace("shot_beauty.", "shot_later."), encoding="utf-8")
    second = submit(scene, "20", "20", capsys, **daemon)
    client = connect()
    assert {client.job(jid)["status"] for jid in (first, second)} == {"upload_pending"}
    # The scene moves on once more before any byte of it was sent.
    scene.write_text(text.replace("shot_beauty.", "shot_never."), encoding="utf-8")
    roots = [str(scene.parent), os.path.dirname(conductor.__file__)]
    options = [word for root in roots for word in ("--root", root)]
    assert run(["uploader", "--location", tmp_path.name, "--once", *options]) == 0
    for jid in (first, second):
        tasks = watch_tasks(client, jid, console(), limit_s=LIMIT_S)
        assert [task["status"] for task in tasks] == ["success"]
    assert rendered(first, tmp_path / "one") == ["shot_beauty.00001.exr"]
    assert rendered(second, tmp_path / "two") == ["shot_later.00020.exr"]


def test_what_is_rendered_is_what_was_expected(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    jid = submit(scene, "3-4", "3-4", capsys)
    client = connect()
    watch_tasks(client, jid, console(), limit_s=LIMIT_S)
    identity = client.job(jid)["metadata"][PAYLOAD_ID]
    with open(note_path(Config.load(), identity), encoding="utf-8") as handle:
        noted = json.load(handle)
    names = [Path(file["path"]).name for one in noted["outputs"] for file in one["files"]]
    assert rendered(jid, tmp_path / "got") == sorted(names)
