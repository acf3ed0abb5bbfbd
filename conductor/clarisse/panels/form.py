"""A window to edit something in: fields and buttons above, an answer below, OK and Cancel."""

from __future__ import annotations

import textwrap
from typing import Any, Callable, Iterable

from conductor.clarisse.host import HostModule
from conductor.clarisse.panels.window import (
    BUTTON_HEIGHT,
    BUTTON_WIDTH,
    GAP,
    Buttons,
    centred,
    listen,
    pin,
    wait,
)
from conductor.lib.errors import ConductorError

LINE_HEIGHT, ANSWER_HEIGHT = 24, 132
SIGN_WIDTH = 7
"""Pixels of a sign, about: Clarisse's text widget is not known to wrap."""

Work = Callable[[], str]
"""What a button does; the text it returns is shown, as is a ConductorError that it raises."""

_EDGES = {"L": "LEFT", "T": "TOP", "R": "RIGHT", "B": "BOTTOM", "-": "-"}


class Form:
    """The frame of such a window; who opens it adds fields and buttons, and calls :meth:`run`.

    Edges are written as four signs: ``L-RB`` follows the left, right and bottom edges of the
    window.

    Attributes:
        answer: what the last button had to say.
        bottom: the first row, in pixels from the top, that belongs to the frame.
    """

    def __init__(self, ix: HostModule, title: str, width: int, height: int) -> None:
        self.ix = ix
        self.answer = ""
        self.window = centred(ix, title, width, height)
        self._show: Callable[[], None] = lambda: None
        self._is_accepted = self._is_working = False
        self._listeners: list[Any] = []
        top = height - GAP - BUTTON_HEIGHT
        self.bottom = top - GAP - ANSWER_HEIGHT
        self._answer = self.place(ix.api.GuiTextEdit(
            self.window, GAP, self.bottom, width - 2 * GAP, ANSWER_HEIGHT), "L-RB")
        self._answer.set_read_only(True)
        # A label cannot change its text, a line edit can.
        self._summary = self.line("", GAP, top, width - 2 * (BUTTON_WIDTH + 2 * GAP), "L-RB")
        self._summary.set_enable(False)
        self._check: Work = str
        accept = {"OK": lambda: self.attempt(self._accept)}
        self._buttons = Buttons(ix, self.window, ["OK", "Cancel"], accept)

    # -- built

    def place(self, widget: Any, edges: str) -> Any:
        """Pin a new widget; returns it."""
        pin(self.ix, widget, *(_EDGES[edge] for edge in edges))
        return widget

    def line(self, label: str, x: int, y: int, width: int, edges: str) -> Any:
        """A line to type into."""
        line = self.ix.api.GuiLineEdit(self.window, x, y, width, LINE_HEIGHT, label)
        return self.place(line, edges)

    def rows(self, x: int, y: int, width: int, height: int, edges: str) -> FlatRows:
        """A list of which several rows can be chosen."""
        return FlatRows(self.ix, self.tree(x, y, width, height, edges))

    def tree(self, x: int, y: int, width: int, height: int, edges: str) -> Any:
        """Rows below rows, of which several can be chosen."""
        tree = self.place(self.ix.api.GuiTree(self.window, x, y, width, height), edges)
        tree.enable_multi_selection(True)
        tree.enable_item_delete(False)
        tree.set_shaded_entries(True)
        return tree

    def button(self, label: str, x: int, y: int, work: Work, edges: str) -> Any:
        """A button that does the work and shows its answer."""
        button = self.place(self.ix.api.GuiPushButton(
            self.window, x, y, BUTTON_WIDTH, BUTTON_HEIGHT, label), edges)
        self.listen(button, label, lambda: self.attempt(work))
        return button

    def listen(self, widget: Any, what: str, work: Callable[[], object], *event_id: str) -> None:
        """Do the work at each click, or at each of another event."""
        self._listeners.append(listen(self.ix, widget, what, work, *event_id))

    # -- used

    def say(self, *parts: str) -> None:
        """Show paragraphs below the fields; empty ones are left out."""
        signs = (self._answer.get_width() - 2 * GAP) // SIGN_WIDTH
        lines = "\n\n".join(part for part in parts if part).split("\n")
        self._answer.set_text("\n".join(
            textwrap.fill(line, signs, break_on_hyphens=False) for line in lines))

    def sum_up(self, summary: str) -> None:
        """Show one line beside OK."""
        self._summary.set_text(summary)

    def attempt(self, work: Work) -> None:
        """Do the work and bring the window up to date; nothing while other work is under way."""
        if self._is_working:
            return
        self._is_working = True
        try:
            self.answer = work()
        except ConductorError as error:
            self.answer = str(error)
        finally:
            self._is_working = False
        self._show()

    def run(self, show: Callable[[], None], check: Work = str) -> bool:
        """Show the window until it is closed; True for OK.

        Args:
            show: brings fields and answer up to date.
            check: done at OK; a ConductorError that it raises keeps the window open.
        """
        self._show, self._check = show, check
        show()
        wait(self.ix, self.window)
        for listener in self._listeners:
            listener.disconnect_all()
        self._buttons.close()
        return self._is_accepted

    def _accept(self) -> str:
        answer = self._check()
        self._is_accepted = True
        self.window.hide()
        return answer


class FlatRows:
    """The rows of a tree without levels, each with what it stands for."""

    def __init__(self, ix: HostModule, tree: Any) -> None:
        self._ix, self._tree = ix, tree
        self._rows: list[tuple[str, str]] = []
        self._items: list[Any] = []

    def show(self, rows: Iterable[tuple[str, str]]) -> None:
        """Show these: what each stands for, and its text. Where they are the same as before, what
        is chosen stays chosen."""
        wanted = list(rows)
        if wanted == self._rows:
            return
        root = self._tree.get_root()
        root.remove_children()
        self._rows = wanted
        self._items = [self._ix.api.GuiTreeItemBasic(root, text) for _, text in wanted]
        self._tree.refresh()

    def chosen(self) -> list[str]:
        """What the chosen rows stand for."""
        return [meaning for (meaning, _), item in zip(self._rows, self._items)
                if item.is_selected()]
