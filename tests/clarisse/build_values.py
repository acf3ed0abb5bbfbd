"""Values that the tests of the build share: a scene, a catalogue, a configuration, one moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.build import Built, Moment, build
from conductor.clarisse.snapshot import (
    Image,
    PathHint,
    PathReference,
    Scene,
    SequenceAttributes,
)
from conductor.lib.catalog import Catalog, InstanceType
from conductor.lib.config import Config
from conductor.lib.package_utils import PackageTree

SCRIPTS = "/path/to/conductor/clarisse/scripts"
"""Where the scripts are said to lie: the checkout may lie anywhere, below blanks too."""

IDENTITY = "0123456789abcdef0123456789abcdef"
MOMENT = Moment(IDENTITY, datetime(2019, 5, 7, 1, 12, 46))

PACKAGES = [
    {
        "package_id": "aaaa", "product": "clarisse", "major_version": "5", "minor_version": "0",
        "release_version": "5", "platform": "linux", "plugins": ["bbbb"],
        "environment": [
            {"name": "PATH", "value": "/opt/clarisse", "merge_policy": "append"},
            {"name": "LICENCE", "value": "4101@server", "merge_policy": "exclusive"},
        ],
    },
    {
        "package_id": "bbbb", "product": "ornatrix", "major_version": "1", "platform": "linux",
        "plugin_host_product": "clarisse", "plugin_host_version": "5",
        "environment": [{"name": "PATH", "value": "/opt/ornatrix", "merge_policy": "append"}],
    },
]
CATALOG = Catalog(
    projects=("dpool", "other"),
    instance_types=(
        InstanceType("n1-standard-2", "2 core, 7.50GB Mem", 2, 7.5, "standard"),
        InstanceType("cw-epyc-8", "8 core, 16GB Mem", 8, 16, ""),
    ),
    packages=PackageTree(PACKAGES), fetched_at=1.0,
)
SETTINGS = JobSettings(
    project="dpool", instance_type="n1-standard-2", packages=("clarisse 5.0.5",), chunk_size=2)


@pytest.fixture
def scripts_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands name SCRIPTS."""
    monkeypatch.setattr("conductor.clarisse.build.SCRIPT_FOLDER", SCRIPTS)


def config(**overrides: Any) -> Config:
    """The defaults with some settings; nothing of the machine."""
    return Config.load(
        environ={"HOME": "/nowhere"}, overrides=dict({"owner": "artist"}, **overrides))


def image(name: str = "image1", first: int = 1, last: int = 10, **changes: Any) -> Image:
    """An image that is written to its own folder beside the scene."""
    made = Image(
        path="project://scene/" + name, class_name="Image", enabled=True, render_to_disk=True,
        save_as="$PDIR/renders/%s/beauty." % name, file_format=0, first_frame=first,
        last_frame=last, frame_step=1)
    return replace(made, **changes)


def reference(source: str, attribute: str = "filename", **changes: Any) -> PathReference:
    """A texture's path."""
    made = PathReference(
        item="project://scene/tex", attribute=attribute, class_name="TextureMapFile",
        source=source, hint=PathHint.OPEN)
    return replace(made, **changes)


def explicit(start: int, end: int, offset: int = 0) -> SequenceAttributes:
    """Sequence attributes with an explicit range."""
    return SequenceAttributes(mode=1, start=start, end=end, offset=offset, rate=25.0)


def scene(
    *images: Image, references: tuple[PathReference, ...] = (), path: str = "",
    variables: dict[str, str] | None = None,
) -> Scene:
    """A scene at /path/to/project/shot.project, which exists nowhere."""
    path = path or "/path/to/project/shot.project"
    known = {"PDIR": path.rpartition("/")[0], "PNAME": "shot", "F": "7", "T": "0.28"}
    known.update(variables or {})
    return Scene(
        path=path, version="5.0.5.8.0", job="project://conductor_job_item_name", modified=False,
        fps=25.0, variables=known, images=images or (image(),), references=references)


def built(
    settings: JobSettings = SETTINGS, scene_: Scene | None = None, catalog: Catalog = CATALOG,
    **overrides: Any,
) -> Built:
    """One build."""
    return build(settings, scene_ or scene(), catalog, config(**overrides), MOMENT)


def codes(made: Built) -> list[tuple[str, str, str]]:
    """Level, code and subject of the findings."""
    return [(one.level.value, one.code, one.subject) for one in made.findings]


def touch(folder: Path, *names: str) -> None:
    """Small files below a folder."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
