"""The widgets that hold rows: menus, lists, trees, and the progress bar."""

from __future__ import annotations

from typing import Any, Iterator

from conductor.clarisse.headless.binding import HostObject, documented
from conductor.clarisse.headless.gui import GuiWidget


@documented
class GuiListButton(GuiWidget):
    """A drop-down menu."""

    _events = ("EVT_ID_LIST_BUTTON_SELECT",)

    def __init__(self, parent: Any, x: int, y: int, width: int, height: int) -> None:
        GuiWidget.__init__(self, parent, x, y, width, height)
        self._items: list[str] = []
        self._separators: list[int] = []
        self._selected = 0

    def add_item(self, name: str) -> None:
        """Append an entry."""
        self._items.append(name)

    def add_separator(self) -> None:
        """A line between entries; it has no index."""
        self._separators.append(len(self._items))

    def get_selected_item_name(self) -> str:
        """Text of the chosen entry, empty without entries."""
        return "".join(self._items[self._selected:self._selected + 1])

    def get_selected_item_index(self) -> int:
        """Place of the chosen entry."""
        return self._selected

    def set_selected_item_by_index(self, index: int) -> None:
        """Choose an entry; tells nobody."""
        if not 0 <= index < len(self._items):
            raise IndexError("entry %d of %d" % (index, len(self._items)))
        self._selected = index


@documented
class GuiListView(GuiWidget):
    """A list of rows."""

    _events = ("EVT_ID_LIST_VIEW_SELECT",)

    def __init__(self, parent: Any, x: int, y: int, width: int, height: int) -> None:
        GuiWidget.__init__(self, parent, x, y, width, height)
        self._items: list[str] = []
        self._selected = -1

    def add_item(self, name: str) -> None:
        """Append a row."""
        self._items.append(name)

    def remove_item(self, index: int) -> None:
        """Delete a row."""
        del self._items[index]
        self._selected = -1

    def get_item_count(self) -> int:
        """How many rows there are."""
        return len(self._items)

    def get_item_name(self, index: int) -> str:
        """Text of a row."""
        return self._items[index]

    def get_selected_index(self) -> int:
        """The chosen row, -1 without one."""
        return self._selected

    def set_mouse_over_selection(self, enabled: bool) -> None:
        """Highlight the row below the mouse."""


@documented
class GuiTreeItemBasic(HostObject):
    """One row of a tree; made by a tree as its root, or below another row."""

    def __init__(self, parent: GuiTreeItemBasic | None, name: str) -> None:
        self._name = name
        self._children: list[GuiTreeItemBasic] = []
        self._is_selected = False
        self._is_open = False
        self._is_expandable = False
        self._parent = parent
        if parent is not None:
            parent._children.append(self)

    def get_name(self) -> str:
        """Text of the row."""
        return self._name

    def is_selected(self) -> bool:
        """True when the artist chose it."""
        return self._is_selected

    def set_is_selected(self, selected: bool) -> None:
        """Choose it."""
        self._is_selected = selected

    def set_is_dirty(self, dirty: bool) -> None:
        """Have it drawn again."""

    def set_expandable(self, expandable: bool) -> None:
        """Show the arrow, also without rows below."""
        self._is_expandable = expandable

    def expand(self) -> None:
        """Show the rows below."""
        self._is_open = True

    def remove_children(self) -> None:
        """Delete the rows below."""
        self._children = []

    def _below(self) -> Iterator[GuiTreeItemBasic]:
        for child in list(self._children):
            yield child
            yield from child._below()


class _TreeRoot(GuiTreeItemBasic):
    """The invisible first row."""

    def __init__(self) -> None:
        self._name = ""
        self._children = []
        self._is_selected = False
        self._is_open = True
        self._is_expandable = False
        self._parent = None


@documented
class GuiTree(GuiWidget):
    """Rows below rows."""

    BORDER_STYLE_FLAT = 0
    _events = ("EVT_ID_TREE_SELECTION_CHANGED",)

    def __init__(self, parent: Any, x: int, y: int, width: int, height: int) -> None:
        GuiWidget.__init__(self, parent, x, y, width, height)
        self._root = _TreeRoot()
        self._is_shaded = False
        self._takes_several = False
        self._deletes = False

    def get_root(self) -> GuiTreeItemBasic:
        """The invisible first row."""
        return self._root

    def set_border_style(self, style: int) -> None:
        """Look of the frame."""

    def set_shaded_entries(self, shaded: bool) -> None:
        """Every second row darker."""
        self._is_shaded = shaded

    def enable_multi_selection(self, enabled: bool) -> None:
        """Let the artist choose several rows."""
        self._takes_several = enabled

    def enable_item_delete(self, enabled: bool) -> None:
        """Let the artist delete rows."""
        self._deletes = enabled

    def destroy_selected_items(self) -> None:
        """Delete the chosen rows."""
        for row in list(self._root._below()):
            if row._is_selected and row._parent is not None:
                siblings = row._parent._children
                siblings[:] = [sibling for sibling in siblings if sibling is not row]

    def refresh(self) -> None:
        """Draw again."""


def open_above(row: GuiTreeItemBasic) -> None:
    """Open the rows that hold this one, as the artist must before it can be clicked."""
    above = row._parent
    while above is not None:
        above._is_open = True
        above = above._parent


@documented
class GuiProgressBar(GuiWidget):
    """Shows how far something is; only the count of steps is known of it."""

    def set_step_count(self, count: int) -> None:
        """How many steps there are."""
        self._steps = count
