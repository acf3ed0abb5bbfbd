"""A window that only shows a text."""

from __future__ import annotations

from conductor.clarisse.host import HostModule
from conductor.clarisse.panels.window import ask


def show(ix: HostModule, title: str, text: str) -> None:
    """Show a text until the window is closed; without windows, write it into the log."""
    if ix.is_gui_application():
        ask(ix, title, text, ["Close"])
    else:
        ix.application.log_info(text)
