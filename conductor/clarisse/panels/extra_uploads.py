"""The window of the extra uploads."""

from __future__ import annotations

import json

from conductor.clarisse import item as items
from conductor.clarisse.panels.extra_uploads_model import (
    POLICIES,
    POLICY_QUESTION,
    ExtraUploads,
    full_path,
    look_through,
    measure,
)
from conductor.clarisse.panels.form import LINE_HEIGHT, Form
from conductor.clarisse.panels.window import BUTTON_HEIGHT, BUTTON_WIDTH, GAP, ask
from conductor.clarisse.press import Press
from conductor.clarisse.scan_report import ScanReport
from conductor.clarisse.snapshot import Scene
from conductor.lib.dependencies import ScanWatch
from conductor.lib.paths import folder_of

TITLE = "Extra uploads"
WIDTH, HEIGHT = 820, 620
IN_A_ROW = 3
QUESTION_WIDTH, QUESTION_HEIGHT = 560, 150
ANY_FILES = "Any files\t*"


def edit_extra_uploads(press: Press) -> None:
    """Let the artist edit the list; what OK leaves is written to the item.

    Without windows the list goes into the log.
    """
    model = ExtraUploads(press.settings())
    if not press.ix.is_gui_application():
        model.learn(measure(press.scene(), model.unmeasured()))
        press.ix.application.log_info(model.log_text())
    elif UploadsWindow(press, model, press.scene()).run() and model.is_changed:
        with press.state.writing():
            items.set_by_text(press.item, "extra_uploads", json.dumps(model.entries))


class UploadsWindow:
    """One such window, over the scene as it was when the window opened."""

    def __init__(self, press: Press, model: ExtraUploads, scene: Scene) -> None:
        self._press, self._model, self._scene = press, model, scene
        self._form = form = Form(press.ix, TITLE, WIDTH, HEIGHT)
        top, line = LINE_HEIGHT + 2 * GAP, form.bottom - 2 * (BUTTON_HEIGHT + GAP)
        self._filter = form.line("Filter", GAP, GAP, WIDTH - 2 * GAP, "LTR-")
        form.listen(self._filter, "the filter", self._show, "EVT_ID_LINE_EDIT_CHANGED")
        self._list = form.rows(GAP, top, WIDTH - 2 * GAP, line - GAP - top, "LTRB")
        works = (
            ("Add Files...", self._add_files), ("Add Folder...", self._add_folder),
            ("Scan Now...", self._scan),
            ("Remove Selected", self._remove), ("Remove Missing", self._remove_missing),
            ("Why", self._why),
        )
        for place, (label, work) in enumerate(works):
            row, column = divmod(place, IN_A_ROW)
            form.button(
                label, GAP + column * (BUTTON_WIDTH + GAP), line + row * (BUTTON_HEIGHT + GAP),
                work, "L--B")

    def run(self) -> bool:
        """Show it; True when the artist pressed OK."""
        self._form.attempt(self._measured)
        return self._form.run(self._show)

    def _show(self) -> None:
        words = self._filter.get_text()
        self._list.show(self._model.rows(words))
        self._form.say(self._form.answer)
        self._form.sum_up(self._model.summary(words))

    def _measured(self, answer: str = "") -> str:
        """Look up on disk what is new; returns the answer."""
        new = self._model.unmeasured()
        if new:
            self._model.learn(self._press.wait("Looking for files", lambda *watched: measure(
                self._scene, new, ScanWatch(*watched))))
        return answer or self._model.hint()

    def _add_files(self) -> str:
        ix = self._press.ix
        files = ix.api.GuiWidget.open_files(
            ix.application, folder_of(self._scene.path), "Add files", ANY_FILES)
        return self._measured(self._model.add(map(str, files)))

    def _add_folder(self) -> str:
        ix = self._press.ix
        folder = ix.api.GuiWidget.open_folder(
            ix.application, folder_of(self._scene.path), "Add folder")
        return self._measured(self._model.add([str(folder)]))

    def _scan(self) -> str:
        asked = ask(
            self._press.ix, "Scan now", POLICY_QUESTION, ["Cancel", *reversed(list(POLICIES))],
            QUESTION_WIDTH, QUESTION_HEIGHT)
        if asked not in POLICIES:
            return "Nothing was scanned."
        return self._model.add_found(self._look_through(POLICIES[asked]))

    def _look_through(self, policy: int) -> ScanReport:
        settings, scene = self._press.settings(), self._scene
        report: ScanReport = self._press.wait("Scanning", lambda *watched: look_through(
            settings, scene, policy, ScanWatch(*watched)))
        return report

    def _why(self) -> str:
        selected = self._list.chosen()
        typed = full_path(self._scene, self._filter.get_text())
        if not selected and not typed:
            return "Choose the files to ask about first, or type a full path into the filter."
        if self._model.report is None:
            self._model.report = self._look_through(self._model.policy)
        return self._model.why(selected) if selected else self._model.why_path(typed)

    def _remove(self) -> str:
        return self._model.remove(self._list.chosen())

    def _remove_missing(self) -> str:
        return self._model.remove_missing()
