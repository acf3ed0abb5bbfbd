"""What the windows are made of: a headline, a text, a row of buttons, and the modal loop."""

from __future__ import annotations

import functools
from types import MappingProxyType
from typing import Any, Callable, Mapping, Sequence, Tuple

from conductor.clarisse.host import HostModule, guard

WIDTH, HEIGHT = 900, 700
BUTTON_WIDTH, BUTTON_HEIGHT, LINE_HEIGHT, GAP = 130, 26, 22, 8


Color = Tuple[int, int, int]
"""Red, green and blue from 0 to 255."""


def ask(
    ix: HostModule, title: str, text: str, labels: Sequence[str], width: int = WIDTH,
    height: int = HEIGHT,
) -> str:
    """Show the text until a button is pressed; returns its label, empty when just closed."""
    window = centred(ix, title, width, height)
    text_area(ix, window, GAP).set_text(text)
    buttons = Buttons(ix, window, labels)
    wait(ix, window)
    buttons.close()
    return buttons.pressed


def wait(ix: HostModule, window: Any, each_round: Callable[[], object] = lambda: None) -> None:
    """Show a window in front of everything and pump Clarisse's events until it is closed."""
    window.show_modal()
    while window.is_shown():
        each_round()
        ix.application.check_for_events()


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
    """A row of buttons at the lower right; the first one pressed closes the window.

    Attributes:
        pressed: label of the button that closed it, empty before, and when it was just closed.
    """

    def __init__(
        self, ix: HostModule, window: Any, labels: Sequence[str],
        works: Mapping[str, Callable[[], object]] = MappingProxyType({}),
    ) -> None:
        """``works`` says what those buttons do that leave the window open."""
        self.pressed = ""
        self._window = window
        self._listeners = []
        self._widgets = {}
        left = window.get_width() - (BUTTON_WIDTH + GAP) * len(labels)
        top = window.get_height() - BUTTON_HEIGHT - GAP
        for label in labels:
            widget = ix.api.GuiPushButton(window, left, top, BUTTON_WIDTH, BUTTON_HEIGHT, label)
            pin(ix, widget, "-", "-", "RIGHT", "BOTTOM")
            work = works.get(label) or functools.partial(self._end, label)
            self._listeners.append(listen(ix, widget, "button " + label, work))
            self._widgets[label] = widget
            left += BUTTON_WIDTH + GAP

    def enable(self, label: str, is_usable: bool) -> None:
        """Let a button be pressed, or grey it out."""
        self._widgets[label].set_enable(is_usable)

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


def text_area(ix: HostModule, window: Any, top: int, below: int = 0) -> Any:
    """A text to be read that fills the window between ``top`` and the buttons.

    Args:
        below: pixels to leave free above the buttons.
    """
    height = window.get_height() - top - below - BUTTON_HEIGHT - 2 * GAP
    field = ix.api.GuiTextEdit(window, GAP, top, window.get_width() - 2 * GAP, height)
    pin(ix, field, "LEFT", "TOP", "RIGHT", "BOTTOM")
    field.set_read_only(True)
    return field


def headline(ix: HostModule, window: Any, text: str, color: Color) -> None:
    """One line at the top of a window, in a colour."""
    width = window.get_width() - 2 * GAP
    label = ix.api.GuiLabel(window, GAP, GAP, width, LINE_HEIGHT, text)
    pin(ix, label, "LEFT", "TOP", "RIGHT", "-")
    label.set_text_color(ix.api.GMathVec3uc(*color))
