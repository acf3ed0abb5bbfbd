"""The result window: number and address of the job, Open in browser, Close."""

from __future__ import annotations

from conductor.clarisse.host import HostModule
from conductor.clarisse.panels.result_model import Result, open_in_browser
from conductor.clarisse.panels.window import (
    GAP,
    LINE_HEIGHT,
    Buttons,
    centred,
    headline,
    text_area,
    wait,
)

TITLE = "Conductor result"
WIDTH, HEIGHT = 560, 130
OPEN, CLOSE = "Open in browser", "Close"
GREEN = (130, 200, 130)


def show(ix: HostModule, result: Result) -> None:
    """Show the result until the window is closed; without windows, write it into the log."""
    if not ix.is_gui_application():
        ix.application.log_info("ConductorJob: " + result.text)
        return
    window = centred(ix, TITLE, WIDTH, HEIGHT)
    headline(ix, window, result.headline, GREEN)
    text_area(ix, window, LINE_HEIGHT + 2 * GAP).set_text(result.detail)
    labels = [OPEN, CLOSE] if result.has_page else [CLOSE]
    buttons = Buttons(ix, window, labels, {OPEN: lambda: open_in_browser(result.address)})
    wait(ix, window)
    buttons.close()
