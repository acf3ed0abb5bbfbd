"""What a slate shows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy
import OpenImageIO as oiio
import pytest

from conductor.slate import picture
from conductor.slate.picture import Slate, draw

SLATE = Slate(
    scene="shot.project", image="project://scene/beauty", frame=3, first=1, last=10, width=320,
    height=180, written="written 2026-01-02 03:04:05 UTC",
)


def pixels(slate: Slate) -> numpy.ndarray:
    return numpy.asarray(draw(slate).get_pixels(oiio.FLOAT))


def changed(one: Slate, other: Slate) -> numpy.ndarray:
    """Which pixels differ."""
    return numpy.abs(pixels(one) - pixels(other)).max(axis=2) > 0.02


@pytest.mark.parametrize(("width", "height"), [
    pytest.param(320, 180, id="sample"),
    pytest.param(64, 36, id="thumbnail"),
    pytest.param(90, 400, id="portrait"),
    pytest.param(900, 100, id="banner"),
    pytest.param(1, 1, id="one-pixel"),
])
def test_every_shape_gives_a_picture_of_its_size(width: int, height: int) -> None:
    spec = draw(replace(SLATE, width=width, height=height)).spec()
    assert (spec.width, spec.height, spec.nchannels) == (width, height, 3)


def test_the_frame_number_fills_the_middle() -> None:
    other = changed(SLATE, replace(SLATE, frame=8, first=6, last=15))
    rows, columns = numpy.nonzero(other)
    assert rows.max() - rows.min() > 180 * 0.3, "the digit is not big"
    assert 180 * 0.3 < rows.mean() < 180 * 0.75
    assert 320 * 0.3 < columns.mean() < 320 * 0.9


@pytest.mark.parametrize(("other", "from_row", "to_row"), [
    pytest.param(replace(SLATE, scene="other.project"), 30, 60, id="scene"),
    pytest.param(replace(SLATE, written="written 2027-11-12 13:14:15 UTC"), 160, 180, id="time"),
    pytest.param(replace(SLATE, remark="tile 2 of 4"), 160, 180, id="tile"),
    pytest.param(replace(SLATE, last=30), 140, 165, id="place-in-the-range"),
])
def test_each_word_has_its_place(other: Slate, from_row: int, to_row: int) -> None:
    rows = numpy.nonzero(changed(SLATE, other))[0]
    assert len(rows), "not shown at all"
    assert from_row <= rows.min() and rows.max() <= to_row


def test_images_are_told_apart_by_colour() -> None:
    corner = [pixels(replace(SLATE, image=name))[60, 2] for name in ("project://a", "project://b")]
    assert numpy.abs(corner[0] - corner[1]).max() > 0.05


def test_the_notice_is_in_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    with_notice = pixels(SLATE)
    monkeypatch.setattr(picture, "NOTICE", " ")
    rows = numpy.nonzero(numpy.abs(with_notice - pixels(SLATE)).max(axis=2) > 0.02)[0]
    assert len(rows) > 200
    assert rows.max() < 180 / 4, "the notice stands at the top"


def test_the_font_comes_with_the_image_library() -> None:
    """A render node without a single font still writes readable slates."""
    package = Path(oiio.__file__).parent.resolve()
    fonts = oiio.get_string_attribute("font_file_list").split(";")
    for name in (picture.FONT, picture.BOLD):
        found = [Path(font).resolve() for font in fonts if Path(font).stem == name]
        assert any(package in font.parents for font in found), name


def test_without_any_font_the_frame_is_drawn_in_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "FONT", "no such font")
    monkeypatch.setattr(picture, "BOLD", "no such font")
    drawn = {frame: pixels(replace(SLATE, frame=frame, last=9999)) for frame in (1111, 8888)}
    lit = {frame: int((found[70:140].min(axis=2) > 0.99).sum()) for frame, found in drawn.items()}
    assert lit[1111] > 200, "no digits"
    assert lit[8888] > 2.5 * lit[1111], "an eight has seven segments, a one has two"
