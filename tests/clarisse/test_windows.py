"""Preview, Findings, Progress and Result, used as the artist uses them."""

from __future__ import annotations

import json
import os
import stat
import threading
import webbrowser
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from conductor.clarisse.headless import driver, gui
from conductor.clarisse.panels import findings, preview, result
from conductor.clarisse.panels.progress import ProgressWindow
from conductor.clarisse.panels.result_model import Result
from conductor.lib.progress import Progress
from tests.clarisse import picture_values as values
from tests.clarisse.pictures import PICTURES, Picture, take

# ---------------------------------------------------------------- layout and pictures

SIZES = {"opening": (1.0, 1.0), "smaller": (0.75, 0.75), "wide": (1.6, 1.0), "tall": (1.0, 1.5)}
LEAST_WIDTH = {"preview": 570, "findings": 560, "progress": 560, "result": 440}
"""Below these the buttons or the headline cannot fit."""
OURS = [picture for picture in PICTURES if picture.module in LEAST_WIDTH]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("picture", OURS, ids=lambda picture: picture.name)
def test_everything_fits_at_any_size(
    picture: Picture, size: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("PIL", "10.1")
    found: list[str] = []
    width, height = SIZES[size]

    def act(window: Any) -> None:
        least = LEAST_WIDTH[picture.module]
        driver.resize(window, max(least, int(window.get_width() * width)),
                      max(window.get_height() if window.get_height() < 200 else 0,
                          int(window.get_height() * height)))
        found.extend(driver.layout_problems(window))

    take(picture._replace(act=act), tmp_path)
    assert found == []


DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
PANELS = Path(preview.__file__).parent
# They make no window of their own: parts of others, Clarisse's message box.
PARTS = {"__init__", "window", "message", "form", "rows"}


def test_every_window_has_a_picture_and_a_place_in_the_docs() -> None:
    modules = {path.stem for path in PANELS.glob("*.py") if not path.stem.endswith("_model")}
    assert {picture.module for picture in PICTURES} == modules - PARTS
    page = (DOCS / "windows.md").read_text(encoding="utf-8")
    assert len({picture.name for picture in PICTURES}) == len(PICTURES)
    for picture in PICTURES:
        path = DOCS / "images" / "windows" / (picture.name + ".png")
        assert "](images/windows/%s)" % path.name in page
        assert 1000 < path.stat().st_size < 60000
    assert {path.stem for path in (DOCS / "images" / "windows").iterdir()} == {
        picture.name for picture in PICTURES}


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_each_picture_can_be_taken(picture: Picture, tmp_path: Path) -> None:
    pytest.importorskip("PIL", "10.1")
    assert 1000 < take(picture, tmp_path).stat().st_size < 60000


# ---------------------------------------------------------------- driven by hand

Act = Callable[[Any], object]


def during(title: str, *acts: Act) -> Callable[[], None]:
    """One act in each event round in which the window is shown; closes it at last."""
    left = list(acts)

    def look() -> bool:
        for window in driver.windows():
            if title in window.get_title():
                if left:
                    left.pop(0)(window)
                else:
                    driver.close(window)
        return True

    return driver.on_events(look)


def press(label: str) -> Act:
    return lambda window: driver.press_button(window, label)


def buttons(window: Any) -> dict[str, bool]:
    """Labels of the buttons with whether they can be pressed."""
    return {driver.text(each): driver.is_enabled(each)
            for each in driver.widgets(window, gui.GuiPushButton)}


@pytest.fixture(autouse=True)
def quiet(ix: Any) -> Iterator[None]:
    yield
    assert driver.callback_errors() == [] and driver.log("error") == []
    assert driver.windows() == []


# ---------------------------------------------------------------- preview


@pytest.mark.parametrize("label", ["Close", "Submit", "Submit and close"])
def test_a_button_of_the_preview_ends_it(ix: Any, label: str) -> None:
    during("preview", press(label))
    assert preview.show(ix, values.preview()) == label


def test_closing_the_preview_by_its_frame_is_no_submit(ix: Any) -> None:
    during("preview")
    assert preview.show(ix, values.preview()) == ""


def test_nobody_there_is_no_submit(ix: Any) -> None:
    assert preview.show(ix, values.preview()) == ""


def test_what_was_sent_cannot_be_sent_again(ix: Any) -> None:
    seen: list[Any] = []
    during("preview", lambda window: seen.extend([
        buttons(window), driver.text(next(driver.widgets(window, gui.GuiLabel)))]),
        press("Submit"), press("Close"))
    sent = values.preview()
    assert preview.show(ix, type(sent)(sent.prepared, "Job 00412 was submitted")) == "Close"
    assert seen[0] == {
        "Close": True, "Save JSON...": True, "Submit": False, "Submit and close": False}
    assert seen[1].startswith("Job 00412 was submitted.")


@pytest.mark.parametrize("name, written", [
    ("sent.json", "sent.json"), ("sent", "sent.json"), ("sent.txt", "sent.txt"),
])
def test_save_json_writes_the_whole_payload_and_stays(
    ix: Any, tmp_path: Path, name: str, written: str
) -> None:
    driver.choose_files(str(tmp_path / name))
    during("preview", press("Save JSON..."), press("Close"))
    model = values.preview()
    assert preview.show(ix, model) == "Close"
    path = tmp_path / written
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(json.dumps(
        model.prepared.submission.to_payload()))
    assert driver.dialogs() == ["Save the payload"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, "the environment may hold secrets"
    assert [each.name for each in tmp_path.glob("*sent*")] == [written], "nothing beside it"


def test_save_json_may_be_cancelled(ix: Any, tmp_path: Path) -> None:
    driver.choose_files()
    during("preview", press("Save JSON..."), press("Close"))
    preview.show(ix, values.preview())
    assert driver.messages() == []


def test_save_json_that_fails_is_told_and_leaves_nothing(ix: Any, tmp_path: Path) -> None:
    folder = tmp_path / "taken.json"
    folder.mkdir()
    for path in (folder, tmp_path / "gone" / "x.json"):
        driver.choose_files(str(path))
        stop = during("preview", press("Save JSON..."), press("Close"))
        preview.show(ix, values.preview())
        stop()
        assert str(path) in driver.messages()[-1].text
    assert list(tmp_path.rglob("*.part")) == []


def test_without_windows_the_preview_is_in_the_log(open_scene: Any) -> None:
    assert preview.show(open_scene(gui=False), values.preview()) == ""
    assert "240 Frames" in "\n".join(driver.log("info"))


# ---------------------------------------------------------------- findings


@pytest.mark.parametrize("label, accepted", [("Continue", True), ("Cancel", False)])
def test_warnings_are_accepted_or_not(ix: Any, label: str, accepted: bool) -> None:
    during("findings", press(label))
    assert findings.are_accepted(ix, values.WARNINGS) is accepted


def test_missing_files_are_all_named(ix: Any) -> None:
    texts: list[str] = []
    during("findings", lambda window: texts.extend(
        map(driver.text, driver.widgets(window, gui.GuiTextEdit))))
    findings.are_accepted(ix, values.WARNINGS)
    assert "project://scene/rock.filename" in texts[0]
    for path in values.ROCK.files:
        assert "\n        %s\n" % path in texts[0]


def test_with_an_error_nobody_can_continue(ix: Any) -> None:
    during("findings", press("Continue"), press("Cancel"))
    assert not findings.are_accepted(ix, values.ERRORS)


def test_notes_and_nothing_are_not_asked(ix: Any) -> None:
    during("findings", lambda window: pytest.fail("a window was shown"))
    assert findings.are_accepted(ix, ())
    assert findings.are_accepted(ix, values.ERRORS[-1:])


def test_absurd_totals_must_be_ticked_one_by_one(ix: Any) -> None:
    seen: list[bool] = []

    def tick(window: Any, number: int) -> None:
        seen.append(buttons(window)["Continue"])
        driver.tick(list(driver.widgets(window, gui.GuiCheckbox))[number])

    during("findings", lambda w: tick(w, 0), press("Continue"), lambda w: tick(w, 1),
           lambda w: seen.append(buttons(w)["Continue"]), press("Continue"))
    assert findings.are_accepted(ix, values.ABSURD)
    assert seen == [False, False, True]


def test_a_box_that_is_unticked_again_forbids_it_again(ix: Any) -> None:
    box = gui.GuiCheckbox
    during("findings", lambda w: driver.tick(next(driver.widgets(w, box))),
           lambda w: driver.tick(next(driver.widgets(w, box)), False), lambda w: None,
           press("Continue"))
    assert not findings.are_accepted(ix, values.ABSURD[:1])


def test_closing_the_findings_or_nobody_there_is_no_yes(ix: Any) -> None:
    assert not findings.are_accepted(ix, values.WARNINGS)
    during("findings")
    assert not findings.are_accepted(ix, values.WARNINGS)


def test_without_windows_nobody_accepts_and_the_log_tells(open_scene: Any) -> None:
    assert not findings.are_accepted(open_scene(gui=False), values.ERRORS)
    assert "correct the errors" in driver.log("info")[0]
    assert "beauty.00001.exr" in driver.log("info")[0]


# ---------------------------------------------------------------- progress


@pytest.fixture
def cancelled() -> list[bool]:
    return []


@pytest.fixture
def progress(ix: Any, cancelled: list[bool]) -> Any:
    made = ProgressWindow(ix, "Submitting shot", lambda: cancelled.append(True))
    yield made
    made.close()


def shown_in(window: Any) -> tuple[str, str]:
    line = driver.text(next(driver.widgets(window, gui.GuiLineEdit)))
    return line, driver.text(next(driver.widgets(window, gui.GuiNumberField)))


def test_the_line_and_the_bar_follow(progress: Any) -> None:
    window = driver.window("Submitting shot")
    assert shown_in(window) == ("Starting", "0")
    progress.show(values.PROGRESS)
    assert shown_in(window) == (
        "Uploading: 131 of 214 files, 2.4 GB of 3.9 GB, 58.3 MB/s, 26 s left", "60")
    driver.type_text(next(driver.widgets(window, gui.GuiLineEdit)), "scribble")
    progress.show(Progress("posting"))
    assert shown_in(window) == ("Posting", "0")


def test_cancel_is_pressed_once_and_the_window_waits_for_the_end(
    progress: Any, cancelled: list[bool]
) -> None:
    window = driver.window("Submitting shot")
    for _ in range(2):
        driver.press_button(window, "Cancel")
        progress.show(values.PROGRESS)
    assert cancelled == [True] and window.is_shown()
    assert shown_in(window)[0].startswith("Cancelling. Uploading")
    assert buttons(window) == {"Cancel": False}


def test_closing_the_progress_window_cancels_too(progress: Any, cancelled: list[bool]) -> None:
    driver.close(driver.window("Submitting shot"))
    progress.show(values.PROGRESS)
    progress.show(values.PROGRESS)
    assert cancelled == [True]


# ---------------------------------------------------------------- result


class Browser:
    """A browser that does not come back before it is told to."""

    def __init__(self) -> None:
        self.asked, self.leave = threading.Event(), threading.Event()
        self.opened: list[str] = []

    def open(self, address: str) -> None:
        self.opened.append(address)
        self.asked.set()
        self.leave.wait(10)


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    made = Browser()
    monkeypatch.setattr(webbrowser, "open", made.open)
    yield made
    made.leave.set()


def test_the_browser_opens_and_holds_nobody_up(ix: Any, browser: Browser) -> None:
    texts: list[str] = []
    during("result", press("Open in browser"),
           lambda window: texts.extend(map(driver.text, driver.widgets(window))), press("Close"))
    result.show(ix, values.RESULT)
    assert browser.asked.wait(10)
    assert browser.opened == ["https://farm.example/jobs/00412"]
    assert texts[:2] == ["Job 00412 was submitted", "https://farm.example/jobs/00412"]


@pytest.mark.parametrize("told", [
    Result("", ""), Result("00412", "jobs/00412"), Result("00412", "file:///etc/passwd"),
], ids=["only uploaded", "no whole address", "another scheme"])
def test_no_browser_without_a_page(ix: Any, told: Result) -> None:
    seen: list[Any] = []
    during("result", lambda window: seen.append(buttons(window)))
    result.show(ix, told)
    assert seen == [{"Close": True}]


def test_without_windows_the_result_is_in_the_log(open_scene: Any) -> None:
    result.show(open_scene(gui=False), values.RESULT)
    assert driver.log("info") == [
        "ConductorJob: Job 00412 was submitted.\n\nhttps://farm.example/jobs/00412"]
