"""Short messages in Clarisse's own message box."""

from __future__ import annotations

from conductor.clarisse.host import HostModule

TITLE = "Conductor"


def tell(ix: HostModule, text: str) -> None:
    """Show a text with an OK button; without windows, write it into the log."""
    if ix.is_gui_application():
        ix.application.message_box(text, TITLE)
    else:
        ix.application.log_info("ConductorJob: " + text)
