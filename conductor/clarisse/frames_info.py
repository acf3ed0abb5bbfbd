"""The line under the frame fields: ``2 Scout / 10 Frames -- 5 Chunks -- 1-10``; with tiles
``10 Frames -- 5 Chunks x 4 Tiles -- 1-10``."""

from __future__ import annotations

from typing import Iterable

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.frames import JobFrames, read_frames
from conductor.clarisse.pointing import one_line
from conductor.clarisse.snapshot import Image, Scene
from conductor.lib.checks import Finding, errors_of
from conductor.lib.errors import InputError

# Of all findings the only one that is not about a frame field.
_NO_IMAGES = "images-missing"


def frames_info(settings: JobSettings, images: Iterable[Image]) -> str:
    """What would be rendered, or what is wrong with the frame fields."""
    job, problems = _read(settings, images)
    if problems:
        return one_line(problems[0].message)
    scouted = "%d Scout / " % len(job.scout) if settings.use_scout_frames else ""
    tiled = " x %d Tiles" % job.tiles if job.tiles > 1 else ""
    return "%s%d Frames -- %d Chunks%s -- %s" % (
        scouted, len(job.frames), job.chunk_count, tiled, job.frames)


def best_chunk_size(settings: JobSettings, images: Iterable[Image]) -> int:
    """The smallest chunk size that gives no more chunks.

    Raises:
        InputError: the frame fields cannot be read, or there are no frames.
    """
    job, problems = _read(settings, images)
    if problems:
        raise InputError(problems[0].message)
    return job.frames.best_chunk_size(job.chunk_size)


def _read(settings: JobSettings, images: Iterable[Image]) -> tuple[JobFrames, list[Finding]]:
    # A scene with nothing but images: no more is looked at.
    job, findings = read_frames(settings, Scene("", "", "", False, 0.0, {}, tuple(images), ()))
    errors = errors_of(findings)
    about_fields = [one for one in errors if one.code != _NO_IMAGES]
    return job, about_fields or (errors if not job.frames else [])
