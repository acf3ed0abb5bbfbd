"""The artist in front of the windows in which something is edited: one step after the other."""

from __future__ import annotations

from typing import Any, Callable, Tuple, Union

from conductor.clarisse.headless import driver, gui, lists

JOB = "project://job"
Step = Callable[[Any], object]
Steps = Union[Step, Tuple[str, Step]]
SIZES = [(600, 420), (1000, 420), (600, 900), (1500, 1000)]
"""Sizes that the artist drags a window to."""


def press(button: str, title: str, *steps: Steps) -> None:
    """Press a button of the job and do the steps in the window that it opens; what is still open
    then is closed by its frame. A step may be (title, step) of a window opened by the one before.
    """
    todo = [step if isinstance(step, tuple) else (title, step) for step in steps]
    failures: list[BaseException] = []

    def look() -> bool:
        shown = driver.windows()
        if not todo or failures:
            for window in shown:
                driver.close(window)
        elif shown and todo[0][0] == shown[-1].get_title():
            _, step = todo.pop(0)
            try:
                step(shown[-1])
            except BaseException as error:  # noqa: BLE001  the pump would take it for an error of the plugin
                failures.append(error)
        return True

    stop = driver.on_events(look)
    driver.press(JOB, button)
    stop()
    if failures:
        raise failures[0]
    assert not todo, "the window was not opened often enough"
    assert driver.callback_errors() == []
    assert driver.log("error") == []
    assert driver.windows() == []


def stored(ix: Any, name: str) -> str:
    """The text of an attribute as it would be saved."""
    return str(ix.get_item(JOB).get_attribute(name).get_raw_string(0))


def stored_list(ix: Any, name: str, item: str = JOB) -> list[str]:
    """The texts of a list as they would be saved."""
    attr = ix.get_item(item).get_attribute(name)
    return [str(attr.get_raw_string(index)) for index in range(attr.get_value_count())]


# ---------------------------------------------------------------- steps


def click(*labels: str) -> Step:
    """Press these buttons."""
    def step(window: Any) -> None:
        for label in labels:
            driver.press_button(window, label)

    return step


def fill(**typed: str) -> Step:
    """Type into lines, by their label."""
    def step(window: Any) -> None:
        for label, text in typed.items():
            driver.type_text(line(window, label), text)

    return step


def each(*steps: Step) -> Step:
    """Several steps at once."""
    def step(window: Any) -> None:
        for one in steps:
            one(window)

    return step


def resized(window: Any) -> None:
    """Nothing is broken at the opening size or at others."""
    assert driver.layout_problems(window) == []
    for width, height in SIZES:
        driver.resize(window, width, height)
        assert driver.layout_problems(window) == [], (width, height)


# ---------------------------------------------------------------- what is seen


def line(window: Any, label: str) -> Any:
    """The line with this label."""
    return driver.find(window, label, gui.GuiLineEdit)


def answer(window: Any) -> str:
    """What the window says, in one line."""
    field, = driver.widgets(window, gui.GuiTextEdit)
    return " ".join(driver.text(field).split())


def summary(window: Any) -> str:
    """The line beside OK."""
    return driver.text(next(
        field for field in driver.widgets(window, gui.GuiLineEdit) if not driver.is_enabled(field)))


def rows(window: Any, tree: int = 0) -> list[str]:
    """Places of the rows of a tree."""
    return [place for place, _ in driver.rows(trees(window)[tree])]


def trees(window: Any) -> list[Any]:
    """The trees of a window, from left to right."""
    return list(driver.widgets(window, lists.GuiTree))


def listed(window: Any) -> list[str]:
    """Rows of the only list."""
    return driver.entries(one_list(window))


def one_list(window: Any) -> Any:
    """The only list."""
    found, = driver.widgets(window, lists.GuiListView)
    return found
