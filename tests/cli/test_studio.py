"""The studio's config.yml on the command line: presets, locked attributes, its own check."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any, Callable

import pytest
import yaml

from conductor.cli import main as command
from conductor.lib.api_client import ApiClient
from conductor.samples import copy_shot
from tests.cli.conftest import Run

OLD = Path(__file__).resolve().parent.parent / "clarisse" / "old_scenes"

Configured = Callable[..., None]


@pytest.fixture
def scene(tmp_path: Path) -> str:
    return str(copy_shot(tmp_path / "shot"))


@pytest.fixture
def configured(tmp_path: Path, clean_home: Path, monkeypatch: pytest.MonkeyPatch) -> Configured:
    def write(**settings: Any) -> None:
        path = tmp_path / "config.yml"
        path.write_text(yaml.safe_dump(settings), encoding="utf-8")
        monkeypatch.setenv("CONDUCTOR_CONFIG", str(path))
    return write


def hook(tmp_path: Path, lines: str) -> dict[str, Any]:
    path = tmp_path / "hook.py"
    path.write_text("import json, sys\ngiven = json.load(sys.stdin)\n" + lines, "utf-8")
    return {"pre_submit": [sys.executable, str(path)]}


def test_a_preset_then_set(configured: Configured, scene: str, run: Run) -> None:
    configured(clarisse_defaults={
        "presets": {"lookdev": {"retries": 1, "title": '"lookdev"'}}})
    payload = json.loads(run("clarisse", "preview", scene, "--json", "--preset", "lookdev",
                             "--set", "retries=2"))["payload"]
    assert payload["job_title"] == "lookdev"
    assert payload["autoretry_policy"]["failed"] == {"max_retries": 2}


def test_a_preset_that_is_not_there(
    configured: Configured, scene: str, capsys: pytest.CaptureFixture[str],
) -> None:
    configured(clarisse_defaults={"presets": {"lookdev": {}}})
    assert command.run(["clarisse", "check", scene, "--preset", "lok"]) == 2
    assert "there are: lookdev" in capsys.readouterr().err


def test_a_locked_attribute_stops_what_is_set_here(
    configured: Configured, scene: str, run: Run,
) -> None:
    configured(clarisse_defaults={"locked": ["retries"], "retries": 1})
    report = json.loads(run("clarisse", "check", scene, "--json", "--set", "retries=9", code=2))
    assert "attribute-locked" in [one["code"] for one in report["findings"]]
    report = json.loads(run("clarisse", "check", scene, "--json"))
    assert "attribute-locked" not in [one["code"] for one in report["findings"]]


@pytest.mark.parametrize("lines, code", [
    ("sys.exit('no renders of ' + given['payload']['job_title'])", 2),
    ("print(json.dumps([{'level': 'info', 'message': 'well done'}]))", 0),
], ids=["refused", "told"])
def test_the_studio_looks_at_a_scene_that_is_submitted(
    configured: Configured, scene: str, client: ApiClient, tmp_path: Path, lines: str, code: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    configured(hooks=hook(tmp_path, lines))
    before = len(client.jobs())
    arguments = ["clarisse", "submit", scene, "--yes", "--set", "title=night shift"]
    assert command.run(arguments) == code
    told = capsys.readouterr().err
    assert ("no renders of night shift" if code else "well done") in told
    assert len(client.jobs()) == before + (not code)
    packages = list(Path(scene).parent.glob("*.render.project"))
    assert not (code and packages), "a refused job leaves nothing"


def test_the_studio_looks_at_a_job_file_that_is_submitted(
    configured: Configured, client: ApiClient, tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    configured(hooks=hook(tmp_path, "sys.exit('not on fridays')"))
    path = tmp_path / "job.yaml"
    path.write_text(yaml.safe_dump({
        "job_title": "x", "project": "default", "instance_type": "n1-standard-2",
        "output_path": str(tmp_path / "out"), "upload_paths": [str(path)],
        "tasks_data": [{"command": "true", "frames": "1"}]}))
    before = len(client.jobs())
    assert command.run(["submit", str(path)]) == 2
    assert "pre_submit: not on fridays" in capsys.readouterr().err
    assert len(client.jobs()) == before
    assert command.run(["submit", str(path), "--dry-run"]) == 0


def test_a_job_of_another_plugin_is_told_and_what_is_set_here_wins(
    clean_home: Path, tmp_path: Path, run: Run,
) -> None:
    scene = str(tmp_path / "old.project")
    shutil.copy(str(OLD / "cioclarisse_0_3_2.project"), scene)
    report = json.loads(run("clarisse", "preview", scene, "--json", "--set", "retries=3"))
    assert report["payload"]["autoretry_policy"]["failed"] == {"max_retries": 3}
    assert len([one for one in report["findings"] if one["code"] == "old-scene"]) == 12
    assert "Saved by cioclarisse 0.3.2: images_and_layers" in run("clarisse", "check", scene)


def test_the_machine_of_another_plugin_is_found_by_its_description(
    service_env: Any, tmp_path: Path, run: Run,
) -> None:
    scene = str(tmp_path / "old.project")
    shutil.copy(str(OLD / "may_2019.project"), scene)
    report = json.loads(run("clarisse", "preview", scene, "--json"))
    assert report["payload"]["instance_type"] == "n1-standard-2"
    assert any("last_instance_type" in one["message"] for one in report["findings"])


def test_a_job_of_another_plugin_is_submitted(
    client: ApiClient, tmp_path: Path, run: Run,
) -> None:
    scene = str(tmp_path / "old.project")
    shutil.copy(str(OLD / "may_2019.project"), scene)
    answer = json.loads(run("clarisse", "submit", scene, "--yes", "--json"))
    job = client.job(answer["response"]["jobid"])
    assert job["title"] == "old vr 8"
    # The file stays as the artist had it.
    assert Path(scene).read_bytes() == (OLD / "may_2019.project").read_bytes()
