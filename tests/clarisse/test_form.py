"""What the windows that edit have in common: one frame, and nothing written but by OK."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Callable, List

import form_artist as artist
import pytest
from form_artist import click, each, fill

from conductor.clarisse.headless import driver, gui
from conductor.clarisse.panels.form import Form
from conductor.lib.errors import ArgumentError, Cancelled

Opened = Callable[..., List[str]]


@pytest.fixture
def opened(ix: Any) -> Opened:
    """Runs a form with one button, does the steps in it, and notes what it says before each."""

    def run(work: Callable[[], str], *steps: artist.Step, check: Callable[[], str] = str) -> Any:
        form = Form(ix, "Form", 600, 400)
        form.button("Work", 8, 8, work, "LT--")
        said: list[str] = []
        left = list(steps)

        def look() -> bool:
            for window in driver.windows():
                said.append(artist.answer(window))
                if left:
                    left.pop(0)(window)
                else:
                    driver.close(window)
            return True

        stop = driver.on_events(look)
        said.append(str(form.run(lambda: form.say(form.answer, "below"), check)))
        stop()
        assert driver.windows() == []
        return said

    return run


def test_the_answer_of_a_button_stands_above_the_rest(opened: Opened) -> None:
    assert opened(lambda: "Done.", click("Work")) == ["below", "Done. below", "False"]


@pytest.mark.parametrize("error", [ArgumentError("too odd"), Cancelled("too odd")], ids=[
    "refused", "cancelled"])
def test_an_error_of_ours_is_said_and_the_window_stays(
    opened: Opened, error: Exception
) -> None:
    def work() -> str:
        raise error

    assert opened(work, click("Work"), click("OK")) == ["below", "too odd below", "True"]
    assert driver.log("error") == []


@pytest.mark.parametrize("error", [ValueError("odd"), KeyboardInterrupt(), SystemExit(2)])
def test_no_error_leaves_a_button(opened: Opened, error: BaseException) -> None:
    def work() -> str:
        raise error

    assert opened(work, click("Work"), click("Work"), click("OK"))[-1] == "True"
    assert driver.callback_errors() == []
    told = driver.log("error")
    assert len(told) == 2, "the second press is heard too"
    assert all("Work" in line for line in told)


def test_a_refused_ok_keeps_the_window_open(opened: Opened) -> None:
    refusals = [ArgumentError("not so"), None]

    def check() -> str:
        refusal = refusals.pop(0)
        if refusal:
            raise refusal
        return ""

    assert opened(str, click("OK"), click("OK"), check=check) == ["below", "not so below", "True"]


@pytest.mark.parametrize("leave", [click("Cancel"), driver.close], ids=["Cancel", "closed"])
def test_leaving_is_no_ok(opened: Opened, leave: artist.Step) -> None:
    assert opened(str, leave) == ["below", "False"]


def test_a_button_waits_for_the_work_of_another_press(opened: Opened) -> None:
    depth = []

    def work() -> str:
        depth.append(1)
        driver.press_button(driver.window("Form"), "Work")
        return "Done."

    assert opened(work, click("Work"))[1] == "Done. below"
    assert len(depth) == 1


def test_long_lines_are_wrapped_and_indents_stay(ix: Any) -> None:
    form = Form(ix, "Form", 400, 300)
    form.say("  indented\n" + "word " * 40, "", "/a/path" * 20)
    field, = driver.widgets(form.window, gui.GuiTextEdit)
    lines = driver.text(field).split("\n")
    assert lines[0] == "  indented"
    assert lines.count("") == 1
    assert max(map(len, lines)) <= 400 / 7
    assert "".join(lines[lines.index("") + 1:]) == "/a/path" * 20


# ---------------------------------------------------------------- what is written


def choose(tree: int, row: str) -> artist.Step:
    return lambda window: driver.choose_rows(artist.trees(window)[tree], row)


WINDOWS = {
    "extra_uploads": ("manage_extra_uploads", "Extra uploads", each(
        lambda window: driver.choose_files("/gone $F/ü.png"), click("Add Files..."))),
    "packages": ("choose_packages", "Package chooser", each(
        choose(1, "conductor-slate 1.0"), click("< Remove"))),
    "extra_environment": ("manage_extra_environment", "Extra environment", each(
        fill(Name="B", Value='C:\\x "$PDIR" ü'), click("Add"))),
    "metadata": ("manage_metadata", "Metadata", each(
        fill(Name='a "b"', Value="\\$CT_JOB"), click("Add"))),
}


def saved(ix: Any, path: Path) -> list[str]:
    ix.application.save_project(str(path))
    return path.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("attribute", WINDOWS)
@pytest.mark.parametrize("end, writes", [("OK", True), ("Cancel", False)])
def test_a_window_writes_its_attribute_and_nothing_else(
    ix: Any, tmp_path: Path, attribute: str, end: str, writes: bool
) -> None:
    button, title, change = WINDOWS[attribute]
    # The first press declares variables and maps old attributes, whatever the button.
    driver.press(artist.JOB, "best_chunk_size")
    before = saved(ix, tmp_path / "before.project")
    artist.press(button, title, change, click(end))
    after = saved(ix, tmp_path / "after.project")
    changed = set(before) ^ set(after)
    assert bool(changed) is writes
    assert all(re.match(r"\s*%s\b" % attribute, line) for line in changed), changed


@pytest.mark.parametrize("attribute, what, shown", [
    ("extra_environment", artist.listed, 'B = C:\\x "$PDIR" ü   (append)'),
    ("metadata", artist.listed, 'a "b" = \\$CT_JOB'),
    ("extra_uploads", artist.rows, "/gone $F/ü.png   (NOT ON DISK)"),
])
def test_odd_texts_come_back_as_they_were_typed(
    ix: Any, attribute: str, what: Callable[[Any], list[str]], shown: str
) -> None:
    button, title, change = WINDOWS[attribute]
    artist.press(button, title, change, click("OK"))
    seen: list[str] = []
    artist.press(button, title, lambda window: seen.extend(what(window)))
    assert seen[-1] == shown
