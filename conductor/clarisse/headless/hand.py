"""The artist's hand in windows: clicks, types, ticks, chooses, resizes, looks.

Reached as ``driver.NAME``. What is hidden cannot be found; what is greyed out does nothing.
"""

from __future__ import annotations

import sys
from typing import Callable, Iterator

from conductor.clarisse.headless import fitting, gui, lists
from conductor.clarisse.headless.binding import installed_host
from conductor.clarisse.headless.desktop import Message
from conductor.clarisse.headless.gui import GuiWidget, GuiWindow, click, is_usable, is_visible
from conductor.clarisse.headless.host import Host
from conductor.clarisse.headless.layout import Box
from conductor.clarisse.headless.menus import created_by
from conductor.lib.errors import SceneError


def host() -> Host:
    """The host behind the installed stand-in: its log, switches, crashes and windows.

    Raises:
        SceneError: when none is installed.
    """
    found: Host | None = installed_host()
    if found is None:
        raise SceneError("no stand-in of Clarisse is installed: call headless.install() first")
    return found


# ---------------------------------------------------------------- windows


def windows() -> list[GuiWindow]:
    """Shown windows, the newest last."""
    return list(host().desktop.windows)


def window(title: str = "") -> GuiWindow:
    """The newest shown window whose title holds this text.

    Raises:
        SceneError: when there is none.
    """
    for shown in reversed(windows()):
        if title in shown._label:
            return shown
    raise SceneError('no window "%s" is shown, only %s' % (title, [w._label for w in windows()]))


def on_events(callback: Callable[[], bool | None]) -> Callable[[], None]:
    """Have a function called at every event round; returns what takes it off again.

    While any such function answers True, modal windows stay open.
    """
    callbacks = host().desktop.callbacks
    callbacks.append(callback)

    def remove() -> None:
        if callback in callbacks:
            callbacks.remove(callback)

    return remove


def resize(shown: GuiWindow, width: int, height: int) -> None:
    """Drag the lower right corner of a window: it gets this size, pinned widgets follow.

    Raises:
        SceneError: when the window is not resizable.
    """
    if not shown._is_resizable:
        raise SceneError('the window "%s" cannot be resized' % shown._label)
    shown._place(Box(shown._box.x, shown._box.y, width, height))


def close(shown: GuiWindow) -> None:
    """Close a window by its frame, as its close button does."""
    shown.hide()


def layout_problems(shown: GuiWindow) -> list[str]:
    """What does not fit in a window as it is now, one sentence each: see :mod:`fitting`."""
    return list(fitting.problems(shown))


def draw(shown: GuiWindow, path: str) -> None:
    """Write a picture of a window, as PNG.

    Raises:
        SceneError: when Pillow is not installed.
        OSError: when the file cannot be written.
    """
    from conductor.clarisse.headless.drawing import draw as draw_window

    draw_window(shown, path)


# ---------------------------------------------------------------- widgets


def widgets(root: GuiWidget, kind: type[GuiWidget] = GuiWidget) -> Iterator[GuiWidget]:
    """Every widget of a kind below a window or widget, outer ones first, hidden ones too."""
    for child in root._children:
        if isinstance(child, kind):
            yield child
        yield from widgets(child, kind)


def find(root: GuiWidget, label: str, kind: type[GuiWidget] = GuiWidget) -> GuiWidget:
    """The first visible widget with this label, or showing this text.

    Raises:
        SceneError: when there is none; the message lists what there is.
    """
    found = [widget for widget in widgets(root, kind) if is_visible(widget)]
    for widget in found:
        if label in (widget._label, text(widget)):
            return widget
    seen = sorted({each for each in map(text, found) if each})
    raise SceneError('no widget "%s" in "%s", only %s' % (label, root._label, seen))


def text(widget: GuiWidget) -> str:
    """What a widget shows: its text, the chosen entry, its value, else its label."""
    if isinstance(widget, (gui.GuiLineEdit, gui.GuiTextEdit)):
        return widget._text
    if isinstance(widget, lists.GuiListButton):
        return widget.get_selected_item_name()
    if isinstance(widget, gui.GuiNumberField):
        return "%.15g" % widget._value
    return widget._label


def is_enabled(widget: GuiWidget) -> bool:
    """False for a greyed-out widget, and for those inside one."""
    return is_usable(widget)


def press_button(root: GuiWidget, label: str) -> None:
    """Click the button of this label; a greyed-out one does nothing."""
    click(find(root, label, gui.GuiPushButton), "EVT_ID_PUSH_BUTTON_CLICK")


def type_text(field: gui.GuiLineEdit, content: str) -> None:
    """Replace the text of a line by typing."""
    if _reaches(field):
        field._text = content
        click(field, "EVT_ID_LINE_EDIT_CHANGED")


def type_number(field: gui.GuiNumberField, value: float) -> None:
    """Replace the number of a field by typing."""
    if _reaches(field):
        field._value = float(value)


def tick(box: gui.GuiCheckbox, is_on: bool = True) -> None:
    """Switch a check box."""
    if _reaches(box):
        box._value = is_on


def choose(menu: lists.GuiListButton | lists.GuiListView, entry: str) -> None:
    """Choose an entry of a menu or a row of a list by its text.

    Raises:
        SceneError: when there is no such entry.
    """
    if entry not in menu._items:
        raise SceneError('no entry "%s", only %s' % (entry, menu._items))
    if _reaches(menu):
        menu._selected = menu._items.index(entry)
        click(menu, menu._events[0])


def entries(menu: lists.GuiListButton | lists.GuiListView) -> list[str]:
    """Texts of a menu or list, in order."""
    return list(menu._items)


def rows(tree: lists.GuiTree) -> Iterator[tuple[str, lists.GuiTreeItemBasic]]:
    """Rows of a tree with their place in it, as ``clarisse/5.0``."""
    def walk(
        row: lists.GuiTreeItemBasic, before: str
    ) -> Iterator[tuple[str, lists.GuiTreeItemBasic]]:
        for child in row._children:
            place = before + child._name
            yield place, child
            yield from walk(child, place + "/")

    return walk(tree._root, "")


def choose_rows(tree: lists.GuiTree, *places: str) -> None:
    """Choose rows of a tree by their place, and no others; the rows above them are opened.

    Raises:
        SceneError: when there is no row at a place, or the tree takes one row at a time.
    """
    found = dict(rows(tree))
    for place in places:
        if place not in found:
            raise SceneError('no row "%s", only %s' % (place, sorted(found)))
    if len(places) > 1 and not tree._takes_several:
        raise SceneError("the tree takes one row at a time: multi selection is not enabled")
    if not _reaches(tree):
        return
    for place, row in found.items():
        row._is_selected = place in places
        if row._is_selected:
            lists.open_above(row)
    click(tree, "EVT_ID_TREE_SELECTION_CHANGED")


def delete_rows(tree: lists.GuiTree) -> None:
    """Press the Delete key on the chosen rows; nothing happens where the tree forbids it."""
    if tree._deletes and _reaches(tree):
        tree.destroy_selected_items()


def _reaches(widget: GuiWidget) -> bool:
    """True when the artist can use a widget; SceneError for one that is not to be seen."""
    if not is_visible(widget):
        raise SceneError('a %s "%s" is hidden' % (type(widget).__name__, text(widget)))
    return is_usable(widget)


# ---------------------------------------------------------------- dialogs, what went wrong


def choose_files(*paths: str) -> None:
    """What the next file dialog returns; without paths the artist cancels it."""
    host().desktop.chosen.append(list(paths))


def dialogs() -> list[str]:
    """Titles of the file dialogs that were opened, in order."""
    return list(host().desktop.asked)


def answer(callback: Callable[[Message], str | None] | None) -> None:
    """Decide the answers of message boxes: ``ok``, ``yes``, ``no``, ``cancel`` or None."""
    host().desktop.answer = callback


def choose_command(path: str) -> None:
    """Choose from the main menu what a script put there, or ``Create>`` and a scripted class.

    Raises:
        SceneError: when nothing is there.
    """
    commands, created = host().desktop.menu, created_by(host().registry)
    if path in created:
        host().application.get_current_context().add_object(created[path], created[path])
        return
    if path not in commands:
        raise SceneError('the menu has no "%s", only %s' % (path, sorted(commands)))
    command = commands[path]
    if isinstance(command, str):
        _run(command)
    else:
        command()


def press_shelf(title: str) -> None:
    """Press a button that a script put on the shelf.

    Raises:
        SceneError: when there is none of that title.
    """
    for button in host().desktop.shelf:
        if button.title == title:
            _run(button.script)
            return
    raise SceneError('the shelf has no button "%s"' % title)


def _run(script: str) -> None:
    """A script, or the file of one, as Clarisse runs it: ``ix`` is there, ``__file__`` is not."""
    source = script
    if script.endswith(".py") and "\n" not in script:
        with open(script, encoding="utf-8") as handle:
            source = handle.read()
    exec(compile(source, "<string>", "exec"), {"__name__": "__main__", "ix": sys.modules["ix"]})


def messages() -> list[Message]:
    """Message boxes that were shown, with their answers."""
    return list(host().desktop.messages)


def callback_errors() -> list[BaseException]:
    """Exceptions of widget callbacks, which Clarisse swallows."""
    return list(host().desktop.failures)
