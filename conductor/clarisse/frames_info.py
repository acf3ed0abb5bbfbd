"""The line under the frame fields: ``2 Scout / 10 Frames -- 5 Chunks -- 1-10``."""

from __future__ import annotations

from typing import Iterable

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.snapshot import Image
from conductor.lib.errors import InputError
from conductor.lib.sequence import Sequence


def job_frames(settings: JobSettings, images: Iterable[Image]) -> Sequence:
    """The custom frames, or what the enabled images have together.

    Raises FrameSpecError for custom frames or a range that cannot be read.
    """
    if settings.use_custom_frames:
        return Sequence.parse(settings.custom_frames)
    frames = Sequence()
    for image in images:
        if image.enabled:
            frames |= Sequence.from_range(
                image.first_frame, image.last_frame, max(1, image.frame_step)
            )
    return frames


def frames_info(settings: JobSettings, images: Iterable[Image]) -> str:
    """What would be rendered, or what is wrong with the frame fields."""
    try:
        frames = job_frames(settings, images)
        scout = Sequence.parse(settings.scout_frames) if settings.use_scout_frames else None
    except InputError as error:
        return _one_line(error)
    if not frames:
        return "No frames: add images, or use custom frames"
    scouted = "" if scout is None else "%d Scout / " % len(scout & frames)
    chunks = frames.chunk_count(max(1, settings.chunk_size))
    return "%s%d Frames -- %d Chunks -- %s" % (scouted, len(frames), chunks, frames)


def best_chunk_size(settings: JobSettings, images: Iterable[Image]) -> int:
    """The smallest chunk size that gives no more chunks; the present one without frames."""
    frames = job_frames(settings, images)
    return frames.best_chunk_size(settings.chunk_size) if frames else settings.chunk_size


def _one_line(error: InputError) -> str:
    """The message without its caret, which would point nowhere in the attribute editor."""
    place = getattr(error, "position", None)
    where = "" if place is None else ", at character %d" % (place + 1)
    return str(error).splitlines()[0] + where
