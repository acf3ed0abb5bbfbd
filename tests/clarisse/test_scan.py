"""The dependency scan on scenes as values, and on referenced projects on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from build_values import SETTINGS, config, explicit, image, reference, scene, touch
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.clarisse.frames import JobFrames, read_frames
from conductor.clarisse.project_file import parse
from conductor.clarisse.references import (
    Assumptions,
    path_references,
    referenced_projects,
)
from conductor.clarisse.scan import PREFERENCES, Scan, Skip, scan, scan_scope
from conductor.clarisse.scan_report import ScanReport, Why
from conductor.clarisse.snapshot import Image, PathHint, PathReference, Scene
from conductor.clarisse.stray_paths import strays
from conductor.lib.dependencies import Policy
from conductor.lib.directory_listing import DirectoryListing
from conductor.lib.errors import ConfigError, ProjectFileError

CONTEXT = 'Context "%s" {\n    filename %s\n}\n'
TEXTURE = '    TextureMapFile {\n        name "%s"\n        filename "%s"\n%s    }\n'


def frames_of(its: Scene, frames: str = "") -> JobFrames:
    chosen = replace(SETTINGS, use_custom_frames=bool(frames), custom_frames=frames)
    return read_frames(chosen, its)[0]


def scanned(its: Scene, policy: Policy = Policy.SMART, frames: str = "") -> Scan:
    return scan(its, frames_of(its, frames), policy, DirectoryListing())


def codes(made: Scan) -> list[tuple[str, str]]:
    return [(one.code, one.subject) for one in made.findings]


def referencing(folder: Path, *projects: str, **changes: Any) -> Scene:
    """A scene in a folder with one context for each project that it references."""
    references = tuple(
        reference("$PDIR/" + project, item="project://set%d" % place, class_name="Context")
        for place, project in enumerate(projects))
    return replace(scene(references=references, path=folder.as_posix() + "/shot.project"),
                   **changes)


def write_project(folder: Path, name: str, *items: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(items) or "", encoding="utf-8")


def texture(name: str, filename: str, more: str = "") -> str:
    return 'Context "inner" {\n' + TEXTURE % (name, filename, more) + "}\n"


def names(folder: Path, made: Scan) -> list[str]:
    return [file.replace(folder.as_posix() + "/", "") for file in made.files]


# -- projects that the scene references -----------------------------------------------------------


@pytest.fixture
def nested(tmp_path: Path) -> Path:
    """shot -> sets/one -> sets/deep/two -> back to one; each has a texture beside it."""
    folder = tmp_path.resolve()
    touch(folder, "sets/a.png", "sets/deep/b.0001.png", "sets/deep/b.0002.png")
    write_project(folder, "sets/one.project", texture("a", "$PDIR/a.png"),
                  CONTEXT % ("two", '"$PDIR/deep/two.project"'))
    write_project(folder, "sets/deep/two.project", texture("b", "$PDIR/b.####.png"),
                  CONTEXT % ("back", '"$PDIR/../one.project"'))
    return folder


def test_projects_travel_and_are_scanned_at_any_depth(nested: Path) -> None:
    made = scanned(referencing(nested, "sets/one.project"), frames="1")
    assert sorted(names(nested, made)) == [
        "sets/a.png", "sets/deep/b.0001.png", "sets/deep/two.project", "sets/one.project"]
    root = nested.as_posix()
    assert [project.path for project in made.projects] == [
        root + "/sets/one.project", root + "/sets/deep/two.project"]


def test_a_circle_of_references_is_told_once(nested: Path) -> None:
    made = scanned(referencing(nested, "sets/one.project"))
    (finding,) = [one for one in made.findings if one.code == "reference-cycle"]
    assert finding.subject == nested.as_posix() + "/sets/deep/two.project: project://back.filename"
    assert finding.message.count("one.project") == 2


def test_two_ways_to_one_project_are_no_circle(nested: Path) -> None:
    write_project(nested, "sets/deep/two.project", texture("b", "$PDIR/b.####.png"))
    made = scanned(referencing(nested, "sets/one.project", "sets/deep/two.project"), frames="1-2")
    assert len(made.projects) == 2 and codes(made) == []


def test_a_scene_that_references_itself_is_a_circle(tmp_path: Path) -> None:
    write_project(tmp_path, "shot.project", texture("a", "/no/a.png"))
    made = scanned(referencing(tmp_path.resolve(), "shot.project"))
    assert "reference-cycle" in [code for code, _ in codes(made)]


def test_very_deep_references(tmp_path: Path) -> None:
    folder, depth = tmp_path.resolve(), 1500
    for level in range(depth):
        write_project(folder, "%d.project" % level,
                      CONTEXT % ("next", '"$PDIR/%d.project"' % (level + 1)))
    write_project(folder, "%d.project" % depth, texture("a", "$PDIR/a.png"))
    touch(folder, "a.png")
    made = scanned(referencing(folder, "0.project"))
    assert len(made.projects) == depth + 1 and names(folder, made)[-1] == "a.png"


def test_clarisse_makes_references_local_so_only_what_is_inside_travels(nested: Path) -> None:
    made = scanned(referencing(nested, "sets/one.project", localizes_references=True))
    assert [name for name in names(nested, made) if name.endswith(".project")] == []
    assert "sets/a.png" in names(nested, made)
    assert {asker.skip for asker in made.askers if asker.path.endswith(".project")} == {Skip.LOCAL}


def test_no_scan_still_sends_the_projects_that_the_package_names(nested: Path) -> None:
    made = scanned(referencing(nested, "sets/one.project"), Policy.NO_SCAN)
    assert sorted(names(nested, made)) == ["sets/deep/two.project", "sets/one.project"]
    local = referencing(nested, "sets/one.project", localizes_references=True)
    assert scanned(local, Policy.NO_SCAN).files == ()


@pytest.mark.parametrize("content, code", [
    pytest.param(None, "file-missing", id="missing"),
    pytest.param(b'Context "a" {\n', "reference-unreadable", id="broken"),
    pytest.param(b"\xff\xfe", "reference-unreadable", id="binary"),
])
def test_a_project_that_cannot_be_read_is_told(
    tmp_path: Path, content: bytes | None, code: str,
) -> None:
    if content is not None:
        (tmp_path / "set.project").write_bytes(content)
    made = scanned(referencing(tmp_path.resolve(), "set.project"))
    assert codes(made) == [(code, "project://set0.filename")]


@pytest.mark.parametrize("name, is_project", [
    ("cache.abc", False), ("stage.usda", False), ("set.project", True), ("SET.PROJECT", True),
])
def test_other_references_are_files_like_any_other(
    tmp_path: Path, name: str, is_project: bool,
) -> None:
    folder = tmp_path.resolve()
    write_project(folder, name, texture("a", "/no/a.png"))
    made = scanned(referencing(folder, name))
    assert names(folder, made) == [name]
    assert bool(made.projects) is is_project
    assert bool(made.missing) is is_project


def test_variables_of_a_referenced_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path.resolve()
    monkeypatch.setenv("STUDIO_TEX", folder.as_posix() + "/studio")
    touch(folder, "sets/set.png", "show/c.png", "studio/s.png")
    write_project(folder, "sets/set.project", texture("a", "$PDIR/$PNAME.png"),
                  texture("b", "$SHOW/c.png"), texture("c", "$STUDIO_TEX/s.png"))
    its = referencing(folder, "sets/set.project")
    its = replace(its, variables={**its.variables, "SHOW": folder.as_posix() + "/show"})
    assert sorted(names(folder, scanned(its))) == [
        "sets/set.png", "sets/set.project", "show/c.png", "studio/s.png"]


PROJECT = """Context "direct" {
    filename "/a.project" "/b.abc"
    Context "inner" {
        TextureMapFile {
            name "seq"
            filename "/s.####.png"
            filename_sys "/copy.png"
            sequence_mode 1
            start_frame 2
            end_frame 9
            frame_offset -3
            frame_rate 24
            post_behavior 1
        }
    }
}
Context "nested" {
    options {
        filename "/c.project"
    }
    TextureOslFile {
        name "osl"
        OSL_shader_filename "/o.osl"
        custom_attributes {
            attribute_group "input" {
                filename_open "OSL_filename" {
                    value "/custom.png"
                }
                string "OSL_label" {
                    value "/no_file"
                }
            }
        }
    }
    TextureMapFile {
        name "off"
        disabled yes
        filename {
            value "old"
            expression[] "\\"/e\\" + \\".png\\""
        }
    }
    TextureMapFile {
        name "hidden"
        private
        filename "/hidden.png"
    }
    Image {
        name "image"
        save_as "/out/i"
        embedded_objects {
            LayerFile {
                name "plate"
                filename "/plate.png"
            }
        }
    }
    ConductorJob {
        name "job"
        extra_uploads "/extra.png"
    }
    KubixThing {
        name "plugin"
        look_filename "/look.png"
    }
}
"""


def test_every_path_of_a_project_is_read() -> None:
    found = {(one.item, one.source): one for one in path_references(parse(PROJECT), "/p.project")}
    assert list(found) == [
        ("project://direct", "/a.project"), ("project://direct", "/b.abc"),
        ("project://direct/inner/seq", "/s.####.png"), ("project://direct/inner/seq", "/copy.png"),
        ("project://nested", "/c.project"), ("project://nested/osl", "/o.osl"),
        ("project://nested/osl", "/custom.png"), ("project://nested/off", '"/e" + ".png"'),
        ("project://nested/hidden", "/hidden.png"), ("project://nested/image", "/out/i"),
        ("project://nested/image.plate", "/plate.png"),
        ("project://nested/plugin", "/look.png"),
    ]
    sequence = found["project://direct/inner/seq", "/s.####.png"].sequence
    assert sequence == replace(explicit(2, 9, -3), rate=24.0, post_behavior=1)
    assert found["project://nested/image", "/out/i"].hint is PathHint.SAVE
    assert not found["project://nested/off", '"/e" + ".png"'].enabled
    assert not found["project://nested/hidden", "/hidden.png"].private, "hidden, and rendered"
    assert {one.project for one in found.values()} == {"/p.project"}


def test_assumptions_can_be_switched(tmp_path: Path) -> None:
    without = Assumptions(nested_options=False)
    assert "/c.project" not in [one.source for one in path_references(
        parse(PROJECT), assumed=without)]
    folder = tmp_path.resolve()
    write_project(folder, "sets/one.project", CONTEXT % ("x", '"$PDIR/two.project"'))
    its = referencing(folder, "sets/one.project")
    for own, place in ((True, "/sets"), (False, "")):
        found, _ = referenced_projects(its, Assumptions(own_folder=own))
        assert found[-1].path == folder.as_posix() + place + "/two.project"


# -- preferences ----------------------------------------------------------------------------------


def test_the_whole_folder_of_the_colour_configuration_travels(tmp_path: Path) -> None:
    folder = tmp_path.resolve()
    touch(folder, "ocio/config.ocio", "ocio/luts/a.spi1d", "grade.cdl")
    names_ = {"ocio_config_file": "ocio/config.ocio", "cdl_library_file": "grade.cdl"}
    its = scene(path=folder.as_posix() + "/shot.project", references=tuple(
        reference(folder.as_posix() + "/" + path, name, item=PREFERENCES, class_name=PREFERENCES)
        for name, path in names_.items()))
    assert names(folder, scanned(its)) == ["ocio/config.ocio", "ocio/luts/a.spi1d", "grade.cdl"]


# -- scope ----------------------------------------------------------------------------------------


def two_images(folder: Path, **branches: tuple[str, ...]) -> Scene:
    images = (image("one", 1, 2), image("two", 4, 5))
    items = [reference("$PDIR/%s.$F.png" % name, item="project://" + name)
             for name in ("a", "b", "both", "nobody")]
    its = scene(*images, references=tuple(items), path=folder.as_posix() + "/shot.project")
    return replace(its, branches={
        "project://scene/" + name: tuple("project://" + item for item in found)
        for name, found in branches.items()} or None)


def test_only_what_the_images_depend_on_and_for_the_frames_of_each(tmp_path: Path) -> None:
    folder = tmp_path.resolve()
    touch(folder, *["%s.%d.png" % (name, frame) for name in ("a", "b", "both", "nobody")
                    for frame in range(1, 7)])
    its = two_images(folder, one=("a", "both"), two=("b", "both"))
    assert names(folder, scanned(its)) == [
        "a.1.png", "a.2.png", "b.4.png", "b.5.png",
        "both.1.png", "both.2.png", "both.4.png", "both.5.png"]
    assert [asker.skip for asker in scanned(its).askers] == [None, None, None, Skip.SCOPE]
    assert len(scanned(two_images(folder)).files) == 16
    assert names(folder, scanned(its, frames="3")) == ["a.3.png", "b.3.png", "both.3.png"]


def test_the_scope_is_one_of_two_words() -> None:
    assert scan_scope(config()) == "project"
    assert scan_scope(config(scan_scope="images")) == "images"
    with pytest.raises(ConfigError, match='scan_scope is "all".*project, images'):
        scan_scope(config(scan_scope="all"))


# -- sequences ------------------------------------------------------------------------------------


def test_behaviors_and_another_rate_reach_the_scan(tmp_path: Path) -> None:
    folder = tmp_path.resolve()
    touch(folder, *["a.%d.png" % frame for frame in range(10)])
    held = replace(explicit(2, 3), pre_behavior=1, post_behavior=2)
    its = scene(path=folder.as_posix() + "/shot.project", references=(
        reference("$PDIR/a.#.png", sequence=held),))
    assert names(folder, scanned(its, frames="0")) == ["a.2.png"], "the first is held"
    assert names(folder, scanned(its, frames="5")) == ["a.3.png"], "the range is repeated"
    slow = replace(explicit(0, 9), rate=12.5)
    its = replace(its, references=(reference("$PDIR/a.#.png", sequence=slow),))
    made = scanned(its, frames="1-4")
    assert names(folder, made) == ["a.0.png", "a.1.png", "a.2.png"]
    assert codes(made) == [("sequence-rate", "project://scene/tex.filename")]
    assert codes(scanned(its, Policy.GLOB)) == []


@pytest.mark.parametrize("rate", [0.0, -1.0, float("inf"), float("nan"), 1e-9])
@pytest.mark.parametrize("fps", [25.0, 0.0, 1e-9])
def test_what_is_no_rate_is_that_of_the_project(tmp_path: Path, rate: float, fps: float) -> None:
    folder = tmp_path.resolve()
    touch(folder, "a.3.png")
    odd = replace(explicit(0, 9), rate=rate)
    its = scene(path=folder.as_posix() + "/shot.project", references=(
        reference("$PDIR/a.#.png", sequence=odd),))
    assert names(folder, scanned(replace(its, fps=fps), frames="3")) == ["a.3.png"]


# -- the rule of the output folder ----------------------------------------------------------------


@pytest.mark.parametrize("asked, save_as, found", [
    pytest.param("$PDIR/all", "$PDIR/all/out/b.", ["all/a.png"], id="an output folder inside"),
    pytest.param("$PDIR/all/out", "$PDIR/all/out/b.", ["all/out/notes.txt"],
                 id="the output folder itself: only what the image writes"),
    pytest.param("$PDIR/all/out/b.00001.exr", "$PDIR/all/out/b.", ["all/out/b.00001.exr"],
                 id="a file of it, by its name"),
    pytest.param("$PDIR/all", "$PDIR/other/b.",
                 ["all/a.png", "all/out/b.00001.exr", "all/out/notes.txt"], id="elsewhere"),
    pytest.param("$PDIR/all", "$PDIR/all/out/$NOPE", ["all/a.png"], id="unknown variable in it"),
])
def test_old_renders_are_not_uploaded_with_a_folder(
    tmp_path: Path, asked: str, save_as: str, found: list[str],
) -> None:
    folder = tmp_path.resolve()
    touch(folder, "all/a.png", "all/out/b.00001.exr", "all/out/notes.txt")
    writer: Image = image(save_as=save_as)
    its = scene(writer, path=folder.as_posix() + "/shot.project", references=(
        reference(asked, hint=PathHint.FOLDER),))
    assert names(folder, scanned(its)) == found


# -- odd texts and classes ------------------------------------------------------------------------


def test_a_reference_of_another_class_travels_also_where_clarisse_makes_them_local(
    nested: Path,
) -> None:
    its = referencing(nested, "sets/one.project", localizes_references=True)
    (context,) = its.references
    its = replace(its, references=(replace(context, class_name="Unheard"),))
    found = names(nested, scanned(its))
    assert "sets/one.project" in found and "sets/a.png" in found


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(PROJECT)), st.integers(0, 12),
       st.text(alphabet='"\\{}[]/$#F \n\0aZ:.<>é1e9', max_size=8))
def test_no_text_of_a_project_stumbles_the_scan(place: int, length: int, text: str) -> None:
    """Real text with one place spoiled: read, or refused by an error of ours."""
    spoiled = PROJECT[:place] + text + PROJECT[place + length:]
    try:
        found = tuple(path_references(parse(spoiled)))
        list(strays(spoiled, set(), set()))
    except ProjectFileError:
        return
    scanned(scene(references=found, path="/nowhere/shot.project"))


# -- why ------------------------------------------------------------------------------------------


def why(folder: Path, its: Scene, path: str, policy: Policy = Policy.SMART) -> Why:
    report = ScanReport(its, frames_of(its, "1-2"), policy, ("$PDIR/extra.txt",))
    return report.why(folder.as_posix() + "/" + path)


def why_scene(folder: Path) -> Scene:
    touch(folder, "a.0101.png", "a.0102.png", "a.0103.png", "off.png", "extra.txt", "lone.png",
          "out/b.00001.exr")
    references: tuple[PathReference, ...] = (
        reference("$PDIR/a.####.png", sequence=explicit(1, 500, -100)),
        reference("$PDIR/off.png", item="project://off", enabled=False),
        reference("$PDIR/gone.png", item="project://gone"),
        reference("$PDIR/out/b.", "save_as", item="project://image", hint=PathHint.SAVE))
    return scene(path=folder.as_posix() + "/shot.project", references=references)


@pytest.mark.parametrize("path, uploaded, told, asked_by, frames", [
    ("a.0102.png", True, "", "project://scene/tex.filename", "2"),
    ("extra.txt", True, "", "extra_uploads", "1-2"),
    ("a.0103.png", False, "none of the frames 1-2 needs it", "project://scene/tex.filename", ""),
    ("off.png", False, "the item is disabled (rule disabled)", "project://off.filename", ""),
    ("gone.png", False, "it is not on disk", "project://gone.filename", ""),
    ("out/b.00001.exr", False, "written by a render", "project://image.save_as", ""),
    ("lone.png", False, "nothing in the scene names it", None, ""),
    ("nowhere.png", False, "not on disk, and nothing in the scene names it", None, ""),
])
def test_why_a_file_is_uploaded_or_not(
    tmp_path: Path, path: str, uploaded: bool, told: str, asked_by: str | None, frames: str,
) -> None:
    folder = tmp_path.resolve()
    answer = why(folder, why_scene(folder), path)
    assert answer.uploaded is uploaded
    assert told in answer.why_not
    assert [(one.asked_by, one.frames) for one in answer.reasons] == (
        [] if asked_by is None else [(asked_by, frames)])
    text = answer.to_text()
    assert path in text and (asked_by or "") in text and told in text


def test_why_shows_text_and_what_it_means(tmp_path: Path) -> None:
    folder = tmp_path.resolve()
    (reason,) = why(folder, why_scene(folder), "a.0101.png").reasons
    assert reason.source == "$PDIR/a.####.png"
    assert reason.resolved == folder.as_posix() + "/a.####.png"


def test_why_not_under_no_scan(tmp_path: Path) -> None:
    folder = tmp_path.resolve()
    answer = why(folder, why_scene(folder), "a.0101.png", Policy.NO_SCAN)
    assert answer.why_not == "the policy is No Scan (rule no-scan)"


def test_why_points_at_what_could_not_be_read(tmp_path: Path) -> None:
    folder = tmp_path.resolve()
    its = why_scene(folder)
    its = replace(its, references=(reference('"/a." + ($F * 2)', item="project://calc"),))
    assert "project://calc.filename [path-expression]" in why(folder, its, "lone.png").why_not


def test_why_leads_through_the_projects(nested: Path) -> None:
    answer = why(nested, referencing(nested, "sets/one.project"), "sets/deep/b.0001.png")
    (reason,) = answer.reasons
    root = nested.as_posix()
    assert reason.asked_by == root + "/sets/deep/two.project: project://inner/b.filename"
    assert reason.via == (
        "project://set0.filename", root + "/sets/one.project: project://two.filename")
    assert "referenced by project://set0.filename" in answer.to_text()


def test_the_report_is_what_is_uploaded(tmp_path: Path) -> None:
    folder = tmp_path.resolve()
    its = why_scene(folder)
    report = ScanReport(its, frames_of(its, "1-2"), Policy.SMART, ("$PDIR/extra.txt",))
    found = report.to_json()
    assert list(found) == ["files", "missing", "findings"]
    sizes = {one["path"]: one["size"] for one in found["files"]}
    assert {path: size for path, size in sizes.items() if path.startswith(folder.as_posix())} == {
        folder.as_posix() + "/" + name: 1 for name in ("a.0101.png", "a.0102.png", "extra.txt")}
    assert found["missing"] == [
        {"path": folder.as_posix() + "/gone.png", "asked_by": "project://gone.filename"}]
    assert [one["code"] for one in found["findings"]] == ["file-missing"]
    assert report.total_size == sum(sizes.values())
