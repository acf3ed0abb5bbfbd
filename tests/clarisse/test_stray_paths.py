"""The safety net: texts that look like paths, and that no rule knows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from build_values import SETTINGS, reference, scene

from conductor.clarisse.frames import read_frames
from conductor.clarisse.scan import scan
from conductor.clarisse.snapshot import Scene
from conductor.clarisse.stray_paths import Stray, looks_like_path, strays
from conductor.lib.dependencies import Policy
from conductor.lib.directory_listing import DirectoryListing


def codes(its: Scene, policy: Policy = Policy.SMART) -> list[tuple[str, str]]:
    made = scan(its, read_frames(SETTINGS, its)[0], policy, DirectoryListing())
    return [(one.code, one.subject) for one in made.findings]


@pytest.mark.parametrize("text, answer", [
    ("/show/a.png", True), ("Z:/a", True), ("z:\\a", True), ("\\\\nas\\a", True), ("~/a", True),
    ("$PDIR/a", True), ("$PDIR + \"/a\"", True), ('"/a/b"', True), ("tex/a.png", True),
    ("./tex/a.EXR", True), ("project://a/b.png", False), ("build://project/a", False),
    ("default/material", False), (".background", False), ("C<RD>", False), ("./*", False),
    ("a.png", False), ("/* code\n*/", False), ("Colorspaces|sRGB", False), ("", False),
])
def test_what_looks_like_a_path(text: str, answer: bool) -> None:
    assert looks_like_path(text) is answer


STRAYS = """comment "/root/comment.png"
Context "/odd/name.png" {
    ThirdParty {
        name "thing"
        comment "/show/comment.png" // "/a/remark.png"
        ies_profile "/lights/a.ies"
        known "/k.png"
        maps {
            value "x" "/maps/b.tx"
        }
        half {
            value 1.5
            expression[] "$F / 2"
        }
        custom_attributes {
            string "note" {
                value "Z:\\\\notes\\\\n.txt"
            }
            reference "ref" {
                value "/item/path"
            }
        }
        texture "/item/b"
        // "/a/remark.png"
        embedded_objects {
            Inner {
                name "in"
                table "/t.cube"
            }
        }
    }
    Off {
        name "off"
        disabled yes
        table "/off.cube"
    }
    ConductorJob {
        name "job"
        some_path "/job.png"
    }
}
#preferences {
    categories {
        playblast {
            filename "Z:/blast_#####"
        }
    }
}"""


def test_strays_are_found_with_item_attribute_and_line() -> None:
    found = list(strays(STRAYS, {"/scanned"}, {("project:///odd/name.png/thing", "known")}))
    root = "project:///odd/name.png/thing"
    assert found == [
        Stray(root, "ies_profile", "/lights/a.ies", 6), Stray(root, "maps", "/maps/b.tx", 9),
        Stray(root, "note", "Z:\\notes\\n.txt", 17), Stray(root + ".in", "table", "/t.cube", 28),
    ]
    assert not [one for one in strays(STRAYS, {"/lights/a.ies"}, set()) if "ies" in one.text]


OUTSIDE = """comment "/root/comment.png"
#include "/show/first.project"
reference "/show/second.project"
include {
    file "/show/third.project"
}
variables {
    string "TEX" {
        value "/show/tex"
    }
}
Context "scene" {
    GeometryBundleAlembic {
        name "abc"
        filename {
            value "/old.abc" "/kept.abc"
            expression[] "/new.abc"
        }
        filename[1] "/second.abc"
    }
}
"""


def test_texts_outside_of_items_and_further_texts_of_a_scanned_attribute_are_told() -> None:
    found = list(strays(OUTSIDE, {"/new.abc", "/kept.abc"}, set()))
    assert found == [
        Stray("", "#include", "/show/first.project", 2),
        Stray("", "reference", "/show/second.project", 3),
        Stray("", "include", "/show/third.project", 5),
        Stray("project://scene/abc", "filename", "/second.abc", 19)]


def test_a_further_text_of_a_scanned_attribute_is_told_where_the_texts_are_the_files_own(
    tmp_path: Path,
) -> None:
    (tmp_path / "shot.project").write_text(
        'Thing {\n    name "t"\n    filename "/a.abc"\n    filename[1] "/b.abc"\n}\n')
    asked = reference("/a.abc", item="project://t", class_name="Thing")
    its = scene(path=tmp_path.as_posix() + "/shot.project", references=(asked,))
    assert codes(its) == [
        ("file-missing", "project://t.filename"), ("path-unscanned", "project://t.filename")]
    off = replace(its, references=(replace(asked, enabled=False),))
    assert codes(off) == [], "skipped by a rule, with all its texts"
    clarisse = replace(its, localizes_references=True)
    assert codes(clarisse) == [("file-missing", "project://t.filename")], "may tell them otherwise"


def test_the_net_holds_in_any_encoding(tmp_path: Path) -> None:
    (tmp_path / "shot.project").write_bytes(
        b'comment "caf\xe9"\nreference "/a.project"\nThing {\n    name "t"\n    lamp "/a.ies"\n}\n')
    its = scene(path=tmp_path.as_posix() + "/shot.project")
    assert codes(its) == [
        ("path-unscanned", "reference"), ("path-unscanned", "project://t.lamp")]


def test_a_stray_of_the_scene_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "shot.project").write_text('Thing {\n    name "t"\n    lamp "/a.ies"\n}\n')
    its = scene(path=tmp_path.as_posix() + "/shot.project")
    assert codes(its) == [("path-unscanned", "project://t.lamp")]
    assert codes(its, Policy.NO_SCAN) == []
    older = replace(its, localizes_references=True, modified=True)
    assert codes(older) == [], "the file is not what Clarisse holds"
