"""Which frames a job renders: of each image, in each chunk, and first.

Custom frames count for every image. Without them each image has its own range, the job renders
what they have together, and a task renders of each image only the frames that it has in the chunk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Iterator

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.scout_frames import scout_frames
from conductor.clarisse.snapshot import Image, Scene
from conductor.lib.checks import Finding, error, info, warning
from conductor.lib.errors import FrameSpecError
from conductor.lib.sequence import Sequence

MANY_TASKS = 1000
"""More tasks than this are worth a notice."""

MOST_TILES = 10
"""Most tiles along one side of a frame."""


@dataclass(frozen=True)
class ImageFrames:
    """An image or layer with frames of it to render."""

    image: Image
    frames: Sequence


@dataclass(frozen=True)
class Chunk:
    """The frames of one task, and what it renders of each image that has any of them.

    Attributes:
        tile: the tile that the task renders, from 1 on.
    """

    frames: Sequence
    images: tuple[ImageFrames, ...]
    tile: int = 1


@dataclass(frozen=True)
class JobFrames:
    """The frames of a job.

    Attributes:
        frames: of all images together.
        images: those that are enabled, in the job's order.
        scout: frames of the job that are rendered first; empty without scouting.
        tiles: how many parts each frame is rendered in, each by a task of its own.
    """

    frames: Sequence = field(default_factory=Sequence)
    images: tuple[ImageFrames, ...] = ()
    scout: Sequence = field(default_factory=Sequence)
    chunk_size: int = 1
    tiles: int = 1

    @property
    def chunk_count(self) -> int:
        """How many chunks there are."""
        return self.frames.chunk_count(self.chunk_size)

    @property
    def task_count(self) -> int:
        """How many tasks there are: one for each chunk and tile."""
        return self.chunk_count * self.tiles

    def chunks(self) -> Iterator[Chunk]:
        """What each task renders: the chunks with their images in order, each tile by tile."""
        for frames in self.frames.chunks(self.chunk_size):
            chunk = self._chunk(frames)
            yield chunk
            for tile in range(2, self.tiles + 1):
                yield Chunk(frames, chunk.images, tile)

    @property
    def last_chunk(self) -> Chunk | None:
        """What the last task renders; None where there are no frames."""
        chunks = self.frames.chunks(self.chunk_size)
        return self._chunk(chunks[-1], self.tiles) if chunks else None

    def _chunk(self, frames: Sequence, tile: int = 1) -> Chunk:
        parts = [ImageFrames(one.image, _common(frames, one.frames)) for one in self.images]
        return Chunk(frames, tuple(part for part in parts if part.frames), tile)


def _common(chunk: Sequence, frames: Sequence) -> Sequence:
    """``chunk & frames``; at once for a chunk inside one plain range, as most are."""
    if frames and frames.step == 1 and frames.start <= chunk.start and chunk.end <= frames.end:
        return chunk
    return chunk & frames


def read_frames(settings: JobSettings, scene: Scene) -> tuple[JobFrames, tuple[Finding, ...]]:
    """The frames of a job, and what is wrong with the fields they come from."""
    findings: list[Finding] = []
    images = [image for image in scene.images if image.enabled]
    if not images:
        findings.append(error("images-missing", "images", (
            "The job names no enabled image. Add images or layers to render.")))
    if settings.use_custom_frames:
        custom = _parse(settings.custom_frames, "custom_frames", findings)
        parts = tuple(ImageFrames(image, custom) for image in images)
    else:
        custom = Sequence()
        parts = tuple(ImageFrames(image, _own_range(image, findings)) for image in images)
    frames = custom
    for part in parts:
        frames = part.frames if part.frames == frames else frames | part.frames
    # Of frames that are only partly known, none can be said to be missing.
    is_complete = bool(frames) and all(one.code == "images-missing" for one in findings)
    size = _chunk_size(settings, findings)
    scout = _scout(settings, frames, is_complete, findings)
    job = JobFrames(frames, parts, scout, size, _tiles(settings, findings))
    if job.task_count > MANY_TASKS:
        findings.append(info("tasks-many", "chunk_size", (
            "The job has %d tasks. A greater chunk size gives fewer." % job.task_count)))
    return job, tuple(findings)


def _parse(text: str, attribute: str, findings: list[Finding]) -> Sequence:
    try:
        return Sequence.parse(text)
    except FrameSpecError as problem:
        findings.append(error("frames-invalid", attribute, str(problem)))
        return Sequence()


def _own_range(image: Image, findings: list[Finding]) -> Sequence:
    try:
        return Sequence.from_range(
            image.first_frame, image.last_frame, max(1, image.frame_step))
    except FrameSpecError as problem:
        findings.append(error("image-range", image.path, (
            "%s. Correct the image's range, or use custom frames." % problem),
            tuple("%s.%s_frame" % (image.path, end) for end in ("first", "last"))))
        return Sequence()


def _chunk_size(settings: JobSettings, findings: list[Finding]) -> int:
    if settings.chunk_size < 1:
        findings.append(error("chunk-size", "chunk_size", (
            "A chunk holds at least 1 frame, not %d." % settings.chunk_size)))
    return max(1, settings.chunk_size)


def _tiles(settings: JobSettings, findings: list[Finding]) -> int:
    side = settings.tiles
    if not 1 <= side <= MOST_TILES:
        findings.append(error("tiles-range", "tiles", (
            "Tiles go from 1x1 to %dx%d, not %dx%d." % (MOST_TILES, MOST_TILES, side, side))))
        return 1
    if side > 1:
        findings.append(info("tiles-apart", "tiles", (
            "Each frame is rendered as %d files, one for each tile. Clarisse does not join them, "
            "and leaves out filters that need the whole image, such as blur and denoising."
            % side ** 2)))
    return side ** 2


def _scout(
    settings: JobSettings, frames: Sequence, is_complete: bool, findings: list[Finding],
) -> Sequence:
    if not settings.use_scout_frames:
        return Sequence()
    try:
        asked = scout_frames(settings.scout_frames, frames)
    except FrameSpecError as problem:
        findings.append(error("frames-invalid", "scout_frames", str(problem)))
        return Sequence()
    if is_complete:
        _check_scout(asked, frames, findings)
    return asked & frames


def _check_scout(asked: Sequence, frames: Sequence, findings: list[Finding]) -> None:
    outside = asked - frames
    if not asked & frames:
        findings.append(error("scout-outside", "scout_frames", (
            'None of the scout frames "%s" is among the frames "%s" of the job. Name some that '
            "are, or turn scouting off." % (asked, frames))))
    elif outside:
        findings.append(warning("scout-outside", "scout_frames", (
            'The scout frames "%s" are not among the frames "%s" of the job and are left out.'
            % (outside, frames))))
