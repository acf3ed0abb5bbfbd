"""``conductor clarisse``: scenes without Clarisse."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from conductor.cli import main as command
from conductor.cli.connection import connect
from conductor.cli.job_watch import watch_tasks
from conductor.cli.output import console
from conductor.samples import copy_shot

BEAUTY = "project://scene/beauty"


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    return copy_shot(tmp_path / "my shot")


@pytest.fixture
def kubix(shared_dir: Path) -> str:
    """A file that Clarisse 4 wrote itself."""
    return str(shared_dir / "data" / "kubix_demo.project")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    """The JSON that a subcommand prints, alone on standard output."""
    capsys.readouterr()
    found = command.run(["clarisse", *arguments, "--json"])
    caught = capsys.readouterr()
    assert found == code, caught.err
    return json.loads(caught.out)


def codes(report: Any, level: str) -> list[str]:
    return [finding["code"] for finding in report["findings"] if finding["level"] == level]


def test_what_a_scene_holds(scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "info", str(scene))
    assert found["clarisse"] == "5" and found["jobs"] == ["project://ConductorJob"]
    assert [(image["path"], image["frames"]) for image in found["images"]] == [
        (BEAUTY, "1-8"), (BEAUTY + ".cube", "1-8"), (BEAUTY + ".background", "1-8"),
        ("project://scene/matte", "3-10"), ("project://scene/matte.cube_matte", "3-10"),
    ]
    assert command.run(["clarisse", "info", str(scene)]) == 0
    told = capsys.readouterr().out
    assert "Clarisse 5" in told and "$PDIR/renders/beauty/shot_beauty." in told
    assert "ConductorJob: project://ConductorJob" in told


@pytest.mark.parametrize("content", [
    pytest.param(b"Context \"a\" {\n", id="not-closed"),
    pytest.param(b"\xff\xfe\x00binary", id="binary"),
])
def test_what_is_no_project_is_named(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.project").write_bytes(content)
    assert command.run(["clarisse", "info", str(tmp_path / "broken.project")]) == 3
    assert capsys.readouterr().err.startswith("conductor: ")


def test_a_preview_without_a_service(
    scene: Path, clean_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in scene.parent.rglob("*") if path.is_file()}
    report = printed(capsys, "preview", str(scene))
    assert list(report) == ["payload", "summary", "findings"]
    assert [task["frames"] for task in report["payload"]["tasks_data"]] == [
        "1-2", "3-4", "5-6", "7-8", "9-10"]
    assert len(codes(report, "warning")) == 1, "names could not be checked: said once"
    assert report["summary"]["frames"] == "2 Scout / 10 Frames -- 5 Chunks -- 1-10"
    after = {path: path.read_bytes() for path in scene.parent.rglob("*") if path.is_file()}
    assert after == before, "a preview writes nothing"


def test_a_preview_with_a_service(
    scene: Path, service_env: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    report = printed(capsys, "preview", str(scene))
    assert {one["code"] for one in report["findings"]} == {"frames-outside"}
    assert report["payload"]["software_package_ids"]
    assert command.run(["clarisse", "preview", str(scene)]) == 0
    assert "2 Scout / 10 Frames" in capsys.readouterr().out


def test_what_only_clarisse_understands_is_an_error_that_points_at_the_place(
    scene: Path, service_env: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    template = '"render "+format($CT_CHUNKSTART)+$CT_RENDER_PACKAGE'
    report = printed(
        capsys, "preview", str(scene), "--set", "task_template=" + template, code=2)
    assert codes(report, "error") == ["task-template"]
    (found,) = [one for one in report["findings"] if one["level"] == "error"]
    assert "there is no function format here" in found["message"]
    assert "^ here" in found["message"]
    assert report["payload"]["tasks_data"] == []


def test_the_clarisse_that_saved_the_scene_is_looked_for(
    scene: Path, service_env: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.write_text(scene.read_text().replace(
        "#Isotropix_Clarisse_Version 5", "#Isotropix_Clarisse_Version 4.5"))
    report = printed(capsys, "preview", str(scene), "--set", "packages=")
    (found,) = [one for one in report["findings"] if one["code"] == "packages-missing"]
    assert "Clarisse 4.5." in found["message"]


@pytest.mark.parametrize(("options", "frames"), [
    pytest.param(["--set", "custom_frames=1-10x3"], ["1-4x3", "7-10x3"], id="custom-frames"),
    pytest.param(["--set", "use_custom_frames=no", "--set", "chunk_size=5"], ["1-5", "6-10"],
                 id="own-ranges"),
    pytest.param(["--image", BEAUTY], ["1-5", "6-8"], id="a-new-job-for-an-image"),
    pytest.param(["--job", "project://ConductorJob", "--set", "images=" + BEAUTY, "--set",
                  "use_custom_frames=0"], ["1-2", "3-4", "5-6", "7-8"], id="images-of-a-saved-job"),
])
def test_settings_for_one_run(
    scene: Path, service_env: Any, options: list[str], frames: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    capsys.readouterr()
    command.run(["clarisse", "preview", str(scene), *options, "--json"])
    report = json.loads(capsys.readouterr().out)
    assert [task["frames"] for task in report["payload"]["tasks_data"]] == frames


def test_the_real_file_of_clarisse_4(
    kubix: str, clean_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = hashlib.sha256(Path(kubix).read_bytes()).hexdigest()
    report = printed(
        capsys, "preview", kubix, "--image", "project://scene/image", "--set",
        "use_custom_frames=1", "--set", "custom_frames=1-10x3", code=2,
    )
    assert [task["frames"] for task in report["payload"]["tasks_data"]] == ["1-10x3"]
    assert any("save_as" in finding["message"] or "Save As" in finding["message"]
               for finding in report["findings"] if finding["level"] == "error")
    assert hashlib.sha256(Path(kubix).read_bytes()).hexdigest() == before


def test_submit_sends_what_preview_showed(
    scene: Path, service_env: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shown = printed(capsys, "preview", str(scene))["payload"]
    answer = printed(capsys, "submit", str(scene))
    assert answer["code"] == 201
    client = connect()
    jid = str(answer["response"]["jobid"])
    tasks = watch_tasks(client, jid, console(), limit_s=60)
    assert [task["frames"] for task in tasks] == [
        task["frames"] for task in shown["tasks_data"]]
    assert [task["status"] for task in tasks] == [
        "holding", "success", "holding", "success", "holding"]
    client.kill_jobs(jid)


def test_errors_stop_a_submission(
    scene: Path, service_env: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    code = command.run(["clarisse", "submit", str(scene), "--set", "project=gone"])
    caught = capsys.readouterr()
    assert code == 2
    assert '"gone"' in caught.err and not caught.out
    assert not list(scene.parent.glob("*.render.project"))


def test_warnings_are_asked_about(
    scene: Path, service_env: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    os.unlink(scene.parent / "geo" / "cube.obj")
    code = command.run(["clarisse", "submit", str(scene)])
    caught = capsys.readouterr()
    assert code != 0, "nobody is there to agree"
    assert "cube.obj" in caught.err
    answer = printed(capsys, "submit", str(scene), "--yes")
    assert answer["code"] == 201
    connect().kill_jobs(str(answer["response"]["jobid"]))


@pytest.mark.parametrize(("options", "code", "said"), [
    pytest.param(["--set", "chunk_size"], 2, "NAME=VALUE", id="no-value"),
    pytest.param(["--set", "chunksize=2"], 2, "chunk_size", id="unknown-name"),
    pytest.param(["--set", "chunk_size=two"], 2, "two", id="no-number"),
    pytest.param(["--image", "project://scene/gone"], 3, "project://scene/gone", id="no-image"),
    pytest.param(["--job", "project://ConductorJob", "--image", BEAUTY], 2, "--set",
                 id="job-and-image"),
    pytest.param(["--job", "project://gone"], 3, "project://gone", id="no-job"),
])
def test_wrong_options_are_quoted(
    scene: Path, clean_home: Path, options: list[str], code: int, said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command.run(["clarisse", "preview", str(scene), *options]) == code
    caught = capsys.readouterr()
    assert said in caught.err and not caught.out
