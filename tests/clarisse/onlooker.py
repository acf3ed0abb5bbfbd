"""Who sits before the stand-in's screen in tests: looks at each window, then presses a button."""

from __future__ import annotations

from typing import Any

from conductor.clarisse.headless import driver, gui

GIVE_UP = ("Close", "Cancel")


class Artist:
    """Looks at each window that holds a text, once, and presses the next of ``presses``.

    Without one left it gives up: Close, or Cancel. The progress window holds no such text.

    Attributes:
        seen: title and text of each window, in order.
        headings: the first label of each window, empty without one.
        presses: labels of the buttons to press, the first for the next window.
    """

    def __init__(self, *presses: str) -> None:
        self.seen: list[tuple[str, str]] = []
        self.headings: list[str] = []
        self.presses = list(presses)
        self._looked_at: list[Any] = []
        self.leave = driver.on_events(self._look)

    def text_of(self, title: str) -> str:
        """What the newest window of a title said."""
        return [text for seen, text in self.seen if seen == title][-1]

    def _look(self) -> bool:
        for window in driver.windows():
            fields = list(driver.widgets(window, gui.GuiTextEdit))
            if fields and not any(window is each for each in self._looked_at):
                self._looked_at.append(window)
                self.seen.append((window.get_title(), driver.text(fields[0])))
                labels = [driver.text(each) for each in driver.widgets(window, gui.GuiLabel)]
                self.headings.append("".join(labels[:1]))
                driver.press_button(window, self.presses.pop(0) if self.presses else _out(window))
        return True


def _out(window: Any) -> str:
    labels = [driver.text(button) for button in driver.widgets(window, gui.GuiPushButton)]
    return next(label for label in GIVE_UP if label in labels)
