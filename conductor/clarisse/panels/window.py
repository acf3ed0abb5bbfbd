"""A window with one text and a row of buttons: what Preview and the lists are made of."""

from __future__ import annotations

from typing import Any, List, Sequence

from conductor.clarisse.host import HostModule, guard

WIDTH, HEIGHT = 900, 700
BUTTON_WIDTH, BUTTON_HEIGHT, GAP = 120, 26, 8


def ask(
    ix: HostModule, title: str, text: str, buttons: Sequence[str], size: Sequence[int] = ()
) -> str:
    """Show the text until a button is pressed; returns its label, empty when just closed."""
    width, height = size or (WIDTH, HEIGHT)
    window = centred(ix, title, width, height)
    top = height - BUTTON_HEIGHT - GAP
    _text(ix, window, text, width, top)
    pressed: List[str] = []
    listener = Listener(ix, window, pressed)
    left = width - (BUTTON_WIDTH + GAP) * len(buttons)
    for label in buttons:
        listener.add(button(ix, window, label, left, top), label)
        left += BUTTON_WIDTH + GAP
    window.show_modal()
    while window.is_shown():
        ix.application.check_for_events()
    listener.events.disconnect_all()
    window.destroy()
    return pressed[0] if pressed else ""


def centred(ix: HostModule, title: str, width: int, height: int) -> Any:
    """A new window in the middle of Clarisse's own."""
    parent = ix.application.get_event_window()
    x = y = 0
    if parent is not None:
        x = parent.get_x() + max(0, (parent.get_width() - width) // 2)
        y = parent.get_y() + max(0, (parent.get_height() - height) // 2)
    return ix.api.GuiWindow(parent or ix.application, x, y, width, height, title)


def button(ix: HostModule, window: Any, label: str, left: int, top: int) -> Any:
    """A button that stays at the lower right corner."""
    made = ix.api.GuiPushButton(window, left, top, BUTTON_WIDTH, BUTTON_HEIGHT, label)
    free = ix.api.GuiWidget.CONSTRAINT_COUNT
    edges = ix.api.GuiWidget
    made.set_constraints(free, free, edges.CONSTRAINT_RIGHT, edges.CONSTRAINT_BOTTOM)
    return made


class Listener:
    """Closes the window at the first button and remembers which it was.

    Keep it alive while the window is shown: Clarisse holds its callbacks weakly.
    """

    def __init__(self, ix: HostModule, window: Any, pressed: List[str]) -> None:
        self._ix = ix
        self._window = window
        self._pressed = pressed
        self._labels: List[tuple[Any, str]] = []
        self.events = ix.api.EventObject()

    def add(self, widget: Any, label: str) -> None:
        """Listen to one more button."""
        self._labels.append((widget, label))
        self.events.connect(
            widget, "EVT_ID_PUSH_BUTTON_CLICK",
            lambda _sender, _event: guard(self._ix, "button " + label, lambda: self._end(label)),
        )

    def _end(self, label: str) -> None:
        self._pressed.append(label)
        self._window.hide()


def _text(ix: HostModule, window: Any, text: str, width: int, height: int) -> None:
    edges = ix.api.GuiWidget
    field = ix.api.GuiTextEdit(window, 0, 0, width, height - GAP)
    field.set_constraints(
        edges.CONSTRAINT_LEFT, edges.CONSTRAINT_TOP,
        edges.CONSTRAINT_RIGHT, edges.CONSTRAINT_BOTTOM,
    )
    field.set_read_only(True)
    field.set_text(text)
