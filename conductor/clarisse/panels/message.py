"""Short questions and answers in Clarisse's own message box."""

from __future__ import annotations

from conductor.clarisse.host import HostModule

TITLE = "Conductor"


def tell(ix: HostModule, text: str) -> None:
    """Show a text with an OK button; without windows, write it into the log."""
    if ix.is_gui_application():
        ix.application.message_box(text, TITLE)
    else:
        ix.application.log_info("ConductorJob: " + text)


def agrees(ix: HostModule, text: str) -> bool:
    """Show a text with Yes and No; True for Yes. Without windows nobody can agree: False."""
    if not ix.is_gui_application():
        return False
    dialog = ix.api.AppDialog
    answer = ix.application.message_box(text, TITLE, dialog.no(), dialog.STYLE_YES_NO)
    return bool(answer.is_yes())
