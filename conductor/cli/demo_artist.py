"""The demo's artist: opens the sample in the stand-in of Clarisse and presses the buttons."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Callable

import conductor
from conductor.clarisse import headless
from conductor.clarisse.attributes import CLASS_NAME
from conductor.clarisse.headless import driver
from conductor.clarisse.headless.gui import GuiLabel, GuiLineEdit, GuiTextEdit, GuiWindow
from conductor.clarisse.panels.findings import CONTINUE
from conductor.clarisse.panels.findings import TITLE as FINDINGS
from conductor.clarisse.panels.result import CLOSE
from conductor.lib.errors import SceneError

ITEM = "project://" + CLASS_NAME
_FILES = re.compile(r"(\d+) of (\d+) files")

OnProgress = Callable[[str, int, int], None]
"""Called with the line of the progress window, files done and files in all."""


class Artist:
    """Clarisse's stand-in with one scene open and ConductorJob registered."""

    def __init__(self, scene: Path) -> None:
        self.ix: Any = headless.install(str(scene))
        run_startup_script(self.ix)
        self.item: Any = self.ix.get_item(ITEM)
        self._told: list[str] = []

    def close(self) -> None:
        """Leave Clarisse."""
        headless.uninstall()

    def refresh(self) -> None:
        """Press Refresh: menus are filled with what the service offers."""
        self._press("refresh")

    @property
    def frames_info(self) -> str:
        """The line that says which frames would be sent."""
        return str(self.item.get_attribute("frames_info").get_string())

    def preview(self) -> str:
        """Press Preview, read the window, close it; returns what it said."""
        said: list[str] = []

        def read() -> bool:
            for window in driver.windows():
                texts = [driver.text(field) for field in driver.widgets(window, GuiTextEdit)]
                # A window without a text is the progress of the scan, which closes by itself.
                if texts:
                    said.extend(texts)
                    driver.press_button(window, "Close")
            return True

        self._press("preview", read)
        if not said:
            raise SceneError("Preview opened no window")
        return said[0]

    def submit(self, on_progress: OnProgress) -> None:
        """Press Submit; the progress window is read at every round of events."""

        def read() -> bool:
            for window in driver.windows():
                for field in driver.widgets(window, GuiLineEdit):
                    line = driver.text(field)
                    files = _FILES.search(line)
                    on_progress(line, *(map(int, files.groups()) if files else (0, 0)))
                for field in driver.widgets(window, GuiTextEdit):
                    self._read(window, driver.text(field))
            return True

        self._press("submit", read)

    def _read(self, window: GuiWindow, text: str) -> None:
        """Read the findings or the result, and go on: the demo's own scene has no findings."""
        heading = driver.text(next(driver.widgets(window, GuiLabel)))
        self._told.append("%s: %s" % (heading, text))
        driver.press_button(window, CONTINUE if window.get_title() == FINDINGS else CLOSE)
        driver.close(window)  # with errors Continue is greyed out

    @property
    def messages(self) -> list[str]:
        """What Clarisse's windows and message boxes said after Submit, windows first."""
        return self._told + [message.text for message in driver.messages()]

    def _press(self, action: str, on_events: Callable[[], bool] | None = None) -> None:
        forget = driver.on_events(on_events) if on_events else None
        try:
            driver.press(self.item, action)
        finally:
            if forget:
                forget()


def run_startup_script(ix: Any) -> None:
    """Run startup.py the way Clarisse does: as a text, without ``__file__``, with ``ix`` there."""
    install_folder = Path(conductor.__file__).resolve().parent.parent
    os.environ.setdefault("CONDUCTOR_LOCATION", str(install_folder))
    script = install_folder / "conductor" / "clarisse" / "startup.py"
    exec(compile(script.read_text(encoding="utf-8"), "<string>", "exec"), {"ix": ix})
