"""The slate as a picture: what it says and how it is drawn.

Text needs a font. The wheels of OpenImageIO bring theirs; where an OpenImageIO without any font
is installed, the frame number is drawn in seven segments, and the other words are left to the
file's metadata.
"""

from __future__ import annotations

import colorsys
import zlib
from dataclasses import dataclass

import OpenImageIO as oiio

NOTICE = "SLATE - NOT A RENDER"
FONT, BOLD = "DroidSans", "DroidSans-Bold"

_Color = tuple[float, float, float]
_WHITE: _Color = (1.0, 1.0, 1.0)
_PALE: _Color = (0.82, 0.85, 0.9)
_AMBER: _Color = (1.0, 0.72, 0.15)
_DARK: _Color = (0.06, 0.06, 0.07)

# Segments of a digit on a grid two wide and four high: left, top, right, bottom.
_SEGMENTS = {
    "a": (0, 0, 2, 0), "b": (2, 0, 2, 2), "c": (2, 2, 2, 4), "d": (0, 4, 2, 4),
    "e": (0, 2, 0, 4), "f": (0, 0, 0, 2), "g": (0, 2, 2, 2),
}
_DIGITS = dict(zip("0123456789", (
    "abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg",
)))


@dataclass(frozen=True)
class Slate:
    """What one slate says.

    Attributes:
        scene: name of the project file.
        image: item path of the image or layer.
        first, last: the image's range; the bar shows where the frame is in it.
        width, height: pixels.
        written: time of writing, ready to be read.
        remark: more words, such as the tile.
    """

    scene: str
    image: str
    frame: int
    first: int
    last: int
    width: int
    height: int
    written: str
    remark: str = ""


def draw(slate: Slate) -> oiio.ImageBuf:
    """The picture in display colours, three channels, as floats."""
    picture = oiio.ImageBuf(oiio.ImageSpec(slate.width, slate.height, 3, "float"))
    hue = (zlib.crc32(slate.image.encode("utf-8")) % 360) / 360.0
    oiio.ImageBufAlgo.fill(
        picture, colorsys.hsv_to_rgb(hue, 0.55, 0.42), colorsys.hsv_to_rgb(hue, 0.65, 0.16)
    )
    # Everything is measured in eighteenths of the height, or less on a narrow picture.
    unit = max(1.0, min(slate.height / 18.0, slate.width / 24.0))
    _draw_clapper(picture, unit)
    _draw_words(picture, slate, unit)
    _draw_frame(picture, slate, unit)
    _draw_range(picture, slate, unit, colorsys.hsv_to_rgb(hue, 0.45, 0.95))
    return picture


def _draw_clapper(picture: oiio.ImageBuf, unit: float) -> None:
    width, height = picture.spec().width, round(1.5 * unit)
    _box(picture, (0, 0, width, height), _DARK)
    stripe, slant = max(2, round(1.6 * unit)), max(1, round(1.2 * unit))
    for left in range(-2 * stripe, width + 2 * stripe, 2 * stripe):
        for row in range(height):
            shift = left + slant * (height - row) // max(1, height)
            _box(picture, (shift, row, shift + stripe, row + 1), _WHITE)


def _draw_words(picture: oiio.ImageBuf, slate: Slate, unit: float) -> None:
    margin, bottom = unit, slate.height
    room = slate.width - 2 * margin
    _write(picture, NOTICE, (margin, 3.3 * unit), 1.5 * unit, _AMBER, room, font=BOLD)
    _write(picture, slate.scene, (margin, 5.0 * unit), 1.2 * unit, _WHITE, room)
    _write(picture, slate.image, (margin, 6.5 * unit), 1.2 * unit, _WHITE, room)
    _write(picture, slate.written, (margin, bottom - 0.7 * unit), 0.95 * unit, _PALE, room * 0.62)
    size = "%s%dx%d" % (slate.remark and slate.remark + ", ", slate.width, slate.height)
    _write(picture, size, (slate.width - margin, bottom - 0.7 * unit), 0.95 * unit, _PALE,
           room * 0.36, align="right")


def _draw_frame(picture: oiio.ImageBuf, slate: Slate, unit: float) -> None:
    number, middle = "%04d" % slate.frame, slate.width / 2
    top, bottom = 7.2 * unit, slate.height - 3.4 * unit
    size = min((bottom - top) * 1.25, 9 * unit * slate.height / (18 * unit))
    if _text_width("0", size, BOLD):
        _write(picture, number, (middle, (top + bottom) / 2), size, _WHITE,
               slate.width - 2 * unit, font=BOLD, align="center", vertical="center")
    else:
        _draw_digits(picture, number, (middle, top), bottom - top)


def _draw_digits(
    picture: oiio.ImageBuf, number: str, top_middle: tuple[float, float], height: float
) -> None:
    cell = min(height / 4, picture.spec().width / (len(number) * 3.5))
    thick = max(1.0, cell / 3)
    left = top_middle[0] - cell * (len(number) * 3 - 1) / 2
    for place, digit in enumerate(number):
        x, y = left + place * 3 * cell, top_middle[1]
        for name in _DIGITS.get(digit, "g"):
            x0, y0, x1, y1 = (edge * cell for edge in _SEGMENTS[name])
            _box(picture, (round(x + x0), round(y + y0),
                           round(x + x1 + thick), round(y + y1 + thick)), _WHITE)


def _draw_range(picture: oiio.ImageBuf, slate: Slate, unit: float, color: _Color) -> None:
    left, right = round(unit), round(slate.width - unit)
    top, bottom = round(slate.height - 2.7 * unit), round(slate.height - 2.2 * unit)
    _box(picture, (left, top, right, max(top + 1, bottom)), _DARK)
    count = max(1, slate.last - slate.first + 1)
    place = min(max(0, slate.frame - slate.first), count - 1)
    done = left + round((right - left) * (place + 1) / count)
    _box(picture, (left, top, done, max(top + 1, bottom)), color)


def _write(
    picture: oiio.ImageBuf, text: str, at: tuple[float, float], size: float, color: _Color,
    room: float, font: str = FONT, align: str = "left", vertical: str = "baseline",
) -> None:
    """Write one line, smaller where it would be wider than ``room``; nothing without a font."""
    width = _text_width(text, size, font)
    if not width:
        return
    fitting = max(4, int(size * min(1.0, room / width)))
    oiio.ImageBufAlgo.render_text(
        picture, round(at[0]), round(at[1]), text, fitting, font, color, align, vertical
    )


def _text_width(text: str, size: float, font: str) -> int:
    extent = oiio.ImageBufAlgo.text_size(text, max(1, int(size)), font)
    return max(0, extent.width) if extent.defined else 0


def _box(picture: oiio.ImageBuf, edges: tuple[float, float, float, float], color: _Color) -> None:
    spec = picture.spec()
    left, right = max(0, int(edges[0])), min(spec.width, int(edges[2]))
    top, bottom = max(0, int(edges[1])), min(spec.height, int(edges[3]))
    if left < right and top < bottom:
        oiio.ImageBufAlgo.fill(picture, color, roi=oiio.ROI(left, right, top, bottom))
