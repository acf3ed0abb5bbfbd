"""What one press reads from the host: plain values, ready to be kept as JSON.

A bug report can carry ``scene.json`` and be replayed without Clarisse. Texts are the **source**
of expressions, never their value of the moment: ``build.py`` resolves them with job and task
variables.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any, Mapping


class PathHint(str, Enum):
    """What a path attribute is for."""

    OPEN = "filename_open"
    SAVE = "filename_save"
    FOLDER = "folder"


@dataclass(frozen=True)
class SequenceAttributes:
    """The sequence attributes beside a file path. Frames; rate in frames per second.

    ``mode`` 0 is a single file, 1 an explicit range. ``pre_behavior`` and ``post_behavior`` are
    preset numbers.
    """

    mode: int = 0
    start: int = 0
    end: int = 0
    offset: int = 0
    rate: float = 0.0
    pre_behavior: int = 0
    post_behavior: int = 0


@dataclass(frozen=True)
class PathReference:
    """One path attribute of one item, with the text as typed.

    Attributes:
        project: file of the referenced project that holds the item; empty for the scene itself.
    """

    item: str
    attribute: str
    class_name: str
    source: str
    hint: PathHint
    sequence: SequenceAttributes | None = None
    enabled: bool = True
    private: bool = False
    project: str = ""

    @property
    def asked_by(self) -> str:
        """Item and attribute, for messages."""
        name = "%s.%s" % (self.item, self.attribute)
        return "%s: %s" % (self.project, name) if self.project else name


@dataclass(frozen=True)
class Image:
    """An image or layer that a ConductorJob names.

    Attributes:
        path: ``project://scene/image`` or, for a layer, ``project://scene/image.background``.
        save_as: source text of the output path, without frame and extension.
        file_format: preset number of ``format``.
    """

    path: str
    class_name: str
    enabled: bool
    render_to_disk: bool
    save_as: str
    file_format: int
    first_frame: int
    last_frame: int
    frame_step: int = 1

    @property
    def is_layer(self) -> bool:
        """True for a layer, which lives embedded in its image."""
        return "." in self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Scene:
    """The open project as far as a submission needs it.

    Attributes:
        path: the project file with the host's separators; empty when it was never saved.
        version: dotted version of Clarisse, such as ``5.0.5.8.0``.
        job: full name of the ConductorJob item.
        fps: frames per second of the project.
        variables: built-in and custom variables by name without ``$``, CT_ ones left out.
        images: what the job names, in its order.
        localizes_references: True where the host itself makes referenced projects part of the
            render package, so that they need not travel.
        branches: for each image the items that it depends on; None when all items count.
        version_name: the version as people say it, such as ``5.0 SP8``.
    """

    path: str
    version: str
    job: str
    modified: bool
    fps: float
    variables: Mapping[str, str]
    images: tuple[Image, ...]
    references: tuple[PathReference, ...]
    localizes_references: bool = False
    branches: Mapping[str, tuple[str, ...]] | None = None
    version_name: str = ""

    @property
    def job_name(self) -> str:
        """Leaf name of the ConductorJob item."""
        return self.job.rsplit("/", 1)[-1]

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary for ``json.dump``."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Scene:
        """The inverse of :meth:`to_json`."""
        values = dict(data)
        values["images"] = tuple(Image(**image) for image in values["images"])
        values["references"] = tuple(_reference(entry) for entry in values["references"])
        branches = values.get("branches")
        if branches is not None:
            values["branches"] = {image: tuple(items) for image, items in branches.items()}
        return cls(**values)


def _reference(entry: Mapping[str, Any]) -> PathReference:
    values = dict(entry)
    if values.get("sequence") is not None:
        values["sequence"] = SequenceAttributes(**values["sequence"])
    values["hint"] = PathHint(values["hint"])
    return PathReference(**values)
