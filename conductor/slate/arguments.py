"""cnode's command line, as far as the vendor's pages and shipped farm wrappers show it."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from typing import Sequence as Many

from conductor.lib.errors import FrameSpecError
from conductor.lib.sequence import Sequence

_PIECE = re.compile(r"\s*(\d+)(?::(\d+)(?:%(\d+))?)?\s*")
_IGNORED: dict[str, int | str] = {
    "-config_file": 1, "-license_server": 1, "-log_width": 1, "-texture_cache": 1,
    "-search_path": "+", "-module_path": "+",
}


@dataclass(frozen=True)
class Request:
    """What one run is asked for.

    Attributes:
        images: item paths of images and layers; empty means all that the project renders to disk.
        image_frames: one set of frames for each of ``images``, in their order; may be empty.
        frames: frames for every image, or None.
        start_frame, end_frame: the older form of a range, or None.
        output: overrides ``save_as``; empty when not given.
        file_format: label or number of the format; empty when not given.
        tile: 1-based tile and how many there are.
        script: file and arguments of the script to run before rendering.
    """

    project: str
    images: tuple[str, ...] = ()
    image_frames: tuple[Sequence, ...] = ()
    frames: Sequence | None = None
    start_frame: int | None = None
    end_frame: int | None = None
    output: str = ""
    file_format: str = ""
    tile: tuple[int, int] = (1, 1)
    script: str = ""
    info: bool = False
    log_level: str = ""


def parse_frames(spec: str) -> Sequence:
    """Frames of a cnode spec: ``start[:end[%step]]``, several of them joined by ``;``.

    Raises FrameSpecError.
    """
    frames = Sequence.from_frames(())
    start = 0
    for piece in spec.split(";"):
        match = _PIECE.fullmatch(piece)
        if not match or match[3] and not int(match[3]):
            raise FrameSpecError("expected start[:end[%step]] joined by ;", spec, start)
        first = int(match[1])
        frames = frames | Sequence.from_range(first, int(match[2] or first), int(match[3] or 1))
        start += len(piece) + 1
    return frames


def parse_arguments(arguments: Many[str]) -> Request:
    """Read a command line; leaves by SystemExit(2) with a usage line when it makes no sense."""
    parser = _parser()
    given = parser.parse_args(arguments)
    specs = given.image_frames_list or []
    if specs and len(specs) != len(given.image or []):
        parser.error("-image_frames_list needs one frame spec for each -image, in the same order: "
                     "%d specs for %d images" % (len(specs), len(given.image or [])))
    if not 1 <= given.tile_rendering[1] <= given.tile_rendering[0]:
        parser.error("-tile_rendering takes a count and a tile from 1 to that count, not %d %d"
                     % tuple(given.tile_rendering))
    try:
        image_frames = tuple(parse_frames(spec) for spec in specs)
        frames = parse_frames(";".join(given.frames_list)) if given.frames_list else None
    except FrameSpecError as wrong:
        parser.error(str(wrong))
    return Request(
        project=given.project, images=tuple(given.image or ()), image_frames=image_frames,
        frames=frames, start_frame=given.start_frame, end_frame=given.end_frame,
        output=given.output, file_format=given.format, script=given.script, info=given.info,
        tile=(given.tile_rendering[1], given.tile_rendering[0]), log_level=given.log_level,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cnode", add_help=False, allow_abbrev=False,
        description="Writes slates, not renders, with the names and formats of Clarisse.",
    )
    add = parser.add_argument
    add("project", metavar="input_file", help="a Clarisse project (.project)")
    add("-help", action="help", help="print this text")
    add("-image", nargs="+", metavar="ITEM", help="images and layers; default: all")
    add("-image_frames_list", nargs="+", metavar="SPEC", help="one frame spec for each image")
    add("-frames_list", nargs="+", metavar="SPEC", help="frames for every image: 1:10%%2;20")
    add("-start_frame", type=int, metavar="N")
    add("-end_frame", type=int, metavar="N")
    add("-output", default="", metavar="PATH", help="overrides Save As")
    add("-format", default="", metavar="NAME", help="overrides the format: exr16, png8 or a number")
    add("-tile_rendering", nargs=2, type=int, default=[1, 1], metavar=("COUNT", "TILE"))
    add("-script", default="", metavar='"FILE ARGUMENTS"', help="run this before rendering")
    add("-info", action="store_true", help="print what the project holds as XML and stop")
    add("-log_level", default="", metavar="LEVEL")
    for flag, count in _IGNORED.items():
        add(flag, nargs=count, help=argparse.SUPPRESS)
    return parser
