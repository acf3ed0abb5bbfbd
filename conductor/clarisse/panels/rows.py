"""The window of rows: names and values in a list, the chosen one in fields below it."""

from __future__ import annotations

from typing import Any

from conductor.clarisse import item as items
from conductor.clarisse.host import HostModule
from conductor.clarisse.panels.form import LINE_HEIGHT, Form
from conductor.clarisse.panels.rows_model import Rows
from conductor.clarisse.panels.window import BUTTON_HEIGHT, BUTTON_WIDTH, GAP
from conductor.clarisse.press import Press

WIDTH, HEIGHT = 720, 500
NAME_WIDTH, POLICY_WIDTH = 220, 110
START_ANEW = "Start Anew"


def edit_rows(press: Press, model: Rows, attribute: str) -> None:
    """Let the artist edit the rows; what OK leaves is written to the attribute of the item.

    Without windows the rows go into the log.
    """
    if not press.ix.is_gui_application():
        press.ix.application.log_info(model.log_text())
    elif RowsWindow(press.ix, model).run() and model.is_changed:
        with press.state.writing():
            items.set_by_text(press.item, attribute, model.text())


class RowsWindow:
    """One such window."""

    def __init__(self, ix: HostModule, model: Rows) -> None:
        self._model = model
        self._lines: list[str] = []
        self._form = form = Form(ix, model.title, WIDTH, HEIGHT)
        line = form.bottom - 2 * GAP - BUTTON_HEIGHT - LINE_HEIGHT
        self._list = form.place(ix.api.GuiListView(
            form.window, GAP, GAP, WIDTH - 2 * GAP, line - 2 * GAP), "LTRB")
        form.listen(self._list, "choosing a row", self._take_up, "EVT_ID_LIST_VIEW_SELECT")
        self._policy = self._policies(ix, line)
        right = POLICY_WIDTH + GAP if self._policy else 0
        self._name = form.line("Name", GAP, line, NAME_WIDTH, "L--B")
        self._value = form.line(
            "Value", NAME_WIDTH + 2 * GAP, line, WIDTH - NAME_WIDTH - 3 * GAP - right, "L-RB")
        self._buttons(line + LINE_HEIGHT + GAP)

    def _policies(self, ix: HostModule, line: int) -> Any:
        if not self._model.policies:
            return None
        menu = self._form.place(ix.api.GuiListButton(
            self._form.window, WIDTH - GAP - POLICY_WIDTH, line, POLICY_WIDTH, LINE_HEIGHT), "--RB")
        for policy in self._model.policies:
            menu.add_item(policy)
        return menu

    def _buttons(self, top: int) -> None:
        works = [("Add", self._add), ("Change", self._change), ("Remove", self._remove)]
        if self._model.problem:
            works.append((START_ANEW, self._start_anew))
        for place, (label, work) in enumerate(works):
            self._form.button(label, GAP + place * (BUTTON_WIDTH + GAP), top, work, "L--B")

    def run(self) -> bool:
        """Show it; True when the artist pressed OK and the rows can be stored."""
        return self._form.run(self._show, self._model.text)

    def _show(self) -> None:
        lines = self._model.lines()
        if lines != self._lines:
            for place in reversed(range(len(self._lines))):
                self._list.remove_item(place)
            for line in lines:
                self._list.add_item(line)
            self._lines = lines
        self._form.say(self._form.answer, self._model.told())
        self._form.sum_up(self._model.summary())

    def _take_up(self) -> None:
        """Bring the chosen row into the fields."""
        place = self._list.get_selected_index()
        if place < 0:
            return
        row = self._model.rows[place]
        self._name.set_text(row.name)
        self._value.set_text(row.value)
        if row.policy in self._model.policies:
            self._policy.set_selected_item_by_index(self._model.policies.index(row.policy))

    def _typed(self) -> tuple[str, str, str]:
        policy = self._policy.get_selected_item_name() if self._policy else ""
        return self._name.get_text(), self._value.get_text(), policy

    def _add(self) -> str:
        return self._model.add(*self._typed())

    def _change(self) -> str:
        return self._model.change(self._list.get_selected_index(), *self._typed())

    def _remove(self) -> str:
        return self._model.remove(self._list.get_selected_index())

    def _start_anew(self) -> str:
        return self._model.start_anew()
