"""The preview window: the text of the model, Close and Submit."""

from __future__ import annotations

from conductor.clarisse.host import HostModule
from conductor.clarisse.panels.preview_model import Preview
from conductor.clarisse.panels.window import ask

TITLE = "Conductor preview"
CLOSE, SUBMIT = "Close", "Submit"


def wants_submit(ix: HostModule, preview: Preview) -> bool:
    """Show what would be sent until the window is closed; True for Submit.

    Without windows the text goes into the log.
    """
    if not ix.is_gui_application():
        ix.application.log_info(preview.to_text())
        return False
    return ask(ix, TITLE, preview.to_text(), [CLOSE, SUBMIT]) == SUBMIT
