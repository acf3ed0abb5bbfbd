"""The window of the metadata."""

from __future__ import annotations

from conductor.clarisse.panels.metadata_model import metadata_of
from conductor.clarisse.panels.rows import edit_rows
from conductor.clarisse.press import Press


def edit_metadata(press: Press) -> None:
    """Let the artist edit the names and values that travel with the job."""
    edit_rows(press, metadata_of(press.settings(), press.config), "metadata")
