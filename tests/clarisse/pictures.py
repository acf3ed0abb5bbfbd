"""Draws the windows for ``docs/windows.md``: ``python -m tests.clarisse.pictures``.

Each row opens one window over made-up values, so that a picture shows no path of this machine.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, NamedTuple, Sequence

from conductor.clarisse import headless
from conductor.clarisse.headless import driver, gui
from conductor.clarisse.panels import findings, preview, result, sign_in
from conductor.clarisse.panels.progress import ProgressWindow
from conductor.lib.errors import SceneError
from tests.clarisse import picture_editing as editing
from tests.clarisse import picture_values as values

FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "images" / "windows"


class Picture(NamedTuple):
    """One window in one state.

    Attributes:
        name: of the file, without ``.png``.
        module: of ``conductor/clarisse/panels`` that makes the window.
        show: is given ``ix``, and opens the window as the plugin does.
        act: what the artist does in the window, one event round before it is drawn; is given
            the window.
    """

    name: str
    module: str
    show: Callable[[Any], object]
    act: Callable[[Any], object] = lambda window: None


def _tick(window: Any) -> None:
    for box in driver.widgets(window, gui.GuiCheckbox):
        driver.tick(box)


def _progress(ix: Any) -> None:
    shown = ProgressWindow(ix, "Submitting moon sh0040 lighting v012", lambda: None)
    shown.show(values.PROGRESS)
    for _ in range(2):
        ix.application.check_for_events()
    shown.close()


def _sign_in(ix: Any) -> None:
    shown = sign_in.SignInWindow(ix, lambda: None)
    shown.show(values.SIGNING_IN)
    for _ in range(2):
        ix.application.check_for_events()
    shown.close()


PICTURES: Sequence[Picture] = (
    Picture("preview", "preview", lambda ix: preview.show(ix, values.preview())),
    Picture("findings", "findings", lambda ix: findings.are_accepted(ix, values.ERRORS)),
    Picture(
        "findings-to-confirm", "findings",
        lambda ix: findings.are_accepted(ix, values.ABSURD), _tick),
    Picture("progress", "progress", _progress),
    Picture("result", "result", lambda ix: result.show(ix, values.RESULT)),
    Picture("extra-uploads", "extra_uploads", editing.extra_uploads, editing.ask_why),
    Picture(
        "package-chooser", "package_chooser", editing.package_chooser, editing.add_misfit),
    Picture("environment", "environment", editing.environment, editing.add_conflict),
    Picture("metadata", "metadata", editing.metadata, editing.add_secret),
    Picture("sign-in", "sign_in", _sign_in),
    Picture(
        "sign-in-failed", "sign_in",
        lambda ix: sign_in.wants_another_try(ix, values.SIGN_IN_DECLINED)),
)


def take(picture: Picture, folder: Path) -> Path:
    """Open the window, draw it into a folder, and close it.

    Raises:
        SceneError: when no window was shown.
    """
    path = folder / (picture.name + ".png")
    drawn: list[Path] = []

    acted: list[Any] = []

    def look() -> bool:
        for window in driver.windows()[-1:]:
            if not acted:
                picture.act(window)
                acted.append(window)
                return True
            driver.draw(window, str(path))
            drawn.append(path)
            driver.close(window)
        return False

    with headless.session() as ix:
        driver.on_events(look)
        picture.show(ix)
        failures = driver.callback_errors()
    if failures or not drawn:
        raise SceneError("no picture of %s: %s" % (picture.name, failures or "no window was shown"))
    return path


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for row in PICTURES:
        taken = take(row, FOLDER)
        print("%-24s%6.1f kB" % (taken.name, taken.stat().st_size / 1000))
