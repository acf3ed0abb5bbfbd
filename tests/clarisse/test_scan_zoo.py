"""A generated zoo of scenes whose needs are known: no file missing, none too many.

Each animal is one item with a path, made together with the truth about it: which files a render
reads, written down by the generator without the code under test. A scene holds some of them, on a
disk full of files that nobody needs.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

import pytest

from conductor.clarisse.frames import JobFrames, read_frames
from conductor.clarisse.headless import session
from conductor.clarisse.item import find_or_create_job, read_settings
from conductor.clarisse.scan import Scan, scan
from conductor.clarisse.scene import read_scene
from conductor.clarisse.stray_paths import looks_like_path
from conductor.lib.dependencies import Policy
from conductor.lib.directory_listing import DirectoryListing

HEADER = """#Isotropix_Serial_Version 1.2

#Isotropix_Clarisse_Version 5
#Isotropix_Clarisse_Project_Version 0.98
"""
SHOT = range(3, 8)


@dataclass
class Animal:
    """One item, and the truth about it: what is on disk, and what each policy needs of it."""

    text: str
    disk: list[str] = field(default_factory=list)
    smart: set[str] = field(default_factory=set)
    glob: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)


def item(class_name: str, name: str, *rows: str) -> str:
    lines = ['%s {' % class_name, '    name "%s"' % name, *("    " + row for row in rows), "}"]
    return "".join("    %s\n" % line for line in lines)


def literal(name: str, dice: random.Random) -> Animal:
    path = "tex/%s.png" % name
    there = dice.random() < 0.8
    return Animal(item("TextureMapFile", name, 'filename "$PDIR/%s"' % path),
                  [path] if there else [], {path} if there else set(), {path} if there else set(),
                  set() if there else {path})


def hashes(name: str, dice: random.Random) -> Animal:
    width, offset = dice.randint(1, 5), dice.randint(-20, 2)
    first = dice.randint(1, 10)
    last = first + dice.randint(0, 30)
    disk = {number: "seq/%s_v2.%0*d.exr" % (name, width, number) for number in range(1, 60)}
    needed = {frame - offset for frame in SHOT if first <= frame - offset <= last}
    text = item("TextureStreamedMapFile", name, 'filename "$PDIR/seq/%s_v2.%s.exr"' % (
        name, "#" * width), "sequence_mode 1", "start_frame %d" % first, "end_frame %d" % last,
        "frame_offset %d" % offset)
    decoys = ["seq/%s_v3.%0*d.exr" % (name, width, 5), "seq/%s_v2.x.exr" % name]
    return Animal(text, [*disk.values(), *decoys], {disk[number] for number in needed},
                  set(disk.values()))


def outside(name: str, dice: random.Random) -> Animal:
    """Hold and repeat, reckoned with plain lists."""
    first, last = 1, dice.randint(1, 4)
    behavior = dice.choice([0, 1, 2])
    shown = list(range(first, last + 1))
    needed = set()
    for frame in SHOT:
        if frame <= last:
            needed.add(frame)
        elif behavior == 1:
            needed.add(last)
        elif behavior == 2:
            needed.add(shown[(frame - first) % len(shown)])
    disk = {number: "loop/%s.%d.png" % (name, number) for number in shown}
    text = item("LayerFile", name, 'filename "$PDIR/loop/%s.#.png"' % name, "sequence_mode 1",
                "start_frame %d" % first, "end_frame %d" % last, "post_behavior %d" % behavior)
    return Animal(text, list(disk.values()), {disk[number] for number in needed},
                  set(disk.values()))


def frame_variable(name: str, dice: random.Random) -> Animal:
    digits = dice.choice(["", "4"])
    spelled: Callable[[int], str] = (lambda n: "%04d" % n) if digits else str
    disk = {number: "f/%s.%s.tx" % (name, spelled(number)) for number in range(1, 12)}
    source = dice.choice([
        '"$PDIR/f/%s.$%sF.tx"' % (name, digits),
        r'"$PDIR + \"/f/%s.\" + $%sF + \".tx\""' % (name, digits)])
    return Animal(item("TextureMapFile", name, "filename " + source), list(disk.values()),
                  {disk[number] for number in SHOT}, set(disk.values()))


def tiles(name: str, dice: random.Random) -> Animal:
    every = {(tile, frame): "udim/%s.%d.%04d.tx" % (name, tile, frame)
             for tile in (1001, 1002, 1011) for frame in range(1, 10)}
    return Animal(
        item("TextureMapFile", name, 'filename "$PDIR/udim/%s.<UDIM>.####.tx"' % name),
        [*every.values(), "udim/%s.101.0003.tx" % name],
        {path for (_, frame), path in every.items() if frame in SHOT}, set(every.values()))


def folder(name: str, dice: random.Random) -> Animal:
    files = {"cache/%s/%s" % (name, leaf) for leaf in ("a.vdb", "deep/er/b.vdb", "c")}
    text = item("Thing", name, 'folder "$PDIR/cache/%s"' % name)
    return Animal(text, [*files, "cache/%s_2/d.vdb" % name], files, files)


def custom(name: str, dice: random.Random) -> Animal:
    path = "osl/%s.tx" % name
    rows = ("custom_attributes {", '    filename_open "OSL_map" {',
            '        value "$PDIR/%s"' % path, "    }", "}")
    return Animal(item("TextureOslFile", name, *rows), [path], {path}, {path})


def listed(name: str, dice: random.Random) -> Animal:
    paths = {"abc/%s_%d.abc" % (name, number) for number in range(3)}
    quoted = " ".join('"$PDIR/%s"' % path for path in sorted(paths))
    return Animal(item("GeometryBundleAlembic", name, "filename " + quoted), [*paths], paths, paths)


def unread(name: str, dice: random.Random) -> Animal:
    """Paths that no render reads, though their files are there."""
    path = "unread/%s.png" % name
    row = 'filename "$PDIR/%s"' % path
    text = dice.choice([
        item("TextureMapFile", name, row, "disabled yes"),
        item("TextureMapFile", name, 'filename_sys "$PDIR/%s"' % path),
        item("ProcessWriteAbc", name, row)])
    return Animal(text, [path])


def reference(name: str, dice: random.Random) -> Animal:
    """A context that loads an Alembic file."""
    path = "abc/%s.abc" % name
    text = '    Context "%s" {\n        filename "$PDIR/%s"\n    }\n' % (name, path)
    return Animal(text, [path], {path}, {path})


def private_item(name: str, dice: random.Random) -> Animal:
    """An item that is only hidden from the artist, as embedded materials are: it is rendered."""
    path = "hidden/%s.tx" % name
    text = item("TextureMapFile", name, "private yes", 'filename "$PDIR/%s"' % path)
    return Animal(text, [path], {path}, {path})


def element(name: str, dice: random.Random) -> Animal:
    """A list with an expression for one of its values."""
    paths = {"abc/%s_%d.abc" % (name, number) for number in range(2)}
    text = item("GeometryBundleAlembic", name, 'filename "$PDIR/abc/%s_0.abc" '
                r'"$PDIR + \"/abc/%s_1.abc\""' % (name, name))
    return Animal(text, [*paths], paths, paths)


KINDS = (literal, hashes, outside, frame_variable, tiles, folder, custom, listed, unread, reference,
         private_item, element)


@dataclass
class Zoo:
    """A scene on disk, opened and read."""

    folder: Path
    animals: list[Animal]
    scene: Any
    frames: JobFrames

    def visit(self, policy: Policy) -> Scan:
        return scan(self.scene, self.frames, policy, DirectoryListing())

    def names(self, paths: Any) -> set[str]:
        return {path[len(self.folder.as_posix()) + 1:] for path in paths}


def open_zoo(folder: Path, animals: list[Animal]) -> Zoo:
    for animal in animals:
        for path in animal.disk:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
    image = item("Image", "image", "render_to_disk yes", 'save_as "$PDIR/out/image."',
                 "first_frame %d" % SHOT[0], "last_frame %d" % SHOT[-1])
    body = image + "".join(animal.text for animal in animals)
    (folder / "zoo.project").write_text(
        HEADER + 'Context "scene" {\n%s}\n' % body, encoding="utf-8")
    with session(str(folder / "zoo.project"), gui=False) as ix:
        from conductor.clarisse import startup

        startup.register(ix)
        job = find_or_create_job(ix, None, ("project://scene/image",))
        read = read_scene(ix, job)
        return Zoo(folder, animals, read, read_frames(read_settings(job), read)[0])


@pytest.fixture(scope="module", params=range(12), ids=lambda seed: "zoo%d" % seed)
def zoo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Zoo:
    dice = random.Random(request.param)
    animals = [kind("%s%d" % (kind.__name__, number), dice) for number in range(3)
               for kind in KINDS]
    return open_zoo(tmp_path_factory.mktemp("zoo").resolve(), animals)


@pytest.mark.parametrize("policy", [Policy.SMART, Policy.GLOB], ids=["smart", "glob"])
def test_no_file_is_missing_and_none_is_too_many(zoo: Zoo, policy: Policy) -> None:
    found = zoo.visit(policy)
    truth = set().union(*(
        animal.smart if policy is Policy.SMART else animal.glob for animal in zoo.animals))
    assert zoo.names(found.files) == truth
    assert zoo.names(path for path, _ in found.missing) == set().union(*(
        animal.missing for animal in zoo.animals))
    assert {finding.code for finding in found.findings} <= {"file-missing"}


def test_no_scan_finds_nothing_of_the_scene(zoo: Zoo) -> None:
    found = zoo.visit(Policy.NO_SCAN)
    assert (found.files, found.missing, found.findings) == ((), (), ())


def lines_with_paths(path: Path) -> list[str]:
    """The independent judge: the texts of all lines that hold something like a path, found line by
    line, without the parser."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#preferences"):
            break
        for text in re.findall(r'"((?:\\.|[^"\\])*)"', line):
            text = text.replace('\\"', '"').replace("\\\\", "\\")
            if "/" in text and "://" not in text:
                found.append(text)
    return found


def test_every_line_with_a_path_is_scanned_or_skipped_by_a_rule(zoo: Zoo) -> None:
    seen = [asker.reference.source for asker in zoo.visit(Policy.SMART).askers]
    assert sorted(lines_with_paths(zoo.folder / "zoo.project")) == sorted(seen)


def test_a_line_that_nobody_knows_is_told(tmp_path: Path) -> None:
    strange = Animal(item("Lamp", "lamp", 'profile "$PDIR/lamp.ies"', 'look "/looks/a/b"'))
    zoo = open_zoo(tmp_path.resolve(), [strange])
    seen = {asker.reference.source for asker in zoo.visit(Policy.SMART).askers}
    told = "\n".join(one.message for one in zoo.visit(Policy.SMART).findings
                     if one.code == "path-unscanned")
    unknown = [text for text in lines_with_paths(zoo.folder / "zoo.project") if text not in seen]
    assert unknown == ["$PDIR/lamp.ies", "/looks/a/b"]
    assert all('"%s"' % text in told for text in unknown)


# -- a scene that Clarisse wrote ------------------------------------------------------------------


def test_the_vendors_demo_scene_is_explained(shared_dir: Path) -> None:
    """Its layer and objects are made by a plug-in, without a file: the only paths are those of the
    playblast and the units, in the preferences. So nothing travels, and nothing is doubtful."""
    path = shared_dir / "data" / "kubix_demo.project"
    with session(str(path), gui=False) as ix:
        from conductor.clarisse import startup

        startup.register(ix)
        job = find_or_create_job(ix, None, ("project://scene/image",))
        read = read_scene(ix, job)
        frames = read_frames(read_settings(job), read)[0]
    found = scan(read, frames, Policy.SMART, DirectoryListing())
    assert (found.askers, found.files, found.missing, found.findings) == ((), (), (), ())
    assert [text for text in lines_with_paths(path) if looks_like_path(text)] == []
    text = path.read_text(encoding="utf-8")
    preferences = text[text.index("\n#preferences"):]
    assert re.findall(r'\bfilename "([^"]+)"', preferences) and "filename" not in (
        text[:text.index("\n#preferences")])
