"""A window with one text and a row of buttons: what Preview and the lists are made of."""

from __future__ import annotations

import functools
from typing import Any, Callable, Sequence

from conductor.clarisse.host import HostModule, guard

WIDTH, HEIGHT = 900, 700
BUTTON_WIDTH, BUTTON_HEIGHT, GAP = 120, 26, 8


def ask(
    ix: HostModule, title: str, text: str, labels: Sequence[str], width: int = WIDTH,
    height: int = HEIGHT,
) -> str:
    """Show the text until a button is pressed; returns its label, empty when just closed."""
    window = centred(ix, title, width, height)
    _text(ix, window, text)
    buttons = Buttons(ix, window, labels)
    window.show_modal()
    while window.is_shown():
        ix.application.check_for_events()
    buttons.close()
    return buttons.pressed


def centred(ix: HostModule, title: str, width: int, height: int) -> Any:
    """A new window in the middle of Clarisse's own."""
    parent = ix.application.get_event_window()
    x = y = 0
    if parent is not None:
        x = parent.get_x() + max(0, (parent.get_width() - width) // 2)
        y = parent.get_y() + max(0, (parent.get_height() - height) // 2)
    return ix.api.GuiWindow(parent or ix.application, x, y, width, height, title)


def listen(
    ix: HostModule, widget: Any, what: str, work: Callable[[], object],
    event_id: str = "EVT_ID_PUSH_BUTTON_CLICK",
) -> Any:
    """Do the work at each event, such as a click. Keep what this returns: Clarisse holds its
    callbacks weakly."""

    class Listener(ix.api.EventObject):  # type: ignore[misc]
        def __init__(self) -> None:
            ix.api.EventObject.__init__(self)

        def on_event(self, sender: Any, event: Any) -> None:
            guard(ix, what, work)

    listener = Listener()
    listener.connect(widget, event_id, listener.on_event)
    return listener


class Buttons:
    """A row of buttons at the lower right; the first one pressed closes the window."""

    def __init__(self, ix: HostModule, window: Any, labels: Sequence[str]) -> None:
        self.pressed = ""
        self._window = window
        self._listeners = []
        left = window.get_width() - (BUTTON_WIDTH + GAP) * len(labels)
        top = window.get_height() - BUTTON_HEIGHT - GAP
        for label in labels:
            widget = ix.api.GuiPushButton(window, left, top, BUTTON_WIDTH, BUTTON_HEIGHT, label)
            pin(ix, widget, "-", "-", "RIGHT", "BOTTOM")
            work = functools.partial(self._end, label)
            self._listeners.append(listen(ix, widget, "button " + label, work))
            left += BUTTON_WIDTH + GAP

    def _end(self, label: str) -> None:
        self.pressed = label
        self._window.hide()

    def close(self) -> None:
        """Stop listening and take the window away."""
        for listener in self._listeners:
            listener.disconnect_all()
        self._window.destroy()


def pin(ix: HostModule, widget: Any, *edges: str) -> None:
    """Pin left, top, right and bottom to these edges of the window; ``-`` leaves one free."""
    names = ["COUNT" if edge == "-" else edge for edge in edges]
    numbers = [getattr(ix.api.GuiWidget, "CONSTRAINT_" + name) for name in names]
    widget.set_constraints(*numbers)


def _text(ix: HostModule, window: Any, text: str) -> None:
    height = window.get_height() - BUTTON_HEIGHT - 3 * GAP
    field = ix.api.GuiTextEdit(window, 0, 0, window.get_width(), height)
    pin(ix, field, "LEFT", "TOP", "RIGHT", "BOTTOM")
    field.set_read_only(True)
    field.set_text(text)
