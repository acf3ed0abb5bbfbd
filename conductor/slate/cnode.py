"""One run of the slate writer: from cnode's command line to files and an exit code.

Exit codes: 0 all written (or skipped with a message, as cnode does), 1 some file could not be
written, otherwise that of the error. Those of the real cnode are not documented.
"""

from __future__ import annotations

import os
import runpy
import shlex
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Sequence as Many

from conductor import __version__
from conductor.clarisse import classes
from conductor.lib.errors import ConductorError, InputError, SceneError
from conductor.lib.sequence import Sequence
from conductor.slate.arguments import Request, parse_arguments
from conductor.slate.files import write
from conductor.slate.info import describe
from conductor.slate.picture import NOTICE, Slate, draw
from conductor.slate.scene import Output, Project


@dataclass(frozen=True)
class _Work:
    """One image with what this run does for it."""

    output: Output
    frames: Sequence
    save_as: str
    file_format: int


def main(arguments: Many[str]) -> int:
    """Run once; returns the exit code. The log goes to standard output, line by line."""
    request = parse_arguments(arguments)
    try:
        return _run(request)
    except ConductorError as error:
        _log("error: %s" % error)
        return error.exit_code


def _log(line: str) -> None:
    sys.stdout.write("[slate] %s\n" % line)
    sys.stdout.flush()


def _run(request: Request) -> int:
    project = Project(request.project)
    if request.info:
        sys.stdout.write(describe(project))
        return 0
    _log("conductor slate %s: this cnode writes slates. No file it writes is a render."
         % __version__)
    _log("project %s" % project.path)
    if request.script:
        _run_script(request.script)
    started, failed, written = time.monotonic(), 0, 0
    for work in _plan(project, request):
        for frame in work.frames:
            done = _write_frame(project, work, frame, request.tile)
            written, failed = written + done, failed + (not done)
    _log("%d slates written, %d failed, %.2f s" % (written, failed, time.monotonic() - started))
    return 1 if failed else 0


def _run_script(command: str) -> None:
    """Run ``"file.py arguments"`` in this process before anything is written, as cnode does."""
    words = shlex.split(command)
    _log("script %s" % command)
    before = sys.argv
    sys.argv = words
    try:
        runpy.run_path(words[0], run_name="__main__")
    except SystemExit as leaving:
        if leaving.code:
            raise SceneError('the script "%s" ended with %s' % (command, leaving.code)) from leaving
    except OSError as wrong:
        raise SceneError('cannot run the script "%s": %s' % (command, wrong)) from wrong
    finally:
        sys.argv = before


def _plan(project: Project, request: Request) -> list[_Work]:
    """What to write; everything is checked before the first file. Raises ConductorError."""
    outputs = [project.output(path) for path in request.images] or [
        output for output in project.outputs() if output.render_to_disk
    ]
    if request.output and len(outputs) != 1:
        raise InputError('-output "%s" goes with one -image, not with %d'
                         % (request.output, len(outputs)))
    works = []
    for place, output in enumerate(outputs):
        frames = _frames(request, place, output)
        if not output.render_to_disk and request.frames is None:
            _log("warning: %s skipped: render_to_disk is off; -frames_list writes it all the same"
                 % output.path)
            continue
        _refuse_outside(output, frames)
        works.append(_Work(
            output, frames, request.output or output.save_as,
            _format(request.file_format, output),
        ))
    return works


def _frames(request: Request, place: int, output: Output) -> Sequence:
    if request.image_frames:
        return request.image_frames[place]
    if request.frames is not None:
        return request.frames
    if request.start_frame is None and request.end_frame is None:
        return output.frames
    first = output.first if request.start_frame is None else request.start_frame
    return Sequence.from_range(
        first, output.last if request.end_frame is None else request.end_frame
    )


def _refuse_outside(output: Output, frames: Sequence) -> None:
    outside = frames - Sequence.from_range(output.first, output.last)
    if outside:
        raise InputError(
            "%s: frames %s are outside its range %d-%d; like Clarisse 4, cnode refuses them"
            % (output.path, outside, output.first, output.last)
        )


def _format(asked: str, output: Output) -> int:
    if not asked:
        if not 0 <= output.file_format < len(classes.IMAGE_FORMATS):
            raise SceneError("%s: format %d is unknown" % (output.path, output.file_format))
        return output.file_format
    labels = [label.lower() for label, _ in classes.IMAGE_FORMATS]
    if asked.lower() in labels:
        return labels.index(asked.lower())
    if asked.isdigit() and int(asked) < len(labels):
        return int(asked)
    raise InputError('-format "%s" is unknown: use one of %s, or its number'
                     % (asked, ", ".join(labels)))


def _write_frame(project: Project, work: _Work, frame: int, tile: tuple[int, int]) -> bool:
    output, started = work.output, time.monotonic()
    now = datetime.now(timezone.utc)
    try:
        place = project.place(output, work.save_as, frame)
        path = classes.output_name(place, frame, work.file_format, *tile)
        picture = draw(Slate(
            scene=project.name, image=output.path, frame=frame, first=output.first,
            last=output.last, width=output.width, height=output.height,
            written=now.strftime("written %Y-%m-%d %H:%M:%S UTC"),
            remark="tile %d of %d" % tile if tile[1] > 1 else "",
        ))
        write(picture, path, work.file_format, {
            "Software": "conductor slate " + __version__, "DateTime": now.strftime(
                "%Y:%m:%d %H:%M:%S"), "DocumentName": "%s frame %d" % (output.path, frame),
        })
    except ConductorError as error:
        _log("error: %s frame %d: %s" % (output.path, frame, error))
        return False
    _log("%s, frame %d of %s: %s (%d bytes, %.2f s)" % (
        NOTICE, frame, output.path, path, os.path.getsize(path), time.monotonic() - started))
    return True
