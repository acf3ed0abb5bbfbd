"""The list of extra uploads without its window."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from build_values import SETTINGS, image, reference, scene, touch

from conductor.clarisse.attributes import GLOB, NO_SCAN, SMART, JobSettings
from conductor.clarisse.panels.extra_uploads_model import (
    SHOWN,
    TOLD,
    ExtraUploads,
    OnDisk,
    full_path,
    look_through,
    measure,
)
from conductor.clarisse.snapshot import Scene
from conductor.clarisse.upload_list import find_extras
from conductor.lib.dependencies import ScanWatch
from conductor.lib.directory_listing import DirectoryListing
from conductor.lib.errors import Cancelled, ChecksError
from conductor.lib.sequence import Sequence


def listed(*sources: str, **changes: Any) -> ExtraUploads:
    return ExtraUploads(replace(SETTINGS, extra_uploads=sources, **changes))


def measured(model: ExtraUploads, its: Scene) -> ExtraUploads:
    model.learn(measure(its, model.unmeasured()))
    return model


@pytest.fixture
def shot(tmp_path: Path) -> Scene:
    """A scene beside files: a sequence, a folder of three, a lone one."""
    touch(tmp_path, *("tex/a.%04d.tx" % frame for frame in range(1, 9)), "cache/one.abc",
          "cache/deep/two.abc", "cache/deep/three.abc", "lone.txt")
    return scene(
        image(last=4),
        references=(reference("$PDIR/tex/a.####.tx"), reference("$PDIR/gone.tx")),
        path=tmp_path.as_posix() + "/shot.project")


# ---------------------------------------------------------------- on disk


@pytest.mark.parametrize("source, said", [
    ("$PDIR/lone.txt", "   (1 B)"),
    ("$PDIR/cache", "   (3 files, 3 B)"),
    ("$PDIR/tex/a.####.tx", "   (8 files, 8 B)"),
    ("$PDIR/gone.txt", "   (NOT ON DISK)"),
    ("$NOWHERE/x", "   (NOT ON DISK)"),
    ("relative/x", "   (NOT ON DISK)"),
    ('$PDIR + unknown("x")', "   (NOT ON DISK)"),
    (" ", "   (NOT ON DISK)"),
], ids=["a file", "a folder", "a sequence", "missing", "an unknown variable", "relative",
        "an expression", "blank"])
def test_each_entry_says_what_it_stands_for(shot: Scene, source: str, said: str) -> None:
    model = measured(listed(source), shot)
    assert model.rows() == [(source, source + said)]
    assert model.missing() == ([source] if "NOT" in said else [])


def test_an_entry_that_was_not_looked_up_claims_nothing() -> None:
    model = listed("/x", "/y")
    assert model.rows() == [("/x", "/x"), ("/y", "/y")]
    assert model.missing() == []
    assert model.summary() == "0 files, 0 B; 2 not looked up"


def test_the_total_counts_each_file_once(shot: Scene) -> None:
    model = measured(listed("$PDIR/cache", "$PDIR/cache/one.abc", "$PDIR/gone", "$PDIR/lone.txt"),
                     shot)
    assert model.summary() == "4 files, 4 B; 1 missing"


def test_what_is_measured_is_what_is_sent(shot: Scene) -> None:
    sources = ["$PDIR/cache", "$PDIR/tex/a.####.tx", "$PDIR/gone", "$NOWHERE/x", "$PDIR/lone.txt"]
    found = measure(shot, sources)
    sent, findings = find_extras(shot, Sequence.parse("1-4"), sources, DirectoryListing())
    assert {path for one in found.values() for path in one.sizes} == set(sent.files)
    assert [one.problem for one in found.values() if one.problem] == [
        one.message for one in findings]


def test_the_search_can_be_cancelled(shot: Scene) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        measure(shot, ["$PDIR/lone.txt"], ScanWatch(None, stop))


def test_an_answer_for_what_was_removed_meanwhile_is_dropped() -> None:
    model = listed("/x")
    model.remove(["/x"])
    model.learn({"/x": OnDisk({"/x": 1})})
    assert model.entries == ()


def test_a_file_that_is_gone_between_two_looks_has_no_size() -> None:
    assert OnDisk({"/x": None, "/y": 2}).size == 2


# ---------------------------------------------------------------- changed


def test_new_paths_are_appended_once() -> None:
    model = listed("/a")
    assert model.add(["/b//x", "/a", "", "/b/x"]) == "Added 1 file, 2 are in the list already."
    assert model.entries == ("/a", "/b/x")
    assert model.is_changed
    assert model.unmeasured() == ["/a", "/b/x"]


def test_a_cancelled_dialog_adds_nothing() -> None:
    model = listed("/a")
    assert model.add([]) == model.add([""]) == "Nothing was added."
    assert not model.is_changed


def test_variables_stay_as_they_were_typed(shot: Scene) -> None:
    model = measured(listed("$PDIR/lone.txt", '"$PDIR" + "/cache"'), shot)
    model.add(["/new"])
    assert model.entries == ("$PDIR/lone.txt", '"$PDIR" + "/cache"', "/new")


def test_entries_are_removed(shot: Scene) -> None:
    model = measured(listed("/gone", "$PDIR/lone.txt", "$PDIR/cache"), shot)
    assert model.remove(["$PDIR/cache"]) == "Removed 1 file."
    assert model.remove([]) == "Choose what to remove first."
    assert model.remove_missing() == "Removed 1 file."
    assert model.remove_missing() == "Nothing is missing."
    assert model.entries == ("$PDIR/lone.txt",)
    assert model.summary() == "1 file, 1 B"


# ---------------------------------------------------------------- scanned


@pytest.mark.parametrize("policy, count", [(SMART, 4), (GLOB, 8)])
def test_a_scan_adds_what_no_entry_stands_for(shot: Scene, policy: int, count: int) -> None:
    folder = shot.path.rpartition("/")[0]
    model = measured(listed("$PDIR/tex/a.0002.tx", dependency_scan_policy=NO_SCAN), shot)
    told = model.add_found(look_through(SETTINGS, shot, policy))
    assert told.splitlines() == [
        "The scan found %d files; %d were not in the list and added." % (count, count - 1),
        "1 file that the scene asks for is not on disk:",
        "  %s/gone.tx   (project://scene/tex.filename)" % folder]
    assert len(model.entries) == count
    assert model.entries[0] == "$PDIR/tex/a.0002.tx", "as it was typed"
    assert all("/scripts/" not in path for path in model.entries)
    assert model.unmeasured() == []
    again = model.add_found(look_through(SETTINGS, shot, policy))
    assert "; 0 were not in the list" in again


def test_many_missing_files_are_cut_and_counted(tmp_path: Path) -> None:
    its = scene(references=tuple(reference("/gone/%d.tx" % one) for one in range(TOLD + 5)))
    told = listed().add_found(look_through(SETTINGS, its, SMART))
    assert told.splitlines()[-1] == "  ... and 5 more"
    assert len(told.splitlines()) == TOLD + 3


def test_a_name_with_a_dollar_is_not_added(tmp_path: Path) -> None:
    touch(tmp_path, "a$b.tx", "c.tx")
    folder = tmp_path.as_posix()
    its = scene(references=(reference(folder),), path=folder + "/shot.project")
    model = listed()
    told = model.add_found(look_through(SETTINGS, its, SMART))
    assert model.entries == (folder + "/c.tx",)
    assert told.splitlines()[1:] == [
        "Not added, because $ would begin a variable in the list:", "  %s/a$b.tx" % folder]


def test_a_scan_without_frames_says_why(shot: Scene) -> None:
    settings = replace(SETTINGS, use_custom_frames=True, custom_frames="1-x")
    with pytest.raises(ChecksError, match='"1-x"'):
        look_through(settings, shot, SMART)


# ---------------------------------------------------------------- why


def why(shot: Scene, *sources: str) -> str:
    model = measured(listed(*sources), shot)
    model.report = look_through(SETTINGS, shot, model.policy)
    return model.why(sources)


@pytest.mark.parametrize("source, said", [
    ("$PDIR/tex/a.0002.tx", ["asked for by project://scene/tex.filename", "frames    2"]),
    ("$PDIR/tex/a.0007.tx", ["because it is in this list", "none of the frames 1-4 needs it",
                             "asked for by project://scene/tex.filename"]),
    ("$PDIR/lone.txt", ["because it is in this list", "nothing in the scene names it"]),
    ("$PDIR/cache", ["$PDIR/cache stands for 3 files. The first of them:", "in this list"]),
    ("%s/gone.tx", ["is not uploaded: it is not on disk", "asked for by project://scene/tex"]),
    ("/else/where", ["/else/where is not uploaded, and nothing in the scene asks for it",
                     '"/else/where" is not on disk']),
    ("$NOWHERE/x", ["nothing in the scene asks for it", '"$NOWHERE"']),
], ids=["needed", "another frame", "alone", "a folder", "missing and asked for", "missing",
        "an unknown variable"])
def test_why(shot: Scene, source: str, said: list[str]) -> None:
    source = source.replace("%s", shot.path.rpartition("/")[0])
    text = why(shot, source)
    assert all(part in text for part in said), text


@pytest.mark.parametrize("path, said", [
    ("tex/a.0002.tx", "is uploaded\n  asked for by project://scene/tex.filename"),
    ("tex/a.0007.tx", "is not uploaded: none of the frames 1-4 needs it"),
    ("lone.txt", "is uploaded because it is in this list. The scan alone would leave it out"),
    ("cache/nothing", "is not uploaded: it is not on disk, and nothing in the scene names it"),
], ids=["needed", "another frame", "in the list", "nowhere"])
def test_why_of_any_path(shot: Scene, path: str, said: str) -> None:
    model = measured(listed("$PDIR/lone.txt"), shot)
    full = full_path(shot, "$PDIR/" + path)
    assert full == shot.path.rpartition("/")[0] + "/" + path
    assert model.why_path(full) == ""
    model.report = look_through(SETTINGS, shot, model.policy)
    assert model.why_path(full).startswith("%s %s" % (full, said))


@pytest.mark.parametrize("text", ["", "rock tex", "$NOWHERE/x", "a.png", '"/a" + ($F * 2)'])
def test_words_of_a_filter_are_no_path(shot: Scene, text: str) -> None:
    assert full_path(shot, text) == ""


def test_why_of_many_is_cut(shot: Scene) -> None:
    text = why(shot, *("/gone/%d" % one for one in range(TOLD + 2)))
    assert text.endswith("2 more are chosen.")
    assert text.count("is not uploaded") == TOLD


@pytest.mark.parametrize("policy, asked", [(NO_SCAN, SMART), (GLOB, GLOB), (SMART, SMART)])
def test_why_scans_even_where_the_item_does_not(policy: int, asked: int) -> None:
    assert ExtraUploads(JobSettings(dependency_scan_policy=policy)).policy == asked


# ---------------------------------------------------------------- shown


def test_the_filter_finds_words_in_any_order() -> None:
    model = listed("/tex/Rock.tx", "/tex/wood.tx", "/cache/rock.abc")
    assert model.matching("rock TEX") == ["/tex/Rock.tx"]
    assert model.summary("rock") == "0 files, 0 B; 3 not looked up; 2 of 3 rows shown"
    assert model.matching(" ") == list(model.entries)


def test_of_100_000_entries_the_window_holds_few_and_counts_all() -> None:
    model = listed(*("/cache/sim.%06d.abc" % one for one in range(100000)))
    model.learn({path: OnDisk({path: 10} if place % 2 else {})
                 for place, path in enumerate(model.entries)})
    assert len(model.rows()) == SHOWN
    assert model.summary() == (
        "50000 files, 500.0 kB; 50000 missing; 500 of 100000 rows shown, filter to see others")
    assert [source for source, _ in model.rows("099999")] == ["/cache/sim.099999.abc"]
    assert model.summary("099999").endswith("; 1 of 100000 rows shown")
    assert model.remove_missing() == "Removed 50000 files."
    assert "missing" not in model.summary()


@pytest.mark.parametrize("sources, said", [
    (("/gone", "/gone2"), "2 are not on disk."), ((), "Files here are uploaded beside")])
def test_the_hint(shot: Scene, sources: tuple[str, ...], said: str) -> None:
    assert measured(listed(*sources), shot).hint().startswith(said)


def test_the_log_is_short(shot: Scene) -> None:
    model = measured(listed("$PDIR/lone.txt", *("/gone/%d" % one for one in range(TOLD))), shot)
    lines = model.log_text().splitlines()
    assert lines[0] == "Extra files to upload: 1 file, 1 B; 20 missing"
    assert lines[1] == "$PDIR/lone.txt   (1 B)"
    assert lines[-1] == "  ... and 1 more"


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_a_link_to_nowhere_is_not_on_disk(tmp_path: Path) -> None:
    (tmp_path / "link.tx").symlink_to(tmp_path / "nowhere")
    its = scene(path=tmp_path.as_posix() + "/shot.project")
    assert measured(listed("$PDIR/link.tx"), its).rows()[0][1].endswith("(NOT ON DISK)")
