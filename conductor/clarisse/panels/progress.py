"""The progress window: one line and a Cancel button, while a thread does the work."""

from __future__ import annotations

from typing import TypeVar

from conductor.clarisse.background import Background, Work
from conductor.clarisse.host import HostModule
from conductor.clarisse.panels.progress_model import progress_text
from conductor.clarisse.panels.window import BUTTON_HEIGHT, GAP, Buttons, centred, pin

WIDTH, HEIGHT = 560, 90
PAUSE_S = 0.03

T = TypeVar("T")


def watch(ix: HostModule, title: str, work: Work[T]) -> T:
    """Do the work on a thread that never touches Clarisse, and show how it goes.

    This thread pumps Clarisse's events meanwhile. Returns what the work returns and raises what
    it raises; Cancelled when the artist pressed Cancel.
    """
    running = Background(work).start()
    window = _Window(ix, title) if ix.is_gui_application() else None
    try:
        while not running.is_done(PAUSE_S):
            ix.application.check_for_events()
            if window:
                window.show(progress_text(running.progress))
                if window.is_closed():
                    running.cancel.set()
        if window:
            # Quick work would end before it was ever seen.
            window.show(progress_text(running.progress))
            ix.application.check_for_events()
    except BaseException:
        running.cancel.set()
        raise
    finally:
        if window:
            window.close()
    return running.result()


class _Window:
    def __init__(self, ix: HostModule, title: str) -> None:
        self._window = centred(ix, title, WIDTH, HEIGHT)
        # A label cannot change its text, a line edit can.
        self._line = ix.api.GuiLineEdit(self._window, GAP, GAP, WIDTH - 2 * GAP, BUTTON_HEIGHT)
        pin(ix, self._line, "LEFT", "TOP", "RIGHT", "-")
        self._line.set_enable(False)
        self._buttons = Buttons(ix, self._window, ["Cancel"])
        self._window.show()

    def show(self, text: str) -> None:
        if text != self._line.get_text():
            self._line.set_text(text)

    def is_closed(self) -> bool:
        return not self._window.is_shown()

    def close(self) -> None:
        self._buttons.close()
