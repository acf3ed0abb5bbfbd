"""The window of the extra uploads, used as the artist does."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import form_artist as artist
import pytest
from form_artist import click, each, fill

from conductor.clarisse.attributes import NO_SCAN
from conductor.clarisse.headless import driver

TITLE = "Extra uploads"
EXTRA = "$PDIR/tex/extra.png"


def press(*steps: artist.Steps) -> None:
    artist.press("manage_extra_uploads", TITLE, *steps)


def stored(ix: Any) -> list[str]:
    return artist.stored_list(ix, "extra_uploads")


def choose(*rows: str) -> artist.Step:
    return lambda window: driver.choose_rows(artist.trees(window)[0], *rows)


def files(*paths: object) -> artist.Step:
    """What the next file dialog answers."""
    return lambda window: driver.choose_files(*map(str, paths))


class Notes:
    """What a window said and showed whenever it was asked to note it."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.rows: list[list[str]] = []
        self.summaries: list[str] = []

    def __call__(self, window: Any) -> None:
        self.answers.append(artist.answer(window))
        self.rows.append(artist.rows(window))
        self.summaries.append(artist.summary(window))


@pytest.fixture
def note() -> Notes:
    return Notes()


@pytest.fixture
def folder(scene_path: Path) -> Path:
    return scene_path.parent


def test_the_list_opens_with_sizes_and_a_total(ix: Any, note: Notes) -> None:
    press(note)
    assert note.rows == [[EXTRA + "   (5 B)"]]
    assert note.summaries == ["1 file, 5 B"]
    assert "Variables such as $PDIR are kept" in note.answers[0]


def test_files_and_a_folder_are_added_and_written_at_ok(
    ix: Any, folder: Path, note: Notes
) -> None:
    new = folder / "notes.txt"
    new.write_bytes(b"123")
    press(each(files(new, folder / "gone.txt"), click("Add Files...")), note,
          each(files(folder / "tex"), click("Add Folder...")), note, click("OK"))
    assert note.answers[0] == "Added 2 files."
    assert note.rows[0][1:] == [
        new.as_posix() + "   (3 B)", folder.as_posix() + "/gone.txt   (NOT ON DISK)"]
    assert note.rows[1][-1].startswith(folder.as_posix() + "/tex   (14 files, ")
    assert "1 missing" in note.summaries[1]
    assert stored(ix) == [EXTRA, *(path.as_posix() for path in (
        new, folder / "gone.txt", folder / "tex"))]
    assert driver.dialogs() == ["Add files", "Add folder"]


def test_a_cancelled_dialog_changes_nothing(ix: Any, note: Notes) -> None:
    press(each(files(), click("Add Files...")), note, each(files(), click("Add Folder...")), note)
    assert note.answers == ["Nothing was added."] * 2
    assert note.rows == [[EXTRA + "   (5 B)"]] * 2


@pytest.mark.parametrize("leave", [click("Cancel"), driver.close], ids=["Cancel", "closed"])
def test_nothing_is_written_without_ok(ix: Any, leave: artist.Step) -> None:
    press(each(choose(EXTRA + "   (5 B)"), click("Remove Selected")), leave)
    assert stored(ix) == [EXTRA]


@pytest.mark.parametrize("answer, found", [("Smart Sequence", 11), ("Glob", 13)])
def test_a_scan_asks_how_whatever_the_policy_and_adds_what_it_finds(
    ix: Any, folder: Path, note: Notes, answer: str, found: int
) -> None:
    driver.set_attribute(artist.JOB, "dependency_scan_policy", str(NO_SCAN))
    press(click("Scan Now..."), ("Scan now", each(artist.resized, click(answer))), note,
          click("OK"))
    assert note.answers == [
        "The scan found %d files; %d were not in the list and added." % (found, found)]
    assert stored(ix)[0] == EXTRA
    assert len(stored(ix)) == found + 1
    assert all((folder / path).exists() for path in stored(ix)[1:])


@pytest.mark.parametrize("leave", [click("Cancel"), driver.close], ids=["Cancel", "closed"])
def test_the_question_may_be_left(ix: Any, note: Notes, leave: artist.Step) -> None:
    press(click("Scan Now..."), ("Scan now", leave), note)
    assert note.answers == ["Nothing was scanned."]


@pytest.fixture
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A disk that lists no folder before the event is set."""
    ready, listed = threading.Event(), os.scandir

    def scandir(path: str) -> Any:
        assert ready.wait(30)
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    return ready


def test_a_scan_can_be_cancelled(ix: Any, note: Notes, slow_disk: threading.Event) -> None:
    def cancel() -> bool:
        for window in driver.windows():
            if window.get_title() == "Scanning":
                driver.press_button(window, "Cancel")
                slow_disk.set()
        return True

    # What is in the list was looked up before.
    driver.set_attribute(artist.JOB, "extra_uploads", [])
    stop = driver.on_events(cancel)
    press(click("Scan Now..."), ("Scan now", click("Glob")), note, click("OK"))
    stop()
    assert note.answers == ["the dependency scan was cancelled"]
    assert stored(ix) == [] and note.rows == [[]]


def test_looking_for_files_can_be_cancelled(
    ix: Any, note: Notes, slow_disk: threading.Event,
) -> None:
    def cancel() -> bool:
        for window in driver.windows():
            if window.get_title() == "Looking for files":
                driver.press_button(window, "Cancel")
                slow_disk.set()
        return True

    stop = driver.on_events(cancel)
    press(note, click("OK"))
    stop()
    assert note.answers == ["the dependency scan was cancelled"]
    assert stored(ix) == [EXTRA], "what is not known stays as it is"
    assert note.rows == [[EXTRA]]


def test_a_scan_without_frames_says_why_in_the_window(ix: Any, note: Notes) -> None:
    driver.set_attribute(artist.JOB, "custom_frames", "1-x")
    press(click("Scan Now..."), ("Scan now", click("Glob")), note)
    assert '"1-x"' in note.answers[0]


def test_missing_and_chosen_entries_are_removed(ix: Any, folder: Path, note: Notes) -> None:
    press(each(files("/gone/a", folder / "shot.project"), click("Add Files...", "Remove Missing")),
          note, each(choose(EXTRA + "   (5 B)"), click("Remove Selected")), note,
          click("Remove Selected"), note, click("OK"))
    assert note.answers == [
        "Removed 1 file.", "Removed 1 file.", "Choose what to remove first."]
    assert stored(ix) == [(folder / "shot.project").as_posix()]


def test_why_names_item_attribute_text_and_frames(ix: Any, folder: Path, note: Notes) -> None:
    path = folder.as_posix() + "/tex/a.0103.png"
    press(click("Why"), note, each(files(path), click("Add Files...")),
          each(choose(path + "   (6 B)"), click("Why")), note,
          each(choose(EXTRA + "   (5 B)"), click("Why")), note)
    assert note.answers[0].startswith("Choose the files to ask about first, or type")
    for part in ("project://scene/tex.filename", "$STUDIO_TEX/a.####.png", "frames 3"):
        assert part in note.answers[1]
    assert "nothing in the scene names it" in note.answers[2]


def test_why_a_file_that_is_in_no_list_is_not_uploaded(
    ix: Any, folder: Path, note: Notes,
) -> None:
    (folder / "lone.txt").write_bytes(b"x")
    press(each(fill(Filter="$PDIR/lone.txt"), click("Why")), note,
          each(fill(Filter="lone"), click("Why")), note)
    assert note.answers[0] == "%s/lone.txt is not uploaded: nothing in the scene names it" % (
        folder.as_posix())
    assert note.answers[1].startswith("Choose the files")


def test_what_is_chosen_stays_chosen_after_why(ix: Any) -> None:
    press(each(choose(EXTRA + "   (5 B)"), click("Why", "Remove Selected")), click("OK"))
    assert stored(ix) == []


def test_the_filter_narrows_while_it_is_typed(ix: Any, note: Notes) -> None:
    press(each(files("/gone/a", "/gone/b"), click("Add Files...")), fill(Filter="gone b"), note,
          fill(Filter=""), note)
    assert note.rows[0] == ["/gone/b   (NOT ON DISK)"]
    assert note.summaries[0].endswith("1 of 3 rows shown")
    assert len(note.rows[1]) == 3


def test_nothing_is_broken_at_any_size(ix: Any) -> None:
    press(artist.resized)


def test_without_windows_the_list_goes_into_the_log(open_scene: Any) -> None:
    open_scene(gui=False)
    driver.press(artist.JOB, "manage_extra_uploads")
    assert "Extra files to upload: 1 file, 5 B\n" + EXTRA in "\n".join(driver.log("info"))
