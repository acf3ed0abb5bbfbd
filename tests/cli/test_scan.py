"""``conductor clarisse scan``: files, sizes, who asks, and why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conductor.cli import main as command
from conductor.samples import copy_shot

BACKDROP = "project://scene/textures/backdrop.filename"


@pytest.fixture
def scene(tmp_path: Path, clean_home: Path) -> Path:
    return copy_shot(tmp_path / "shot")


def run(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    capsys.readouterr()
    found = command.run(["clarisse", "scan", *arguments])
    caught = capsys.readouterr()
    assert found == code, caught.err
    return caught.out if not code else caught.err


def backdrops(capsys: pytest.CaptureFixture[str], scene: Path, *arguments: str) -> list[str]:
    report = json.loads(run(capsys, str(scene), *arguments, "--json"))
    return [Path(one["path"]).name.split(".")[1] for one in report["files"]
            if one["asked_by"] == [BACKDROP]]


def test_the_report_as_json(scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (scene.parent / "textures" / "floor.png").unlink()
    report = json.loads(run(capsys, str(scene), "--json"))
    assert list(report) == ["files", "missing", "findings"]
    for one in report["files"]:
        assert one["size"] == Path(one["path"]).stat().st_size
    floor = str(scene.parent / "textures" / "floor.png")
    asked = "project://scene/textures/floor.filename"
    assert report["missing"] == [{"path": floor, "asked_by": asked}]
    assert [(one["code"], one["subject"]) for one in report["findings"]] == [
        ("file-missing", asked)]


@pytest.mark.parametrize("options, expected", [
    pytest.param((), range(101, 111), id="as the job says"),
    pytest.param(("--frames", "2,4"), (102, 104), id="frames"),
    pytest.param(("--policy", "none"), (), id="none"),
    pytest.param(("--policy", "glob", "--frames", "1"), None, id="glob: all on disk"),
    pytest.param(("--image", "project://scene/matte"), range(103, 111), id="image"),
])
def test_frames_policy_and_image(
    scene: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...],
    expected: Any,
) -> None:
    on_disk = sorted(path.name.split(".")[1]
                     for path in (scene.parent / "textures").glob("backdrop.*"))
    found = backdrops(capsys, scene, *options)
    assert found == (on_disk if expected is None else ["%04d" % number for number in expected])


def test_the_scope_of_the_images(scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = scene.read_text(encoding="utf-8")
    lonely = 'TextureMapFile {\n    name "lonely"\n    filename "$PDIR/lonely.png"\n}\n'
    at = text.index("Context ")
    scene.write_text(text[:at] + lonely + text[at:], encoding="utf-8")
    (scene.parent / "lonely.png").write_bytes(b"x")
    assert "lonely.png" in run(capsys, str(scene))
    assert "lonely.png" not in run(capsys, str(scene), "--scope", "images")
    assert "no image of the job depends on the item" in run(
        capsys, str(scene), "--scope", "images", "--why", str(scene.parent / "lonely.png"))


def test_why(scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(scene.parent / "textures" / "backdrop.0103.png")
    told = run(capsys, str(scene), "--why", file)
    assert told.splitlines()[:2] == [file + " is uploaded", "  asked for by " + BACKDROP]
    assert "    frames    3" in told
    found = json.loads(run(capsys, str(scene), "--frames", "5", "--why", file, "--json"))
    assert found["uploaded"] is False
    assert found["why_not"] == "none of the frames 5 needs it"
    assert found["reasons"][0]["asked_by"] == BACKDROP


def test_the_table_ends_with_a_sum(scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (scene.parent / "textures" / "floor.png").unlink()
    told = run(capsys, str(scene))
    assert "beside the render package" in told
    assert told.index("missing") < told.rindex("floor.png")


def test_a_scene_without_a_job_is_scanned_for_all_its_images(
    shared_dir: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    report = json.loads(run(capsys, str(shared_dir / "data" / "kubix_demo.project"), "--json"))
    assert [Path(one["path"]).parent.name for one in report["files"]] == ["scripts"] * len(
        report["files"])
    assert report["missing"] == report["findings"] == []


@pytest.mark.parametrize("options, told, code", [
    pytest.param(("--frames", "1-x"), "1-x", 2, id="frames that cannot be read"),
    pytest.param(("--image", "project://scene/nix"), "project://scene/nix", 3, id="no image"),
])
def test_what_cannot_be_scanned_is_told(
    scene: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], told: str, code: int,
) -> None:
    assert told in run(capsys, str(scene), *options, code=code)


def test_a_scan_writes_nothing(scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in scene.parent.rglob("*") if path.is_file()}
    run(capsys, str(scene))
    assert before == {path: path.read_bytes() for path in scene.parent.rglob("*") if path.is_file()}
