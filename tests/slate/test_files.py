"""Files in Clarisse's formats, and contact sheets of them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy
import OpenImageIO as oiio
import pytest

from conductor.lib.errors import InputError, SceneError
from conductor.slate.contact_sheet import write_contact_sheet
from conductor.slate.files import write


def flat(color: tuple[float, ...] = (0.5, 0.25, 0.75), size: tuple[int, int] = (32, 18)):
    picture = oiio.ImageBuf(oiio.ImageSpec(size[0], size[1], 3, "float"))
    oiio.ImageBufAlgo.fill(picture, color)
    return picture


FORMATS = [
    pytest.param(0, "exr", "half", id="exr16"),
    pytest.param(1, "exr", "float", id="exr32"),
    pytest.param(2, "jpg", "uint8", id="jpg"),
    pytest.param(3, "bmp", "uint8", id="bmp"),
    pytest.param(4, "tga", "uint8", id="tga"),
    pytest.param(5, "png", "uint8", id="png8"),
    pytest.param(6, "png", "uint16", id="png16"),
    pytest.param(7, "tif", "uint8", id="tiff8"),
    pytest.param(8, "tif", "uint16", id="tiff16"),
    pytest.param(9, "tif", "float", id="tiff32"),
]


@pytest.mark.parametrize(("number", "extension", "samples"), FORMATS)
def test_each_format(tmp_path: Path, number: int, extension: str, samples: str) -> None:
    path = tmp_path / ("shot.00001." + extension)
    write(flat(), str(path), number, {"Software": "test"})
    back = oiio.ImageBuf(str(path))
    assert (str(back.spec().format), back.spec().width, back.spec().height) == (samples, 32, 18)
    assert os.listdir(tmp_path) == [path.name], "something was left beside it"
    # Scene-linear where samples are floats, display colours elsewhere.
    wanted = (0.2140, 0.0509, 0.5225) if samples in ("half", "float") else (0.5, 0.25, 0.75)
    assert back.getpixel(5, 5)[:3] == pytest.approx(wanted, abs=0.02)


def test_the_header_says_that_it_is_no_render(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    write(flat(), str(path), 0, {"DocumentName": "project://scene/image frame 3"})
    spec = oiio.ImageBuf(str(path)).spec()
    assert "NOT A RENDER" in spec.get_string_attribute("ImageDescription")
    assert spec.get_string_attribute("DocumentName") == "project://scene/image frame 3"
    assert spec.get_string_attribute("compression") == "zip"


def test_a_missing_folder_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match="directory .*gone. does not exist"):
        write(flat(), str(tmp_path / "gone" / "a.exr"), 0, {})
    assert os.listdir(tmp_path) == []


def test_an_older_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    write(flat(), str(path), 0, {})
    before = os.stat(path).st_ino
    write(flat((1, 1, 1)), str(path), 0, {})
    assert os.stat(path).st_ino != before, "written in place"
    assert oiio.ImageBuf(str(path)).getpixel(0, 0)[0] == pytest.approx(1, abs=0.01)


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "a.exr"
    target.mkdir()
    with pytest.raises(OSError):
        write(flat(), str(target), 0, {})
    assert os.listdir(tmp_path) == ["a.exr"]


def sheet_of(tmp_path: Path, count: int, **options: int) -> tuple[oiio.ImageBuf, list[str]]:
    names = []
    for number in range(count):
        names.append(str(tmp_path / ("f.%05d.exr" % number)))
        write(flat(((number + 1) / count, 0.2, 0.2)), names[-1], 0, {})
    out = write_contact_sheet(names, tmp_path / "sheet.png", **options)
    assert out == tmp_path / "sheet.png"
    return oiio.ImageBuf(str(out)), names


@pytest.mark.parametrize(("count", "options", "columns", "rows"), [
    pytest.param(1, {}, 1, 1, id="one"),
    pytest.param(5, {}, 3, 2, id="about-square"),
    pytest.param(5, {"columns": 5}, 5, 1, id="one-row"),
    pytest.param(3, {"columns": 8}, 3, 1, id="never-wider-than-needed"),
])
def test_a_contact_sheet_has_room_for_all(
    tmp_path: Path, count: int, options: dict[str, int], columns: int, rows: int
) -> None:
    sheet, _ = sheet_of(tmp_path, count, width=80, gap=4, **options)
    assert sheet.spec().width == 4 + columns * 84
    assert sheet.spec().height == 4 + rows * (45 + 22 + 4)


def test_pictures_stand_in_reading_order_in_display_colours(tmp_path: Path) -> None:
    sheet, _ = sheet_of(tmp_path, 4, width=80, gap=4, columns=2)
    reds = [sheet.getpixel(4 + 40 + 84 * column, 4 + 20 + 71 * row)[0]
            for row in range(2) for column in range(2)]
    assert reds == pytest.approx([0.25, 0.5, 0.75, 1.0], abs=0.02)


def test_other_shapes_keep_theirs(tmp_path: Path) -> None:
    wide, tall = str(tmp_path / "wide.png"), str(tmp_path / "tall.png")
    write(flat((1, 1, 1)), wide, 5, {})
    write(flat((1, 1, 1), (9, 36)), tall, 5, {})
    out = write_contact_sheet([wide, tall], tmp_path / "s.png", width=80, gap=4, columns=2)
    row = numpy.asarray(oiio.ImageBuf(str(out)).get_pixels(oiio.FLOAT))[20, :, 0] > 0.9
    assert row[:84].sum() == 80
    assert 9 <= row[84:].sum() <= 13


def test_a_contact_sheet_of_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least one"):
        write_contact_sheet([], tmp_path / "s.png")


def test_a_picture_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.exr").write_bytes(b"no picture")
    with pytest.raises(SceneError, match=r"broken\.exr"):
        write_contact_sheet([tmp_path / "broken.exr"], tmp_path / "s.png")
    assert not (tmp_path / "s.png").exists()
