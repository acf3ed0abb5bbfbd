"""The window of the extra environment."""

from __future__ import annotations

from conductor.clarisse.panels.environment_model import environment_of
from conductor.clarisse.panels.rows import edit_rows
from conductor.clarisse.press import Press


def edit_environment(press: Press) -> None:
    """Let the artist edit the variables of the render machines."""
    model = environment_of(press.settings(), press.state.known, press.config)
    edit_rows(press, model, "extra_environment")
