"""The door to Clarisse: nothing escapes, windows pump and close."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from conductor.clarisse.headless import driver, gui, session
from conductor.clarisse.host import get_ix, guard, source_of, tell_finding
from conductor.clarisse.panels.message import tell
from conductor.clarisse.panels.progress import watch
from conductor.clarisse.panels.window import ask
from conductor.lib.checks import error, info, warning
from conductor.lib.errors import Cancelled, ServiceError
from conductor.lib.progress import Progress


def test_the_door_opens_only_in_clarisse() -> None:
    with session() as ix:
        assert get_ix() is ix
    with pytest.raises(ImportError):
        get_ix()


def test_guard_returns_what_the_work_returns(ix: Any) -> None:
    assert guard(ix, "adding", lambda: 3) == 3


def fail_with(error: BaseException) -> Any:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize("fault", [ServiceError("no answer"), KeyError("x"), KeyboardInterrupt()],
                         ids=["ours", "a stranger's", "interrupt"])
def test_guard_lets_nothing_escape(ix: Any, fault: BaseException) -> None:
    assert guard(ix, "submit", fail_with(fault)) is None
    told, = driver.log("error")
    assert told.startswith("ConductorJob, submit: ")


def test_a_broken_report_does_not_escape_either(ix: Any) -> None:
    assert guard(ix, "submit", fail_with(ValueError()), fail_with(SystemExit(2))) is None
    assert driver.log("error") == []


@pytest.mark.parametrize("finding, level", [
    (error("c", "title", "m"), "warning"), (warning("c", "title", "m"), "warning"),
    (info("c", "title", "m"), "info"),
])
def test_findings_are_logged(ix: Any, finding: Any, level: str) -> None:
    tell_finding(ix, finding)
    assert driver.log(level) == ["ConductorJob: title: m"]


@pytest.mark.parametrize("path, name, source", [
    ("project://scene/one", "save_as", "$PDIR/out/one/one."),
    ("project://scene/two", "save_as", '$PDIR + "/out/two/" + "two."'),
    ("project://scene/bare", "save_as", ""),
    ("project://job", "extra_uploads", "$PDIR/tex/extra.png"),
], ids=["with a variable", "an expression", "empty", "in a list"])
def test_source_of(ix: Any, path: str, name: str, source: str) -> None:
    assert source_of(ix.get_item(path).get_attribute(name)) == source


# ---------------------------------------------------------------- windows


@pytest.mark.parametrize("label", ["Close", "Submit"])
def test_a_window_answers_with_the_button_that_was_pressed(ix: Any, label: str) -> None:
    def press() -> bool:
        window = driver.window("A title")
        fields = list(driver.widgets(window, gui.GuiTextEdit))
        assert driver.text(fields[0]) == "a text"
        driver.press_button(window, label)
        return True

    stop = driver.on_events(press)
    assert ask(ix, "A title", "a text", ["Close", "Submit"]) == label
    stop()
    assert driver.windows() == []


def test_a_window_that_is_just_closed_answers_nothing(ix: Any) -> None:
    assert ask(ix, "A title", "a text", ["Close"]) == ""


def test_buttons_stand_beside_each_other_inside_the_window(ix: Any) -> None:
    boxes = []

    def look() -> bool:
        window = driver.window("A title")
        for each in driver.widgets(window, gui.GuiPushButton):
            boxes.append((each.get_x(), each.get_x() + each.get_width()))
            assert each.get_y() + each.get_height() <= window.get_height()
        boxes.append((window.get_width(), window.get_width()))
        return False

    stop = driver.on_events(look)
    ask(ix, "A title", "a text", ["Close", "Submit"])
    stop()
    assert all(end <= start for (_, end), (start, _) in zip(boxes, boxes[1:]))


def test_messages(ix: Any) -> None:
    tell(ix, "hello")
    assert [message.text for message in driver.messages()] == ["hello"]


def test_without_windows_messages_are_logged(open_scene: Any) -> None:
    ix = open_scene(gui=False)
    tell(ix, "hello")
    assert driver.log("info") == ["ConductorJob: hello"]
    assert driver.messages() == []


# ---------------------------------------------------------------- long work


@pytest.mark.parametrize("with_windows", [True, False], ids=["with windows", "without windows"])
def test_work_runs_beside_the_event_loop(open_scene: Any, with_windows: bool) -> None:
    ix = open_scene(gui=with_windows)
    shown = threading.Event()
    texts = set()

    def look() -> bool:
        for window in driver.windows():
            texts.update(driver.text(each) for each in driver.widgets(window, gui.GuiLineEdit))
        if not with_windows or "Hashing: 1 of 2 files" in texts:
            shown.set()
        return True

    def work(on_progress: Any, cancel: threading.Event) -> threading.Thread:
        on_progress(Progress("hashing", 1, 2))
        assert shown.wait(10)
        return threading.current_thread()

    stop = driver.on_events(look)
    assert watch(ix, "Working", work) is not threading.current_thread()
    stop()
    assert driver.windows() == []


def test_cancel_reaches_the_work(ix: Any) -> None:
    def work(on_progress: Any, cancel: threading.Event) -> None:
        assert cancel.wait(10)
        raise Cancelled("stopped")

    def press() -> bool:
        if driver.windows():
            driver.press_button(driver.window("Working"), "Cancel")
        return True

    stop = driver.on_events(press)
    with pytest.raises(Cancelled):
        watch(ix, "Working", work)
    stop()
    assert driver.windows() == []


def test_an_interrupted_event_loop_stops_the_work_and_closes_the_window(ix: Any) -> None:
    ended = threading.Event()

    def work(on_progress: Any, cancel: threading.Event) -> None:
        assert cancel.wait(10)
        ended.set()

    def interrupt() -> bool:
        raise KeyboardInterrupt

    stop = driver.on_events(interrupt)
    with pytest.raises(KeyboardInterrupt):
        watch(ix, "Working", work)
    stop()
    assert ended.wait(10)
    assert driver.windows() == []
