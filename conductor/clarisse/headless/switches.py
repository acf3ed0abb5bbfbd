"""Every behaviour of Clarisse that nobody has verified, as one switch each.

The table is the whole list; ``docs/clarisse-host-notes.md`` says for each how the choice was made
and what would settle it. A :class:`Switches` belongs to one session of the stand-in and may be
changed while it runs.
"""

from __future__ import annotations

from typing import NamedTuple


class Switch(NamedTuple):
    """One unverified behaviour."""

    name: str
    default: bool | int | str
    meaning: str


SWITCHES: tuple[Switch, ...] = (
    Switch("log_error_raises", True,
           "ix.log_error logs and then raises RuntimeError, as the vendor's Python 2 helper does"),
    Switch("handlers_may_raise_runtime_error", False,
           "a RuntimeError that leaves a scripted class handler does not crash the host"),
    Switch("no_preset_index", 0xFFFFFFFF,
           "what get_applied_preset_index returns without a match: -1 read as unsigned 32 bits"),
    Switch("same_value_fires", False,
           "setting an attribute to the value it has calls on_attribute_change too"),
    Switch("numbers_for_bools", False,
           "bool parameters take numbers; recent SWIG wrappers take only True and False"),
    Switch("texts_for_numbers", False,
           "set_string on a number, and set_long or set_double on a text, convert"),
    Switch("variables_mark_modified", False,
           "setting a custom variable marks the project modified"),
    Switch("writes_custom_variables", False,
           "custom variables are written to the project (a block 'variables' at the root)"),
    Switch("unsaved_pdir", "", "value of $PDIR before the first save"),
    Switch("disabled_keyword", "disabled", "entry that marks an item as disabled in the file"),
    Switch("private_keyword", "private", "entry that marks an item as private in the file"),
    Switch("muted_keyword", "muted",
           "entry in the block of an attribute with the places of its muted values, from 0 on"),
    Switch("locked_keyword", "locked", "entry that marks an item as locked in the file"),
    Switch("remote_items_editable", False,
           "items that a reference brought in can be changed; the changes are not saved"),
    Switch("references_own_folder", True,
           "$PDIR and $PNAME inside a referenced project are its own, not the open project's"),
    Switch("path_attrs_in_references", False,
           "OfAttr.get_path_attrs sees what a reference of the open project brought in; never "
           "what references inside it did"),
    Switch("changes_propagate", False,
           "a change of an item calls on_attribute_change of items that refer to it, with an event "
           "of TYPE_PROPAGATE"),
    Switch("writes_references", True,
           "a reference made by a script is written, as a line 'filename' of its context"),
)

DEFAULTS = {switch.name: switch.default for switch in SWITCHES}


class Switches:
    """The switches of one session, read and set as attributes.

    Raises:
        AttributeError: when reading or setting a name that is not in :data:`SWITCHES`.
    """

    log_error_raises: bool
    handlers_may_raise_runtime_error: bool
    no_preset_index: int
    same_value_fires: bool
    numbers_for_bools: bool
    texts_for_numbers: bool
    variables_mark_modified: bool
    writes_custom_variables: bool
    unsaved_pdir: str
    disabled_keyword: str
    private_keyword: str
    muted_keyword: str
    locked_keyword: str
    remote_items_editable: bool
    references_own_folder: bool
    path_attrs_in_references: bool
    changes_propagate: bool
    writes_references: bool

    def __init__(self) -> None:
        self.__dict__.update(DEFAULTS)

    def __setattr__(self, name: str, value: object) -> None:
        if name not in DEFAULTS:
            raise AttributeError("there is no switch %r" % name)
        self.__dict__[name] = value
