"""The hand of the artist: presses buttons, types into fields, clicks in windows.

Not part of ``ix``: tests, the demo and the command line use it on the installed stand-in.
"""

from __future__ import annotations

from typing import Any, Callable, Iterator, Sequence, Union

from conductor.clarisse.headless import gui, lists, scripted, values
from conductor.clarisse.headless.binding import installed_host
from conductor.clarisse.headless.commands import assign_texts
from conductor.clarisse.headless.desktop import Message
from conductor.clarisse.headless.gui import GuiWidget, GuiWindow, click
from conductor.clarisse.headless.host import Host
from conductor.clarisse.headless.model import Node
from conductor.lib.errors import SceneError

Typed = Union[str, int, float, bool, Sequence[str]]


def host() -> Host:
    """The host behind the installed stand-in: its log, switches, crashes and windows.

    Raises:
        SceneError: when none is installed.
    """
    found: Host | None = installed_host()
    if found is None:
        raise SceneError("no stand-in of Clarisse is installed: call headless.install() first")
    return found


def _node(item: Any) -> Node:
    path = item if isinstance(item, str) else item.get_full_name()
    node = host().scene.node(path)
    if node is None:
        raise SceneError("there is no item %s in the open project" % path)
    return node


# ---------------------------------------------------------------- items


def press(item: Any, action: str) -> None:
    """Press a button of an item (a handle or a path).

    Raises:
        SceneError: when there is no such item or button.
        HostCrash: when an exception left a handler; Clarisse would be gone.
    """
    node = _node(item)
    try:
        scripted.press(host(), node, action)
    except KeyError as error:
        raise SceneError(str(error.args[0])) from error


def set_attribute(item: Any, name: str, value: Typed) -> None:
    """Type into a field: a text is read by the type of the attribute, a menu takes its label.

    Raises:
        SceneError: when there is no such attribute, or the text does not fit it.
    """
    node = _node(item)
    state = node.attribute(name)
    if state is None:
        raise SceneError("%s has no attribute %s" % (node.full_name, name))
    labels = dict(state.presets)
    texts = [labels.get(text, text) for text in _texts(value, state.shape.container)]
    if state.shape.type in values.NUMERIC:
        texts = [_number(text, state.full_name) for text in texts]
    assign_texts(state, texts)


def _texts(value: Typed, container: int) -> list[str]:
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, str):
        return value.split() if container == values.LIST else [value]
    return [str(value)] if isinstance(value, (int, float)) else list(value)


def _number(text: str, where: str) -> str:
    words = {"true": "yes", "on": "yes", "false": "no", "off": "no", "yes": "yes", "no": "no"}
    if text.lower() in words:
        return words[text.lower()]
    try:
        float(text)
    except ValueError:
        raise SceneError('%s takes a number, not "%s"' % (where, text)) from None
    return text


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


def widgets(root: GuiWidget, kind: type[GuiWidget] = GuiWidget) -> Iterator[GuiWidget]:
    """Every widget of a kind below a window or widget, outer ones first."""
    for child in root._children:
        if isinstance(child, kind):
            yield child
        yield from widgets(child, kind)


def find(root: GuiWidget, label: str, kind: type[GuiWidget] = GuiWidget) -> GuiWidget:
    """The first widget with this label, or showing this text.

    Raises:
        SceneError: when there is none; the message lists what there is.
    """
    found = list(widgets(root, kind))
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
    """False for a greyed-out widget."""
    return widget._is_enabled


def press_button(root: GuiWidget, label: str) -> None:
    """Click the button of this label; a greyed-out one does nothing."""
    click(find(root, label, gui.GuiPushButton), "EVT_ID_PUSH_BUTTON_CLICK")


def type_text(field: gui.GuiLineEdit, content: str) -> None:
    """Type into a line."""
    field._text = content
    click(field, "EVT_ID_LINE_EDIT_CHANGED")


def tick(box: gui.GuiCheckbox, is_on: bool = True) -> None:
    """Switch a check box."""
    box._value = is_on


def choose(menu: lists.GuiListButton | lists.GuiListView, entry: str) -> None:
    """Choose an entry of a menu or a row of a list by its text.

    Raises:
        SceneError: when there is no such entry.
    """
    if entry not in menu._items:
        raise SceneError('no entry "%s", only %s' % (entry, menu._items))
    menu._selected = menu._items.index(entry)
    click(menu, menu._events[0])


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
    """Choose rows of a tree by their place, and no others.

    Raises:
        SceneError: when there is no row at a place.
    """
    found = dict(rows(tree))
    for place in places:
        if place not in found:
            raise SceneError('no row "%s", only %s' % (place, sorted(found)))
    for place, row in found.items():
        row._is_selected = place in places
    click(tree, "EVT_ID_TREE_SELECTION_CHANGED")


# ---------------------------------------------------------------- dialogs, what went wrong


def choose_files(*paths: str) -> None:
    """What the next file dialog returns; without paths the artist cancels it."""
    host().desktop.chosen.append(list(paths))


def answer(callback: Callable[[Message], str | None] | None) -> None:
    """Decide the answers of message boxes: ``ok``, ``yes``, ``no``, ``cancel`` or None."""
    host().desktop.answer = callback


def messages() -> list[Message]:
    """Message boxes that were shown, with their answers."""
    return list(host().desktop.messages)


def callback_errors() -> list[BaseException]:
    """Exceptions of widget callbacks, which Clarisse swallows."""
    return list(host().desktop.failures)


def log(level: str = "") -> list[str]:
    """Log lines, of one level or all."""
    return [line for found, line in host().log if level in ("", found)]
