"""The files that travel with a job."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from build_values import SETTINGS, built, codes, explicit, image, reference, scene, touch

from conductor.clarisse.attributes import GLOB, NO_SCAN, SMART, JobSettings
from conductor.clarisse.build import Built
from conductor.clarisse.scan import skip_rule
from conductor.clarisse.snapshot import PathHint, PathReference, SequenceAttributes
from conductor.clarisse.upload_list import SCRIPT_FOLDER

SCRIPTS = sorted(
    SCRIPT_FOLDER + "/" + name for name in os.listdir(SCRIPT_FOLDER) if name != "__pycache__")


@pytest.fixture(scope="module")
def shot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project's folder with textures 1 to 1000 and some more files; nobody writes to it."""
    folder = tmp_path_factory.mktemp("shot").resolve()
    touch(folder, *["tex/bg.%04d.png" % number for number in range(1, 1001)])
    touch(folder, "tex/floor.png", "tex/a_3.png", "tex/a_4.png", "tex/p_0003.png", "geo/cube.obj",
          "geo/parts/leg.obj", "lut/show.cube", "renders/old00001.exr")
    return folder


def sent(
    shot: Path, *references: PathReference, policy: int = SMART, frames: str = "1-20",
    variables: dict[str, str] | None = None, extra: tuple[str, ...] = (),
) -> Built:
    settings = replace(
        SETTINGS, use_custom_frames=True, custom_frames=frames, extra_uploads=extra,
        dependency_scan_policy=policy)
    return built(settings, scene(
        image(), references=references, path=shot.as_posix() + "/shot.project",
        variables=variables))


def needed(shot: Path, made: Built) -> list[str]:
    """What is uploaded beside package and scripts, seen from the project's folder."""
    root = shot.as_posix() + "/"
    always = [*SCRIPTS, made.plan.path]
    paths = [file.path.replace(os.sep, "/") for file in made.submission.upload_files]
    assert [path for path in always if path not in paths] == []
    return [path.replace(root, "") for path in paths if path not in always]


def test_the_documented_example(shot: Path) -> None:
    """1,000 images, a shot of 20 frames, 100 frames in: an offset of -100."""
    tex = reference("$PDIR/tex/bg.####.png", sequence=explicit(1, 1000, -100))
    assert needed(shot, sent(shot, tex)) == ["tex/bg.%04d.png" % n for n in range(101, 121)]
    assert len(needed(shot, sent(shot, tex, policy=GLOB))) == 1000
    assert needed(shot, sent(shot, tex, policy=NO_SCAN)) == []


@pytest.mark.parametrize("source, files", [
    pytest.param("$PDIR/tex/floor.png", ["tex/floor.png"], id="literal"),
    pytest.param("$PDIR/tex/a_$F.png", ["tex/a_3.png", "tex/a_4.png"], id="$F"),
    pytest.param("$PDIR/tex/p_$4F.png", ["tex/p_0003.png"], id="$4F"),
    pytest.param("$PDIR/tex/a_$F:.png", ["tex/a_3.png", "tex/a_4.png"], id="$F with a colon"),
    pytest.param('$PDIR + "/tex/a_" + $F + ".png"', ["tex/a_3.png", "tex/a_4.png"],
                 id="joined expression with $F"),
    pytest.param('$PDIR + "/tex/p_" + $4F + ".png"', ["tex/p_0003.png"],
                 id="joined expression with $4F"),
    pytest.param('"$PDIR/tex/p_$4F.png"', ["tex/p_0003.png"], id="quoted text with $4F"),
    pytest.param('$LOD == "low" ? "$PDIR/geo/cube.obj" : "/nowhere"', ["geo/cube.obj"],
                 id="a choice"),
    pytest.param("$TEX/floor.png", ["tex/floor.png"], id="custom variable"),
    pytest.param("$PDIR/geo", ["geo/cube.obj", "geo/parts/leg.obj"], id="folder"),
])
def test_sources_are_resolved(shot: Path, source: str, files: list[str]) -> None:
    made = sent(shot, reference(source), frames="3-4", variables={
        "TEX": shot.as_posix() + "/tex", "LOD": "low"})
    assert needed(shot, made) == files


@pytest.mark.parametrize("sequence, numbers", [
    pytest.param(None, [3, 4], id="no sequence attributes"),
    pytest.param(SequenceAttributes(0, 500, 600, 50), [3, 4], id="mode off: they say nothing"),
    pytest.param(explicit(4, 9), [4], id="explicit range"),
    pytest.param(explicit(1, 9, 1), [2, 3], id="offset"),
    pytest.param(SequenceAttributes(2, 500, 600, -10), [13, 14], id="another mode: only offset"),
])
def test_sequence_attributes(
    shot: Path, sequence: SequenceAttributes | None, numbers: list[int],
) -> None:
    made = sent(shot, reference("$PDIR/tex/bg.####.png", sequence=sequence), frames="3-4")
    assert needed(shot, made) == ["tex/bg.%04d.png" % number for number in numbers]
    assert codes(made) == []


@pytest.mark.parametrize("made, scanned", [
    pytest.param(reference("/a"), True, id="a texture"),
    pytest.param(reference("/a", hint=PathHint.FOLDER), True, id="a folder"),
    pytest.param(reference("/a", "OSL_filename"), True, id="a custom attribute"),
    pytest.param(reference("/a", "save_as", hint=PathHint.SAVE), False, id="an output"),
    pytest.param(reference("/a", private=True), False, id="private"),
    pytest.param(reference("/a", enabled=False), False, id="disabled"),
    pytest.param(reference("/a", "filename_sys"), False, id="a copy that Clarisse derives"),
])
def test_what_is_scanned(shot: Path, made: PathReference, scanned: bool) -> None:
    assert (skip_rule(made) is None) is scanned
    there = replace(made, source="$PDIR/tex/floor.png")
    assert needed(shot, sent(shot, there)) == (["tex/floor.png"] if scanned else [])


@pytest.mark.parametrize("source, code, quoted", [
    pytest.param("$PDIR/tex/nothing.png", "file-missing", "nothing.png", id="missing"),
    pytest.param("$NOPE/a.png", "variable-unknown", "$NOPE", id="unknown variable"),
    pytest.param("tex/a.png", "path-relative", "tex/a.png", id="relative"),
    pytest.param('$PDIR + "/tex/a_" + ($F * 2) + ".png"', "path-expression", "$F * 2",
                 id="calculated frame"),
    pytest.param('$PDIR + "/tex/a_" + $4F + ($F * 2)', "path-expression", "$4F",
                 id="the source is quoted as typed"),
    pytest.param('$PDIR + "/a_" + $NOPE', "path-expression", "NOPE", id="unknown name"),
    pytest.param('get_string("x") + "a"', "path-expression", "get_string", id="function"),
])
def test_what_cannot_be_found_is_a_warning_and_leaves_no_trace(
    shot: Path, source: str, code: str, quoted: str,
) -> None:
    made = sent(shot, reference(source), reference("$PDIR/tex/floor.png"))
    assert needed(shot, made) == ["tex/floor.png"]
    (finding,) = [one for one in made.findings if one.level.value != "info"]
    assert (finding.level.value, finding.code, finding.subject) == (
        "warning", code, "project://scene/tex.filename")
    assert quoted in finding.message


def test_the_frame_of_the_time_line_is_not_used(shot: Path) -> None:
    made = sent(shot, reference("$PDIR/tex/a_$F.png"), frames="3", variables={"F": "4"})
    assert needed(shot, made) == ["tex/a_3.png"]


def test_extra_uploads_under_every_policy(shot: Path) -> None:
    extra = ("$PDIR/lut", "$PDIR/tex/a_#.png", "$PDIR/gone.png", "")
    made = sent(shot, reference("$PDIR/tex/floor.png"), policy=NO_SCAN, extra=extra, frames="3")
    assert needed(shot, made) == ["lut/show.cube", "tex/a_3.png", "tex/a_4.png"]
    assert codes(made) == [("warning", "file-missing", "extra_uploads")]


def test_upload_paths_of_the_configuration_are_added(shot: Path) -> None:
    path = shot.as_posix()
    made = built(SETTINGS, scene(path=path + "/shot.project"), upload_paths=[path + "/geo"])
    assert needed(shot, made) == ["geo/cube.obj", "geo/parts/leg.obj"]


def test_a_file_asked_for_twice_is_sent_once(shot: Path) -> None:
    made = sent(shot, reference("$PDIR/tex/floor.png"), reference("$PDIR/geo/../tex/floor.png"),
                extra=("$PDIR/tex/floor.png",))
    assert needed(shot, made) == ["tex/floor.png"]


def test_files_are_sorted_and_have_no_hash_yet(shot: Path) -> None:
    files = sent(shot, reference("$PDIR/geo"), reference("$PDIR/tex/floor.png")
                 ).submission.upload_files
    destinations = [file.destination for file in files]
    assert destinations == sorted(destinations)
    assert all(file.md5 is None and file.stat is None for file in files)
    assert all(os.path.isabs(file.path) for file in files)


@pytest.mark.parametrize("settings", [
    SETTINGS, replace(SETTINGS, dependency_scan_policy=NO_SCAN)], ids=["smart", "no scan"])
def test_scripts_and_package_always_travel(settings: JobSettings) -> None:
    made = built(settings)
    assert [file.destination for file in made.submission.upload_files] == sorted(
        [*SCRIPTS, made.plan.path])
    assert SCRIPT_FOLDER + "/ct_cnode" in SCRIPTS
    assert os.access(SCRIPT_FOLDER + "/ct_cnode", os.X_OK)


def test_compiled_scripts_stay_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    touch(tmp_path, "scripts/ct_cnode", "scripts/__pycache__/ct_prep.pyc")
    folder = (tmp_path / "scripts").resolve().as_posix()
    monkeypatch.setattr("conductor.clarisse.upload_list.SCRIPT_FOLDER", folder)
    names = [file.destination for file in built().submission.upload_files]
    assert [name for name in names if name.startswith(folder)] == [folder + "/ct_cnode"]


def test_two_files_that_become_one_on_the_node_are_an_error(shot: Path) -> None:
    path = shot.as_posix()
    made = built(
        SETTINGS, scene(path=path + "/shot.project", references=(
            reference(path + "/tex/floor.png"), reference(path + "/tex/a_3.png"))),
        path_map=[[path + "/tex/floor.png", "/one.png"], [path + "/tex/a_3.png", "/one.png"]])
    (finding,) = made.findings
    assert (finding.level.value, finding.code) == ("error", "paths-collide")
    assert '"/one.png"' in finding.message


@pytest.mark.parametrize("typed, shown", [
    ("$PDIR/a.$F.png", "a.$F.png"), ("$PDIR/a.$4F.png", "a.$4F.png"),
    ('$PDIR + "/a." + $F + ".png"', "a.$F.png"), ("$PDIR/a.$F:b.png", "a.$F:b.png"),
])
def test_a_missing_pattern_is_told_as_it_was_typed(shot: Path, typed: str, shown: str) -> None:
    made = sent(shot, reference(typed), policy=GLOB)
    (found,) = [one for one in made.findings if one.code == "file-missing"]
    assert '"%s/%s" is not on disk' % (shot.as_posix(), shown) in found.message
