"""Pictures of windows, drawn from the widget tree: for looking at a layout without Clarisse.

The look is a guess at Clarisse's dark theme, and a line below the window says who drew it. The
font is the one that comes with Pillow, so that a picture does not depend on the machine.
"""

from __future__ import annotations

import os
from typing import Any, Callable, Mapping, NamedTuple

from conductor.clarisse.headless import gui, layout, lists
from conductor.clarisse.headless.gui import GuiWidget, GuiWindow, is_usable
from conductor.clarisse.headless.layout import Box
from conductor.lib.errors import SceneError

CAPTION = "drawn by the stand-in, not by Clarisse"
TITLE_HEIGHT, CAPTION_HEIGHT, INDENT, SCROLL_WIDTH, FONT_SIZE = 26, 20, 16, 10, 12

WINDOW, BAR, PAPER, FACE, EDGE = "#3a3a3a", "#2b2b2b", "#262626", "#505050", "#1c1c1c"
_FAST_OCTREE = 2  # keeps a colour that few pixels have, as that of a headline
INK, PALE, CHOSEN, SHADED, MARK = "#dcdcdc", "#7d7d7d", "#3d6185", "#2c2c2c", "#e0a040"


def draw(window: GuiWindow, path: str) -> None:
    """Write a window with all that is visible in it as PNG, with a title bar and a caption.

    Raises:
        SceneError: when Pillow is not installed.
        OSError: when the file cannot be written.
    """
    picture = Picture(window._box.width, window._box.height)
    _draw_children(picture, window, window._inside())
    framed = picture.framed(window._label)
    # Few colours suffice and make small files; the same colours give the same bytes.
    beside = path + ".part"
    framed.quantize(255, _FAST_OCTREE).save(beside, "PNG", optimize=True)
    os.replace(beside, path)


def _pillow() -> Any:
    try:
        from PIL import Image, ImageDraw, ImageFont

        return Image, ImageDraw, ImageFont.load_default(FONT_SIZE)
    except (ImportError, TypeError) as problem:  # an older one takes no size
        raise SceneError(
            "drawing a window needs Pillow 10.1: pip install Pillow (it is in the extra dev)"
        ) from problem


class Picture:
    """An image that is drawn through a window of its own: what lies outside is cut."""

    def __init__(self, width: int, height: int) -> None:
        images, draws, self._font = _pillow()
        self._image = images.new("RGB", (max(1, width), max(1, height)), WINDOW)
        self._pen = draws.Draw(self._image)

    def rectangle(self, box: Box, fill: str | None = None, outline: str | None = EDGE) -> None:
        """A filled box with a thin edge."""
        if not box.is_empty:
            corners = (box.x, box.y, box.right - 1, box.bottom - 1)
            self._pen.rectangle(corners, fill=fill, outline=outline)

    def line(self, points: list[tuple[int, int]], ink: str = INK, width: int = 1) -> None:
        """A line through points."""
        self._pen.line(points, fill=ink, width=width)

    def polygon(self, points: list[tuple[int, int]], ink: str = INK) -> None:
        """A filled shape."""
        self._pen.polygon(points, fill=ink)

    def text(
        self, box: Box, text: str, ink: str = INK, is_centred: bool = False,
    ) -> None:
        """One line in the middle of the height of a box."""
        length = self._pen.textlength(text, font=self._font)
        x = box.x + (int(box.width - length) // 2 if is_centred else 0)
        self._pen.text((x, box.y + box.height // 2), text, font=self._font, fill=ink, anchor="lm")

    def part(self, size: Box) -> Picture:
        """An empty picture of the size of a box, to be pasted with :meth:`paste`."""
        return Picture(size.width, size.height)

    def paste(self, other: Picture, box: Box, clip: Box) -> None:
        """Put another picture at a box, cut to what the clip leaves of it."""
        seen = box.common(clip)
        if not seen.is_empty:
            left, top = seen.x - box.x, seen.y - box.y
            cut = other._image.crop((left, top, left + seen.width, top + seen.height))
            self._image.paste(cut, (seen.x, seen.y))

    def framed(self, title: str) -> Any:
        """The image with a title bar above and the caption below."""
        width, height = self._image.size
        whole = Picture(width, height + TITLE_HEIGHT + CAPTION_HEIGHT)
        bar = Box(0, 0, width, TITLE_HEIGHT)
        whole.rectangle(bar, BAR)
        whole.text(bar, title, is_centred=True)
        whole._image.paste(self._image, (0, TITLE_HEIGHT))
        foot = Box(0, height + TITLE_HEIGHT, width, CAPTION_HEIGHT)
        whole.rectangle(foot, BAR)
        whole.text(foot, CAPTION, PALE, is_centred=True)
        return whole._image


def _draw_children(picture: Picture, holder: GuiWidget, clip: Box) -> None:
    for child in holder._children:
        if not child._is_visible or isinstance(child, GuiWindow) or child._box.is_empty:
            continue
        part = picture.part(child._box)
        kind = next(base for base in type(child).__mro__ if base in _PAINTERS)
        _PAINTERS[kind](part, child, INK if is_usable(child) else PALE)
        picture.paste(part, child._box, clip)
        _draw_children(picture, child, child._box.common(clip))
        if isinstance(child, gui.GuiPanel):
            _panel_scroll(picture, child)


# ---------------------------------------------------------------- one painter for each widget


class _Row(NamedTuple):
    """A line of a text, list or tree; ``sign`` is an arrow: open, closed, or none."""

    text: str
    is_chosen: bool = False
    depth: int = 0
    sign: str = ""


def _whole(widget: GuiWidget) -> Box:
    return Box(0, 0, widget._box.width, widget._box.height)


def _inner(box: Box) -> Box:
    margin = layout.TEXT_MARGIN
    return Box(box.x + margin, box.y, max(0, box.width - 2 * margin), box.height)


def _own_ink(widget: GuiWidget, ink: str) -> str:
    if widget._color is None or ink == PALE:
        return ink
    return "#%02x%02x%02x" % tuple(widget._color[index] for index in range(3))


def _nothing(picture: Picture, widget: GuiWidget, ink: str) -> None:
    """A plain widget only holds others."""


def _panel(picture: Picture, widget: gui.GuiPanel, ink: str) -> None:
    picture.rectangle(_whole(widget), WINDOW)


def _button(picture: Picture, widget: gui.GuiPushButton, ink: str) -> None:
    picture.rectangle(_whole(widget), FACE if ink == INK else WINDOW)
    picture.text(_whole(widget), widget._label, _own_ink(widget, ink), is_centred=True)


def _label(picture: Picture, widget: gui.GuiLabel, ink: str) -> None:
    for index, line in enumerate(widget._label.split("\n")):
        row = Box(0, index * layout.LINE_HEIGHT, widget._box.width, layout.LINE_HEIGHT)
        if "\n" not in widget._label:
            row = _whole(widget)
        centred = widget._justification == gui.GuiWidget.JUSTIFY_CENTER
        picture.text(row, line, _own_ink(widget, ink), centred)


def _field(picture: Picture, widget: GuiWidget, ink: str, text: str) -> Box:
    """The label at the left, the field in what is left; returns the field."""
    whole, taken = _whole(widget), layout.label_width(widget._label)
    picture.text(whole, widget._label, ink)
    box = Box(taken, 0, whole.width - taken, whole.height)
    picture.rectangle(box, PAPER)
    if not box.is_empty:
        part = picture.part(box)
        part.rectangle(Box(0, 0, box.width, box.height), PAPER)
        part.text(_inner(Box(0, 0, box.width, box.height)), text, _own_ink(widget, ink))
        picture.paste(part, box, box)
    return box


def _line_edit(picture: Picture, widget: gui.GuiLineEdit, ink: str) -> None:
    _field(picture, widget, ink, widget._text)


def _number(picture: Picture, widget: gui.GuiNumberField, ink: str) -> None:
    box = _field(picture, widget, ink, "%.6g" % widget._value)
    low, high = widget._slider
    if widget._has_slider and high > low:
        share = min(1.0, max(0.0, (widget._value - low) / (high - low)))
        filled = Box(box.x + 1, box.bottom - 5, int((box.width - 2) * share), 4)
        picture.rectangle(filled, CHOSEN, None)


def _check_box(picture: Picture, widget: gui.GuiCheckbox, ink: str) -> None:
    size, middle = layout.CHECK_SIZE, widget._box.height // 2
    box = Box(0, middle - size // 2, size, size)
    picture.rectangle(box, PAPER)
    if widget._value:
        picture.line([(3, middle), (6, middle + 3), (11, middle - 4)], ink, 2)
    left = size + layout.TEXT_MARGIN
    row = Box(left, 0, widget._box.width - left, widget._box.height)
    picture.text(row, widget._label, _own_ink(widget, ink))


def _text_edit(picture: Picture, widget: gui.GuiTextEdit, ink: str) -> None:
    _lines(picture, widget, [_Row(line) for line in widget._text.split("\n")], ink)


def _menu(picture: Picture, widget: lists.GuiListButton, ink: str) -> None:
    whole = _whole(widget)
    picture.rectangle(whole, FACE if ink == INK else WINDOW)
    picture.text(_inner(whole), widget.get_selected_item_name(), ink)
    arrow = Box(whole.width - layout.ARROW_WIDTH, 0, layout.ARROW_WIDTH, whole.height)
    picture.rectangle(arrow._replace(y=1, height=max(0, whole.height - 2)), FACE, None)
    middle = whole.height // 2
    picture.polygon([(arrow.x + 3, middle - 2), (arrow.x + 11, middle - 2),
                     (arrow.x + 7, middle + 3)], ink)


def _list_view(picture: Picture, widget: lists.GuiListView, ink: str) -> None:
    _lines(picture, widget, [
        _Row(item, index == widget._selected) for index, item in enumerate(widget._items)], ink)


def _tree(picture: Picture, widget: lists.GuiTree, ink: str) -> None:
    rows: list[_Row] = []

    def walk(row: lists.GuiTreeItemBasic, depth: int) -> None:
        for child in row._children:
            has_arrow = child._children or child._is_expandable
            sign = ("open" if child._is_open else "closed") if has_arrow else "none"
            rows.append(_Row(child._name, child._is_selected, depth, sign))
            if child._is_open:
                walk(child, depth + 1)

    walk(widget._root, 0)
    _lines(picture, widget, rows, ink, widget._is_shaded)


def _lines(
    picture: Picture, widget: GuiWidget, rows: list[_Row], ink: str, is_shaded: bool = False,
) -> None:
    """Lines from the top, cut at the frame; a bar at the right when there are more."""
    whole, height = _whole(widget), layout.LINE_HEIGHT
    picture.rectangle(whole, PAPER)
    for index, row in enumerate(rows[:whole.height // height + 1]):
        box = Box(1, 4 + index * height, whole.width - 2, height)
        if row.is_chosen or (is_shaded and index % 2):
            picture.rectangle(box, CHOSEN if row.is_chosen else SHADED, None)
        left = layout.TEXT_MARGIN + row.depth * INDENT
        if row.sign:
            _arrow(picture, left, box.y + height // 2, row.sign)
            left += INDENT - 2
        picture.text(box._replace(x=left), row.text, _own_ink(widget, ink))
    picture.rectangle(whole, None)
    _scroll_bar(picture, whole, len(rows) * height + 8)


def _arrow(picture: Picture, left: int, middle: int, sign: str) -> None:
    if sign == "open":
        picture.polygon([(left, middle - 2), (left + 8, middle - 2), (left + 4, middle + 3)], PALE)
    elif sign == "closed":
        picture.polygon([(left + 2, middle - 4), (left + 7, middle), (left + 2, middle + 4)], PALE)


def _panel_scroll(picture: Picture, widget: gui.GuiPanel) -> None:
    if widget._scrolls:
        _scroll_bar(picture, widget._box, widget._room().height)


def _scroll_bar(picture: Picture, box: Box, needed: int) -> None:
    """A bar at the right edge of a box that shows only a part of what it holds."""
    if needed > box.height:
        track = Box(box.right - SCROLL_WIDTH, box.y, SCROLL_WIDTH, box.height)
        picture.rectangle(track, BAR)
        length = max(12, box.height * box.height // needed)
        picture.rectangle(track._replace(height=length), FACE)


def _progress_bar(picture: Picture, widget: lists.GuiProgressBar, ink: str) -> None:
    picture.rectangle(_whole(widget), PAPER)


_PAINTERS: Mapping[type, Callable[[Picture, Any, str], None]] = {
    gui.GuiWidget: _nothing, gui.GuiPanel: _panel, gui.GuiPushButton: _button,
    gui.GuiLabel: _label, gui.GuiLineEdit: _line_edit, gui.GuiNumberField: _number,
    gui.GuiCheckbox: _check_box, gui.GuiTextEdit: _text_edit, lists.GuiListButton: _menu,
    lists.GuiListView: _list_view, lists.GuiTree: _tree, lists.GuiProgressBar: _progress_bar,
}
