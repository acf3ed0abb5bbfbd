"""What does not fit in a window: overlaps, widgets outside, texts wider than their widgets.

Widths of texts are estimates (:func:`layout.text_width`): Clarisse's own font is not known.
"""

from __future__ import annotations

from typing import Iterator

from conductor.clarisse.headless import gui, layout, lists
from conductor.clarisse.headless.gui import GuiWidget, GuiWindow
from conductor.clarisse.headless.layout import Box


def problems(window: GuiWindow) -> Iterator[str]:
    """One sentence for each thing that an artist would see as broken."""
    yield from _below(window, window._inside())


def _below(holder: GuiWidget, room: Box) -> Iterator[str]:
    shown = [
        child for child in holder._children
        if child._is_visible and not isinstance(child, GuiWindow)
    ]
    for index, child in enumerate(shown):
        yield from _alone(child, room)
        for other in shown[:index]:
            if not child._box.common(other._box).is_empty:
                yield "%s overlaps %s" % (name(child), name(other))
        inside = child._room() if isinstance(child, gui.GuiPanel) else child._box
        yield from _below(child, inside)


def _alone(widget: GuiWidget, room: Box) -> Iterator[str]:
    box = widget._box
    if box.is_empty:
        yield "%s has no size: %d x %d" % (name(widget), box.width, box.height)
    elif not room.holds(box):
        yield "%s at %s lies outside %s" % (name(widget), tuple(box), tuple(room))
    width, height = needed(widget)
    if box.width < width:
        yield "%s needs a width of %d for its text and has %d" % (name(widget), width, box.width)
    if box.height < height:
        yield "%s needs a height of %d for its text and has %d" % (
            name(widget), height, box.height)


def needed(widget: GuiWidget) -> tuple[int, int]:
    """Least width and height in pixels for what cannot be scrolled or typed longer."""
    frame = 2 * layout.TEXT_MARGIN
    if isinstance(widget, gui.GuiPushButton):
        return layout.text_width(widget._label) + frame, layout.text_height(widget._label)
    if isinstance(widget, gui.GuiLabel):
        return layout.text_width(widget._label), layout.text_height(widget._label)
    if isinstance(widget, gui.GuiCheckbox):
        return layout.text_width(widget._label) + layout.CHECK_SIZE + layout.TEXT_MARGIN, 0
    if isinstance(widget, lists.GuiListButton):
        widest = max(map(layout.text_width, widget._items), default=0)
        return widest + frame + layout.ARROW_WIDTH, layout.LINE_HEIGHT
    if isinstance(widget, (gui.GuiLineEdit, gui.GuiNumberField)):
        return layout.label_width(widget._label) + frame, layout.LINE_HEIGHT
    return 0, 0


def name(widget: GuiWidget) -> str:
    """The widget as a reader finds it: ``GuiPushButton "Close"``."""
    kind = next(base for base in type(widget).__mro__ if base.__name__.startswith("Gui"))
    shown = widget._label
    if isinstance(widget, (gui.GuiLineEdit, gui.GuiTextEdit)):
        shown = widget._label or widget._text.split("\n")[0]
    return '%s "%s"' % (kind.__name__, shown) if shown else kind.__name__
