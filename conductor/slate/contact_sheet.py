"""Many pictures on one, with their names: to see at a glance what a job brought."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Sequence as Many

import OpenImageIO as oiio

from conductor.lib.errors import InputError, SceneError
from conductor.slate.picture import FONT

_BACKGROUND, _NAME = (0.09, 0.09, 0.1), (0.8, 0.82, 0.85)
_LINEAR = {"half", "float"}


def write_contact_sheet(
    images: Many[str | os.PathLike[str]], out: str | os.PathLike[str], *, columns: int = 0,
    width: int = 240, gap: int = 10,
) -> Path:
    """Write a PNG of all ``images`` in rows, each with its file name below it.

    Args:
        columns: pictures in a row; 0 makes the sheet about as wide as high.
        width: pixels of one picture; its height follows from the first picture's shape.
        gap: pixels between pictures.

    Raises InputError without images, SceneError when one cannot be read or the sheet not written.
    """
    if not images:
        raise InputError("a contact sheet needs at least one picture")
    names = [os.fspath(image) for image in images]
    columns = min(len(names), columns or math.ceil(math.sqrt(len(names))))
    rows = math.ceil(len(names) / columns)
    first = _open(names[0]).spec()
    height = max(1, round(width * first.height / first.width))
    label = 22
    sheet = oiio.ImageBuf(oiio.ImageSpec(
        gap + columns * (width + gap), gap + rows * (height + label + gap), 3, "float"))
    oiio.ImageBufAlgo.fill(sheet, _BACKGROUND)
    for place, name in enumerate(names):
        row, column = divmod(place, columns)
        left, top = gap + column * (width + gap), gap + row * (height + label + gap)
        _paste(sheet, _open(name), (left, top, width, height))
        _label(sheet, os.path.basename(name), (left + width // 2, top + height + 15), width)
    return _save(sheet, os.fspath(out))


def _open(name: str) -> oiio.ImageBuf:
    picture = oiio.ImageBuf(name)
    if not picture.read():
        raise SceneError('cannot read the picture "%s": %s' % (name, picture.geterror()))
    if str(picture.spec().format) in _LINEAR:
        picture = oiio.ImageBufAlgo.colorconvert(picture, "lin_srgb", "sRGB")
    return picture


def _paste(sheet: oiio.ImageBuf, picture: oiio.ImageBuf, box: tuple[int, int, int, int]) -> None:
    """Fit the picture into ``(left, top, width, height)``, its shape kept."""
    spec = picture.spec()
    scale = min(box[2] / spec.width, box[3] / spec.height)
    width, height = max(1, int(spec.width * scale)), max(1, int(spec.height * scale))
    channels = (0, 1, 2) if spec.nchannels >= 3 else (0, 0, 0)
    small = oiio.ImageBufAlgo.resize(
        oiio.ImageBufAlgo.channels(picture, channels), roi=oiio.ROI(0, width, 0, height)
    )
    left, top = box[0] + (box[2] - width) // 2, box[1] + (box[3] - height) // 2
    oiio.ImageBufAlgo.paste(sheet, left, top, 0, 0, small)


def _label(sheet: oiio.ImageBuf, text: str, middle: tuple[int, int], room: int) -> None:
    extent = oiio.ImageBufAlgo.text_size(text, 13, FONT)
    if extent.defined and extent.width:
        size = max(6, int(13 * min(1.0, room / extent.width)))
        oiio.ImageBufAlgo.render_text(
            sheet, middle[0], middle[1], text, size, FONT, _NAME, "center"
        )


def _save(sheet: oiio.ImageBuf, out: str) -> Path:
    folder, name = os.path.split(out)
    beside = os.path.join(folder, ".%d-%s" % (os.getpid(), name))
    sheet.set_write_format("uint8")
    try:
        if not sheet.write(beside):
            raise SceneError('cannot write "%s": %s' % (out, sheet.geterror()))
        os.replace(beside, out)
    finally:
        if os.path.exists(beside):
            os.unlink(beside)
    return Path(out)
