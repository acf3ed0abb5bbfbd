"""Runs of the slate's cnode: which files, which frames, which exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import OpenImageIO as oiio
import pytest

from conductor.samples import copy_shot
from conductor.slate.cnode import main

ROOT = Path(__file__).resolve().parent.parent.parent
BEAUTY, MATTE = "project://scene/beauty", "project://scene/matte"
BACKGROUND = BEAUTY + ".background"


class Shot:
    """A copy of the sample whose output folders exist."""

    def __init__(self, folder: Path) -> None:
        self.project = copy_shot(folder)
        for name in ("beauty", "matte", "background"):
            (folder / "renders" / name).mkdir(parents=True)

    def replace(self, old: str, new: str) -> None:
        text = self.project.read_text(encoding="utf-8")
        assert old in text
        self.project.write_text(text.replace(old, new), encoding="utf-8")

    def run(self, *arguments: str) -> int:
        return main([str(self.project), *arguments])

    @property
    def files(self) -> list[str]:
        renders = self.project.parent / "renders"
        return sorted(path.relative_to(renders).as_posix()
                      for path in renders.rglob("*") if path.is_file())


@pytest.fixture
def shot(tmp_path: Path) -> Shot:
    return Shot(tmp_path / "my shot")


def test_the_command_of_a_task(shot: Shot, capsys: pytest.CaptureFixture[str]) -> None:
    assert shot.run("-image", BEAUTY, MATTE, "-image_frames_list", "3:4", "3;5") == 0
    assert shot.files == [
        "beauty/shot_beauty.00003.exr", "beauty/shot_beauty.00004.exr",
        "matte/shot_matte.00003.png", "matte/shot_matte.00005.png",
    ]
    log = capsys.readouterr().out
    assert "No file it writes is a render" in log
    assert log.count("SLATE - NOT A RENDER, frame") == 4
    assert str(shot.project.parent / "renders/matte/shot_matte.00005.png") in log


def test_files_have_the_size_and_samples_of_the_image(shot: Shot) -> None:
    shot.replace("resolution 320 180", "resolution 200 100")
    assert shot.run("-image", BEAUTY, MATTE, "-image_frames_list", "3", "3") == 0
    for name, samples in (("beauty/shot_beauty.00003.exr", "half"),
                          ("matte/shot_matte.00003.png", "uint16")):
        spec = oiio.ImageBuf(str(shot.project.parent / "renders" / name)).spec()
        assert (spec.width, spec.height, str(spec.format)) == (200, 100, samples)


def test_a_real_process_started_from_elsewhere(shot: Shot, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "conductor.slate", str(shot.project), "-image", BEAUTY,
         "-image_frames_list", "1"],
        capture_output=True, text=True, cwd=str(tmp_path), timeout=60,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert shot.files == ["beauty/shot_beauty.00001.exr"]


def test_without_arguments_all_that_is_rendered_to_disk(shot: Shot) -> None:
    assert shot.run() == 0
    assert shot.files == (
        ["beauty/shot_beauty.%05d.exr" % frame for frame in range(1, 9)]
        + ["matte/shot_matte.%05d.png" % frame for frame in range(3, 11)]
    )


@pytest.mark.parametrize("path", [
    pytest.param("project://scene/matte", id="project"),
    pytest.param("build://project/scene/matte", id="build-of-version-5"),
    pytest.param("scene/matte", id="bare"),
])
def test_ways_to_name_an_image(shot: Shot, path: str) -> None:
    assert shot.run("-image", path, "-image_frames_list", "3") == 0
    assert shot.files == ["matte/shot_matte.00003.png"]


@pytest.mark.parametrize(("arguments", "frames"), [
    pytest.param(["-frames_list", "4", "6:7"], [4, 6, 7], id="frames-list"),
    pytest.param(["-start_frame", "4", "-end_frame", "5"], [4, 5], id="start-and-end"),
    pytest.param(["-start_frame", "7"], [7, 8], id="start-alone"),
    pytest.param(["-end_frame", "2"], [1, 2], id="end-alone"),
    pytest.param([], list(range(1, 9)), id="own-range"),
])
def test_ways_to_name_frames(shot: Shot, arguments: list[str], frames: list[int]) -> None:
    assert shot.run("-image", BEAUTY, *arguments) == 0
    assert shot.files == ["beauty/shot_beauty.%05d.exr" % frame for frame in frames]


def test_a_frame_step_of_the_image(shot: Shot) -> None:
    shot.replace("        first_frame 1\n", "        frame_step 3\n        first_frame 1\n")
    assert shot.run("-image", BEAUTY) == 0
    assert shot.files == ["beauty/shot_beauty.%05d.exr" % frame for frame in (1, 4, 7)]


def test_a_layer_has_files_of_its_own(shot: Shot) -> None:
    assert shot.run("-image", BACKGROUND, "-frames_list", "2") == 0
    assert [name.rsplit(".", 1)[0] for name in shot.files] == [
        "background/shot_background.00002"]
    found = oiio.ImageBuf(str(shot.project.parent / "renders" / shot.files[0]))
    assert (found.spec().width, found.spec().height) == (320, 180), "its image's resolution"


def test_frames_outside_the_range_are_refused(
    shot: Shot, capsys: pytest.CaptureFixture[str]
) -> None:
    """As Clarisse 4 does: a render package must widen the range first."""
    assert shot.run("-image", BEAUTY, MATTE, "-image_frames_list", "1", "1:3") != 0
    assert shot.files == [], "checked before the first file"
    log = capsys.readouterr().out
    assert MATTE in log and "1-2" in log and "3-10" in log and "Clarisse 4" in log


def test_render_to_disk_off_is_skipped_with_a_message(
    shot: Shot, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = "\n        save_as \"$PDIR/renders/beauty"
    shot.replace("render_to_disk yes" + plain, "render_to_disk no" + plain)
    assert shot.run("-image", BEAUTY, MATTE, "-image_frames_list", "3", "3") == 0
    assert shot.files == ["matte/shot_matte.00003.png"]
    assert "%s skipped: render_to_disk is off" % BEAUTY in capsys.readouterr().out
    assert shot.run("-image", BEAUTY, "-frames_list", "3") == 0
    assert "beauty/shot_beauty.00003.exr" in shot.files


def test_a_missing_directory_is_not_made(shot: Shot, capsys: pytest.CaptureFixture[str]) -> None:
    (shot.project.parent / "renders" / "beauty").rmdir()
    assert shot.run("-image", BEAUTY, MATTE, "-image_frames_list", "3:4", "3") == 1
    assert shot.files == ["matte/shot_matte.00003.png"], "the others are still written"
    log = capsys.readouterr().out
    assert log.count("does not exist") == 2 and "1 slates written, 2 failed" in log


@pytest.mark.parametrize(("old", "new", "arguments", "said"), [
    pytest.param("$PDIR/renders/beauty/shot_beauty.", "", ["-image", BEAUTY], "names no file",
                 id="no-save-as"),
    pytest.param("shot_beauty.", "", ["-image", BEAUTY], "names no file", id="a-folder"),
    pytest.param("x", "x", ["-image", "project://scene/camera"], "no image or layer",
                 id="no-image"),
    pytest.param("x", "x", ["-image", "project://scene/gone"], "project://scene/gone", id="gone"),
    pytest.param("x", "x", ["-format", "webp"], 'webp" is unknown', id="format"),
    pytest.param("x", "x", ["-output", "/tmp/x"], "-output", id="one-output-for-two-images"),
    pytest.param("x", "x", ["-script", "gone.py"], "gone.py", id="no-such-script"),
    pytest.param("}", "{", [], "line", id="no-project"),
])
def test_what_fails_says_why(
    shot: Shot, old: str, new: str, arguments: list[str], said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shot.replace(old, new)
    assert shot.run(*arguments) != 0
    assert said in capsys.readouterr().out
    assert shot.files == []


def test_a_project_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "gone.project")]) != 0
    assert "gone.project" in capsys.readouterr().out


@pytest.mark.parametrize(("asked", "name"), [
    pytest.param("png8", "x.00003.png", id="label"),
    pytest.param("EXR32", "x.00003.exr", id="label-in-capitals"),
    pytest.param("7", "x.00003.tif", id="number"),
])
def test_output_and_format_override(shot: Shot, asked: str, name: str, tmp_path: Path) -> None:
    output = tmp_path / "elsewhere"
    output.mkdir()
    assert shot.run("-image", MATTE, "-frames_list", "3", "-output", str(output / "x."),
                    "-format", asked) == 0
    assert os.listdir(output) == [name]


def test_a_tile_has_a_name_of_its_own(shot: Shot) -> None:
    for tile in ("1", "2"):
        assert shot.run("-image", MATTE, "-frames_list", "3", "-tile_rendering", "16", tile) == 0
    assert shot.files == ["matte/shot_matte..tilex16-%s.00003.png" % tile for tile in ("01", "02")]
    assert shot.run("-image", MATTE, "-frames_list", "3", "-tile_rendering", "1", "1") == 0
    assert "matte/shot_matte.00003.png" in shot.files


def test_hashes_in_the_name_are_the_frame(shot: Shot) -> None:
    shot.replace("shot_matte.", "shot_matte_####")
    assert shot.run("-image", MATTE, "-frames_list", "3", "-tile_rendering", "4", "2") == 0
    assert shot.run("-image", MATTE, "-frames_list", "3") == 0
    assert shot.files == ["matte/shot_matte_0003.png", "matte/shot_matte_0003.tilex4-2.png"]


def test_variables_and_frames_in_the_output_path(
    shot: Shot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASS_NAME", "final")
    shot.replace("$PDIR/renders/beauty/shot_beauty.",
                 "$PDIR/renders/beauty/$PNAME:_$PASS_NAME:_v$3F:.")
    assert shot.run("-image", BEAUTY, "-frames_list", "7") == 0
    assert shot.files == ["beauty/shot_final_v007.00007.exr"]


def test_the_script_runs_before_and_its_end_counts(
    shot: Shot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The pre-render script of a wrapper makes the output folders, for instance."""
    script = tmp_path / "prep.py"
    script.write_text(
        "import os, sys\nos.makedirs(sys.argv[2])\nassert __name__ == '__main__'\n"
        "print('made', sys.argv[1:])\n"
    )
    beauty = shot.project.parent / "renders" / "beauty"
    beauty.rmdir()
    command = "'%s' -d '%s'" % (script, beauty)
    assert shot.run("-image", BEAUTY, "-frames_list", "3", "-script", command) == 0
    assert shot.files == ["beauty/shot_beauty.00003.exr"]
    assert "made ['-d'," in capsys.readouterr().out
    script.write_text("import sys; sys.exit(3)\n")
    assert shot.run("-image", BEAUTY, "-frames_list", "4", "-script", "'%s'" % script) != 0
    assert len(shot.files) == 1
    script.write_text("import sys; sys.exit(0)\n")
    assert shot.run("-image", BEAUTY, "-frames_list", "4", "-script", "'%s'" % script) == 0


def test_info_is_an_xml_summary(shot: Shot, capsys: pytest.CaptureFixture[str]) -> None:
    assert shot.run("-info") == 0
    root = ElementTree.fromstring(capsys.readouterr().out)
    assert root.findtext("version") == "5"
    assert [(image.findtext("name"), image.findtext("format"), image.findtext("end_frame"))
            for image in root.iter("image")] == [(BEAUTY, "exr16", "8"), (MATTE, "png16", "10")]
    assert len(list(root.iter("layer"))) == 3
    assert shot.files == []


def test_the_real_file_of_clarisse_4(
    shared_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has no output path: with one given, its frames come at the resolution it has."""
    project = str(shared_dir / "data" / "kubix_demo.project")
    assert main([project, "-image", "project://scene/image", "-frames_list", "0", "-output",
                 str(tmp_path / "k")]) == 0
    assert len(os.listdir(tmp_path)) == 1
    assert main([project, "-image", "project://scene/image", "-frames_list", "51"]) != 0
    assert "0-50" in capsys.readouterr().out
