"""The window of the software packages: what is offered on the left, what is chosen on the right."""

from __future__ import annotations

import json
from typing import Any

from conductor.clarisse import item as items
from conductor.clarisse.host import HostModule
from conductor.clarisse.panels.form import LINE_HEIGHT, Form
from conductor.clarisse.panels.package_chooser_model import PackageChooser, chooser_of
from conductor.clarisse.panels.window import BUTTON_HEIGHT, BUTTON_WIDTH, GAP
from conductor.clarisse.press import Press

TITLE = "Package chooser"
WIDTH, HEIGHT = 860, 560
CHOSEN_WIDTH = 290


def choose_packages(press: Press) -> None:
    """Let the artist choose; what OK leaves is written to the item.

    Without windows the packages go into the log.
    """
    model = chooser_of(press.settings(), press.state.known)
    if not press.ix.is_gui_application():
        press.ix.application.log_info(model.log_text())
    elif PackageWindow(press.ix, model).run() and model.is_changed:
        with press.state.writing():
            items.set_by_text(press.item, "packages", json.dumps(model.chosen))


class PackageWindow:
    """One such window."""

    def __init__(self, ix: HostModule, model: PackageChooser) -> None:
        self._ix, self._model = ix, model
        self._offered: dict[str, Any] = {}
        self._words = ""
        self._form = form = Form(ix, TITLE, WIDTH, HEIGHT)
        top, right = LINE_HEIGHT + 2 * GAP, WIDTH - GAP - CHOSEN_WIDTH
        height = form.bottom - GAP - top
        middle = right - GAP - BUTTON_WIDTH
        self._filter = form.line("Filter", GAP, GAP, middle - 2 * GAP, "LTR-")
        form.listen(self._filter, "the filter", self._show, "EVT_ID_LINE_EDIT_CHANGED")
        self._tree = form.tree(GAP, top, middle - 2 * GAP, height, "LTRB")
        form.place(ix.api.GuiLabel(
            form.window, right, GAP, CHOSEN_WIDTH, LINE_HEIGHT, "Chosen packages"), "-TR-")
        self._chosen = form.rows(right, top, CHOSEN_WIDTH, height, "-TRB")
        works = (("Add >", self._add), ("< Remove", self._remove), ("Detect", self._detect))
        for place, (label, work) in enumerate(works):
            form.button(label, middle, top + place * (BUTTON_HEIGHT + GAP), work, "-TR-")

    def run(self) -> bool:
        """Show it; True when the artist pressed OK."""
        self._fill_tree("")
        return self._form.run(self._show)

    def _show(self) -> None:
        words = self._filter.get_text()
        # A tree that is filled anew forgets what the artist has opened.
        if words != self._words:
            self._fill_tree(words)
        self._chosen.show(zip(self._model.chosen, self._model.lines()))
        self._form.say(self._form.answer, self._model.hint())
        self._form.sum_up(self._model.summary(words))

    def _fill_tree(self, words: str) -> None:
        self._words = words
        root = self._tree.get_root()
        root.remove_children()
        rows: dict[str, Any] = {"": root}
        for offer in self._model.offers(words):
            rows[offer.path] = self._ix.api.GuiTreeItemBasic(rows[offer.parent], offer.name)
            rows[offer.parent].set_expandable(True)
        del rows[""]
        for row in rows.values() if self._model.opens(len(rows)) else ():
            row.expand()
        self._tree.refresh()
        self._offered = rows

    def _add(self) -> str:
        return self._model.add(
            path for path, row in self._offered.items() if row.is_selected())

    def _remove(self) -> str:
        return self._model.remove(self._chosen.chosen())

    def _detect(self) -> str:
        running = self._ix.application
        return self._model.detect(str(running.get_version_name()), str(running.get_version()))
