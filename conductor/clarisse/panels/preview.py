"""The preview window: everything that would be sent, to be read, saved and submitted."""

from __future__ import annotations

import os

from conductor.clarisse.host import HostModule
from conductor.clarisse.panels import preview_model
from conductor.clarisse.panels.findings_model import COLORS
from conductor.clarisse.panels.message import tell
from conductor.clarisse.panels.preview_model import Preview
from conductor.clarisse.panels.window import (
    GAP,
    LINE_HEIGHT,
    Buttons,
    centred,
    headline,
    text_area,
    wait,
)
from conductor.lib.errors import ConductorError

TITLE = "Conductor preview"
WIDTH, HEIGHT = 900, 700
CLOSE, SAVE, SUBMIT, SUBMIT_AND_CLOSE = "Close", "Save JSON...", "Submit", "Submit and close"


def show(ix: HostModule, preview: Preview) -> str:
    """Show what would be sent; the label of the button that ended it, empty when just closed.

    Without windows the text goes into the log.
    """
    if not ix.is_gui_application():
        ix.application.log_info(preview.to_text())
        return ""
    window = centred(ix, TITLE, WIDTH, HEIGHT)
    headline(ix, window, preview.headline, COLORS[preview.level])
    text_area(ix, window, LINE_HEIGHT + 2 * GAP).set_text(preview.to_text())
    buttons = Buttons(
        ix, window, [CLOSE, SAVE, SUBMIT, SUBMIT_AND_CLOSE], {SAVE: lambda: _save(ix, preview)})
    for label in (SUBMIT, SUBMIT_AND_CLOSE):
        buttons.enable(label, not preview.sent)
    wait(ix, window)
    buttons.close()
    return buttons.pressed


def _save(ix: HostModule, preview: Preview) -> None:
    folder = os.path.dirname(preview.prepared.scene.path)
    path = ix.api.GuiWidget.save_file(
        ix.application, folder, "Save the payload", "JSON files\t*.json")
    if path:
        try:
            preview_model.save_json(preview, str(path))
        except ConductorError as problem:
            tell(ix, str(problem))
