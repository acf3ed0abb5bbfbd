"""The sample shot: what it must hold to show the main job, in Clarisse's own grammar."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

import OpenImageIO as oiio
import pytest

from conductor.clarisse.project_file import ProjectFile, parse
from conductor.samples import SHOT, copy_shot

JOB = "project://ConductorJob"


@pytest.fixture(scope="module")
def text() -> str:
    with open(SHOT / "shot.project", encoding="utf-8", newline="") as handle:
        return handle.read()


@pytest.fixture(scope="module")
def project(text: str) -> ProjectFile:
    return parse(text)


def values(project: ProjectFile, path: str, name: str) -> list[str]:
    item = project.item(path)
    assert item, path
    return [token.text for token in item.values(name) or ()]


def test_the_text_is_laid_out_as_clarisse_writes_it(text: str) -> None:
    lines = text.split("\n")
    assert not text.endswith("\n") and "\t" not in text and "\r" not in text
    assert lines[0] == "#Isotropix_Serial_Version 1.2" and lines[1] == ""
    assert [number for number, line in enumerate(lines) if not line] == [1]
    depth = 0
    for line in lines[2:]:
        depth -= line.strip() == "}"
        assert line == " " * (4 * depth) + line.strip(), line
        depth += line.endswith("{")
    assert depth == 0


@pytest.mark.parametrize(("path", "first", "last"), [
    pytest.param("project://scene/beauty", "1", "8", id="beauty"),
    pytest.param("project://scene/matte", "3", "10", id="matte"),
])
def test_two_images_with_ranges_of_their_own(
    project: ProjectFile, path: str, first: str, last: str
) -> None:
    assert values(project, path, "first_frame") == [first]
    assert values(project, path, "last_frame") == [last]
    assert values(project, path, "render_to_disk") == ["yes"]


def test_one_image_has_two_layers(project: ProjectFile) -> None:
    assert values(project, "project://scene/beauty", "layers") == [".background", ".cube"]
    for layer in ("background", "cube"):
        assert project.item("project://scene/beauty." + layer)


def test_outputs_share_one_folder_and_are_no_bare_texts(project: ProjectFile) -> None:
    sources = [values(project, "project://scene/" + name, "save_as")[0]
               for name in ("beauty", "matte")]
    assert sources == ["$PDIR/renders/beauty/shot_beauty.",
                       '$PDIR + "/renders/matte/" + "shot_matte."']


def test_the_texture_sequence_is_there_for_every_frame(project: ProjectFile) -> None:
    texture = "project://scene/textures/backdrop"
    assert values(project, texture, "filename") == ["$PDIR/textures/backdrop.####.png"]
    offset = int(values(project, texture, "frame_offset")[0])
    wanted = {SHOT / "textures" / ("backdrop.%04d.png" % (frame - offset))
              for frame in range(1, 11)}
    there = set((SHOT / "textures").glob("backdrop.*.png"))
    assert wanted < there, "two more than needed, so that Smart and Glob differ"
    assert len(there - wanted) == 2


def test_every_file_that_the_scene_names_is_there(text: str) -> None:
    named = re.findall(r'filename "\$PDIR/([^"]+)"', text)
    assert len(named) == 4
    for name in named:
        assert list(SHOT.glob(name.replace("####", "[0-9][0-9][0-9][0-9]"))), name


def test_textures_are_pictures_and_differ() -> None:
    seen = set()
    for path in sorted((SHOT / "textures").iterdir()):
        picture = oiio.ImageBuf(str(path))
        assert picture.read() and (picture.spec().width, picture.spec().height) == (64, 36), path
        seen.add(path.read_bytes())
    assert len(seen) == 14


def test_the_obj_is_a_closed_cube() -> None:
    lines = (SHOT / "geo" / "cube.obj").read_text().splitlines()
    corners = [tuple(map(float, line.split()[1:])) for line in lines if line.startswith("v ")]
    assert len(set(corners)) == 8 and {abs(each) for corner in corners for each in corner} == {1.0}
    edges: Counter[tuple[int, int]] = Counter()
    for face in (line.split()[1:] for line in lines if line.startswith("f ")):
        numbers = [int(corner.split("/")[0]) for corner in face]
        edges.update(zip(numbers, numbers[1:] + numbers[:1]))
    assert len(edges) == 24
    assert all(edges[one, two] == edges[two, one] == 1 for one, two in edges), "faces look outwards"


def test_an_expression_drives_a_number(project: ProjectFile) -> None:
    cube = project.item("project://scene/cube")
    assert cube
    rotate = cube.attribute("rotate")
    assert rotate
    found = rotate.find("expression", 1)
    assert found and found.tokens[0].text == "F * 4"


@pytest.mark.parametrize(("name", "expected"), [
    ("images", ["project://scene/beauty", "project://scene/matte"]),
    ("use_custom_frames", ["yes"]), ("custom_frames", ["1-10"]), ("chunk_size", ["2"]),
    ("use_scout_frames", ["yes"]), ("scout_frames", ["3,8"]), ("last_project", ["default"]),
    ("last_instance_type", ["n1-standard-2"]), ("packages", ["conductor-slate 1.0"]),
])
def test_the_saved_job(project: ProjectFile, name: str, expected: list[str]) -> None:
    assert values(project, JOB, name) == expected


def test_the_shot_is_small() -> None:
    assert sum(path.stat().st_size for path in SHOT.rglob("*") if path.is_file()) < 40_000


def test_a_copy_is_whole_and_writable(tmp_path: Path) -> None:
    scene = copy_shot(tmp_path / "a folder" / "shot")
    assert scene == tmp_path / "a folder" / "shot" / "shot.project"
    for source in (path for path in SHOT.rglob("*") if path.is_file()):
        copy = scene.parent / source.relative_to(SHOT)
        assert copy.read_bytes() == source.read_bytes()
        assert os.stat(copy).st_mode & 0o200


def test_a_copy_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "shot.project").write_text("mine")
    with pytest.raises(FileExistsError, match=r"shot\.project"):
        copy_shot(tmp_path)
    assert (tmp_path / "shot.project").read_text() == "mine"
