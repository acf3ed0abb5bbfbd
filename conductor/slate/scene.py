"""What a slate needs to know of a render package: its images and layers."""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from typing import Callable, Iterator

from conductor.clarisse import classes, expressions
from conductor.clarisse.project_file import Item, ProjectFile, parse
from conductor.lib.errors import SceneError
from conductor.lib.sequence import Sequence

_PRESET_SIZE = re.compile(r"\((\d+)x(\d+)\)")
_FPS = 25.0


@dataclass(frozen=True)
class Output:
    """One image or layer and the files it makes.

    Attributes:
        save_as: source text, variables and expressions included.
        width, height: pixels; a layer has those of its image.
    """

    path: str
    render_to_disk: bool
    save_as: str
    file_format: int
    first: int
    last: int
    step: int
    width: int
    height: int

    @property
    def frames(self) -> Sequence:
        """The frames of its own range."""
        return Sequence.from_range(self.first, self.last, self.step)


class Project:
    """A render package read from disk. Raises ProjectFileError and SceneError."""

    def __init__(self, path: str) -> None:
        self.path = os.path.abspath(path)
        try:
            with open(self.path, encoding="utf-8", newline="") as handle:
                self.file: ProjectFile = parse(handle.read())
        except (OSError, UnicodeDecodeError) as wrong:
            raise SceneError('cannot read the project "%s": %s' % (path, wrong)) from wrong

    @property
    def name(self) -> str:
        """File name of the project."""
        return os.path.basename(self.path)

    def output(self, path: str) -> Output:
        """The image or layer of that item path; SceneError when there is none."""
        item = self.file.item(_full(path))
        if item is None or not _makes_files(item):
            raise SceneError('"%s" is no image or layer of %s' % (path, self.path))
        return _output(item)

    def outputs(self) -> Iterator[Output]:
        """Every image and layer, in the order of the file."""
        return (_output(item) for item in self.file.items() if _makes_files(item))

    def variables(self, frame: int) -> Callable[[str], str | float | None]:
        """Values of Clarisse's variables at a frame; others come from the environment."""
        fps = self._fps()
        known: dict[str, str | float] = {
            "F": frame, "FPS": fps, "T": frame / fps,
            "PDIR": os.path.dirname(self.path),
            "PNAME": os.path.splitext(self.name)[0],
            "CTEMP": tempfile.gettempdir(),
        }
        return lambda name: known.get(name, os.environ.get(name))

    def _fps(self) -> float:
        entry = self.file.preferences
        for key in ("categories", "animation", "frames_per_second"):
            entry = entry.find(key) if entry else None
        return float(entry.tokens[0].text) if entry and entry.tokens else _FPS

    def place(self, output: Output, save_as: str, frame: int) -> str:
        """Folder and stem of a frame's file. Raises SceneError when ``save_as`` names no file."""
        place = expressions.resolve(save_as, self.variables(frame))
        if not place or place.endswith(("/", "\\")):
            raise SceneError('%s: save_as "%s" names no file' % (output.path, save_as))
        return place


def _makes_files(item: Item) -> bool:
    return any(classes.is_kind_of(item.class_name, kind) for kind in ("Image", "Layer"))


def _full(path: str) -> str:
    """The item path as the file's reader spells it: Clarisse 5 prints ``build://project/``."""
    for root in ("build://project/", "project://", "project:/"):
        if path.startswith(root):
            path = path[len(root):]
            break
    return "project://" + path.lstrip("/")


def _output(item: Item) -> Output:
    width, height = _size(item)
    return Output(
        path=item.path,
        render_to_disk=_is_on(item, "render_to_disk"),
        save_as=_text(item, "save_as"),
        file_format=_number(item, "format"),
        first=_number(item, "first_frame"),
        last=_number(item, "last_frame"),
        step=max(1, _number(item, "frame_step")),
        width=width, height=height,
    )


def _size(item: Item) -> tuple[int, int]:
    image = item
    while image.is_embedded and image.parent is not None:
        image = image.parent
    written = image.values("resolution")
    preset = _PRESET_SIZE.search(_text(image, "resolution_preset"))
    if not written and preset:
        return int(preset[1]), int(preset[2])
    return max(1, _number(image, "resolution")), max(1, _number(image, "resolution", 1))


def _is_on(item: Item, name: str) -> bool:
    # The word alone, without a value, means yes.
    return item.values(name) == () or _text(item, name) in ("yes", "1")


def _number(item: Item, name: str, index: int = 0) -> int:
    return int(float(_text(item, name, index) or 0))


def _text(item: Item, name: str, index: int = 0) -> str:
    """The text of a value in the file, or of the default that the file omits."""
    written = item.values(name)
    if written is not None and index < len(written):
        text: str = written[index].text
        return text
    return classes.default_text(item.class_name, name, index)
