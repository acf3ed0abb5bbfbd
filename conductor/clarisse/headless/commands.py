"""``ix.cmds``: the undoable commands. The stand-in keeps no undo history.

A command is a public function of one of the parts below, found by its name in Clarisse:
``create_object`` is ``CreateObject``. Commands leave locked and remote items as they are, without
a word to the script, as Clarisse does; the stand-in logs a warning.
"""

from __future__ import annotations

from typing import Any, Callable

from conductor.clarisse.headless.command_part import assign_texts
from conductor.clarisse.headless.item_commands import ItemCommands
from conductor.clarisse.headless.reference_commands import ReferenceCommands
from conductor.clarisse.headless.value_commands import ValueCommands

__all__ = ["assign_texts", "table"]

PARTS = (ItemCommands, ValueCommands, ReferenceCommands)


def table(host: Any) -> dict[str, Callable[..., Any]]:
    """The commands over one host by their names in Clarisse."""
    found: dict[str, Callable[..., Any]] = {}
    for part in (kind(host) for kind in PARTS):
        for name in vars(type(part)):
            if not name.startswith("_"):
                found["".join(word.capitalize() for word in name.split("_"))] = getattr(part, name)
    return found
