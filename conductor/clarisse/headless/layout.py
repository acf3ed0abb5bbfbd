"""Where widgets are: boxes, edges pinned to those of the parent, and how much room a text takes.

All boxes are in pixels from the upper left corner of the window, those of widgets in panels too.
"""

from __future__ import annotations

import unicodedata
from typing import NamedTuple, Tuple

LEFT, TOP, RIGHT, BOTTOM, FREE = range(5)
Edges = Tuple[int, int, int, int]
"""What the left, top, right and bottom edge follow: an edge of the parent, or ``FREE``."""

LINE_HEIGHT, FIELD_HEIGHT, TEXT_MARGIN = 16, 22, 6
"""Pixels: a line of text, a field of one line, and what lies between a frame and its text."""
CHECK_SIZE, ARROW_WIDTH = 14, 16

_NARROW, _WIDE = set(" ijltfrI.,:;'|!()[]/\\`-"), set("mwMWGOQ@%&…")
_SAFETY = 1.05
"""Nobody has measured Clarisse's own font: a text that just fits here might not fit there."""


class Box(NamedTuple):
    """A rectangle; its right and bottom lie just outside."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First column that does not belong to it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row that does not belong to it."""
        return self.y + self.height

    def common(self, other: Box) -> Box:
        """What lies in both; without area when nothing does."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Box(x, y, max(0, right - x), max(0, bottom - y))

    @property
    def is_empty(self) -> bool:
        """True without area."""
        return self.width <= 0 or self.height <= 0

    def holds(self, other: Box) -> bool:
        """True when the other one lies inside, or is the same."""
        return (self.x <= other.x and self.y <= other.y
                and other.right <= self.right and other.bottom <= self.bottom)


def check_edges(edges: Edges) -> None:
    """Raise ValueError for an edge that its side cannot follow: a left edge follows no top."""
    for side, edge in zip(("left", "top", "right", "bottom"), edges):
        fitting = (LEFT, RIGHT, FREE) if side in ("left", "right") else (TOP, BOTTOM, FREE)
        if edge not in fitting:
            raise ValueError("the %s edge takes one of the constraints %s, not %d" % (
                side, fitting, edge))


def placed(box: Box, before: Box, now: Box, edges: Edges) -> Box:
    """The box of a widget when that of its parent has become another.

    Args:
        box: where the script put it.
        before: its parent at that time.
        now: its parent now.
        edges: a free edge keeps the size; with both edges of a direction free the widget keeps
            its distance from the parent's left or top.
    """
    x, width = _span(
        (box.x, box.width), now.x - before.x, now.right - before.right,
        (edges[0], edges[2]), RIGHT)
    y, height = _span(
        (box.y, box.height), now.y - before.y, now.bottom - before.bottom,
        (edges[1], edges[3]), BOTTOM)
    return Box(x, y, width, height)


def _span(
    span: tuple[int, int], low_shift: int, high_shift: int, edges: tuple[int, int], high: int,
) -> tuple[int, int]:
    shifts = [high_shift if edge == high else low_shift for edge in edges if edge != FREE]
    first, last = (shifts[0], shifts[-1]) if shifts else (low_shift, low_shift)
    return span[0] + first, max(0, span[1] + last - first)


def text_width(text: str) -> int:
    """Pixels that the longest line of a text takes, estimated with some reserve."""
    return max(int(sum(map(_advance, line)) * _SAFETY + 0.999) for line in text.split("\n"))


def text_height(text: str) -> int:
    """Pixels that the lines of a text take."""
    return LINE_HEIGHT * (text.count("\n") + 1)


def label_width(label: str) -> int:
    """Pixels that the label before a field takes, with the gap behind it."""
    return text_width(label) + TEXT_MARGIN if label else 0


def _advance(sign: str) -> float:
    if sign in _NARROW:
        return 4.0
    if sign in _WIDE or unicodedata.east_asian_width(sign) in "WF":
        return 11.0
    return 8.0 if sign.isupper() else 7.0
