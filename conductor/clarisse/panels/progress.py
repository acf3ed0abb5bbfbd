"""The progress window: a line, a bar and Cancel, while a thread does the work."""

from __future__ import annotations

from typing import Callable, TypeVar

from conductor.clarisse.background import Background, Work
from conductor.clarisse.host import HostModule
from conductor.clarisse.panels.progress_model import percent, progress_text
from conductor.clarisse.panels.window import GAP, LINE_HEIGHT, Buttons, centred, pin
from conductor.lib.errors import Cancelled
from conductor.lib.progress import Progress

WIDTH, HEIGHT = 660, 2 * LINE_HEIGHT + 66
PAUSE_S = 0.03
CANCEL = "Cancel"

T = TypeVar("T")


def watch(ix: HostModule, title: str, work: Work[T], is_lasting: bool = False) -> T:
    """Do the work on a thread that never touches Clarisse, and show how it goes.

    This thread pumps Clarisse's events meanwhile. Returns what the work returns and raises what
    it raises; Cancelled when the artist pressed Cancel, even if the work had just ended.

    Args:
        is_lasting: what was done cannot be undone, so its result counts when Cancel came too late.
    """
    running = Background(work)
    if not ix.is_gui_application():
        return pump(ix, running, lambda: None, lambda: None)
    window = ProgressWindow(ix, title, running.cancel.set)
    found = pump(ix, running, lambda: window.show(running.progress), window.close)
    if running.cancel.is_set() and not is_lasting:
        raise Cancelled("Stopped.")
    return found


def pump(
    ix: HostModule, running: Background[T], show: Callable[[], object],
    close: Callable[[], object],
) -> T:
    """Start the work and pump Clarisse's events until it has ended; its result.

    Args:
        show: brings the work's window up to date, at every round.
        close: takes that window away.
    """
    try:
        running.start()
        while not running.is_done(PAUSE_S):
            show()
            ix.application.check_for_events()
        # Quick work would end before it was ever seen.
        show()
        ix.application.check_for_events()
    except BaseException:
        running.cancel.set()
        raise
    finally:
        close()
    return running.result()


class ProgressWindow:
    """One line, a bar, and a Cancel button that can be pressed once.

    The window stays until the work has really stopped.
    """

    def __init__(self, ix: HostModule, title: str, cancel: Callable[[], object]) -> None:
        self._cancel = cancel
        self._is_cancelled = False
        self._window = window = centred(ix, title, WIDTH, HEIGHT)
        width = WIDTH - 2 * GAP
        # A label cannot change its text, a line edit can.
        self._line = ix.api.GuiLineEdit(window, GAP, GAP, width, LINE_HEIGHT)
        # No documented call moves a progress bar, but a slider can be set.
        self._bar = ix.api.GuiNumberField(window, GAP, LINE_HEIGHT + 2 * GAP, width, "Percent")
        self._bar.set_slider_range(0, 100)
        self._bar.enable_slider_range(True)
        for widget in (self._line, self._bar):
            pin(ix, widget, "LEFT", "TOP", "RIGHT", "-")
        self._bar.set_enable(False)
        self._buttons = Buttons(ix, window, [CANCEL], {CANCEL: self._stop})
        window.show()
        self.show(None)

    def show(self, progress: Progress | None) -> None:
        """Bring line and bar up to date; a window that was closed means Cancel."""
        if not self._window.is_shown() and not self._is_cancelled:
            self._stop()
        text = progress_text(progress)
        if self._is_cancelled:
            text = "Cancelling. " + text
        if text != self._line.get_text():
            self._line.set_text(text)
            self._bar.set_value(percent(progress))

    def _stop(self) -> None:
        self._is_cancelled = True
        self._buttons.enable(CANCEL, False)
        self._cancel()

    def close(self) -> None:
        """Take it away."""
        self._buttons.close()
