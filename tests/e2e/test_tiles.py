"""A job in tiles: every tile of every frame is a task of its own, rendered and expected."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from conductor.cli.connection import connect
from conductor.cli.job_watch import watch_tasks
from conductor.cli.main import run
from conductor.cli.output import console
from conductor.lib.config import Config
from conductor.lib.expected_files import note_path
from conductor.lib.submission import PAYLOAD_ID
from conductor.samples import copy_shot

LIMIT_S = 120


@pytest.fixture
def scene(tmp_path: Path, service_env: Any) -> Path:
    return copy_shot(tmp_path / "my shots")


def submit(scene: Path, capsys: pytest.CaptureFixture[str], *settings: str) -> str:
    capsys.readouterr()
    arguments = [word for setting in settings for word in ("--set", setting)]
    assert run(["clarisse", "submit", str(scene), "--yes", "--json", *arguments]) == 0
    return str(json.loads(capsys.readouterr().out)["response"]["jobid"])


def test_every_tile_is_held_released_rendered_and_expected(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    jid = submit(
        scene, capsys, "images=project://scene/matte", "use_custom_frames=1",
        "custom_frames=3-4", "chunk_size=1", "tiles=2x2", "use_scout_frames=1",
        "scout_frames=auto:1")
    client = connect()
    watch_tasks(client, jid, console(), limit_s=LIMIT_S)
    # All tiles of the scout's chunk ran, all of the other chunk wait.
    states = Counter((task["frames"], task["status"]) for task in client.tasks(jid))
    assert states == {("3", "holding"): 4, ("4", "success"): 4}
    client.release_tasks(jid)
    tasks = watch_tasks(client, jid, console(), limit_s=LIMIT_S)
    assert [task["status"] for task in tasks] == ["success"] * 8

    assert run(["download", jid, "--destination", str(tmp_path / "got")]) == 0
    rendered = sorted(path.name for path in (tmp_path / "got").rglob("*.png"))
    assert rendered == sorted(
        "shot_matte..tilex4-%d.%05d.png" % (tile, frame) for frame in (3, 4)
        for tile in (1, 2, 3, 4))
    identity = client.job(jid)["metadata"][PAYLOAD_ID]
    with open(note_path(Config.load(), identity), encoding="utf-8") as handle:
        noted = json.load(handle)
    assert sorted(Path(file["path"]).name for one in noted["outputs"]
                  for file in one["files"]) == rendered
