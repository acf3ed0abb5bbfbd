"""Message boxes and their answers."""

from __future__ import annotations

from typing import Any

from conductor.clarisse.headless.binding import HostObject, documented


@documented
class AppDialog(HostObject):
    """The answer of a message box."""

    STYLE_OK, STYLE_OK_CANCEL, STYLE_YES_NO, STYLE_YES_NO_CANCEL = range(4)

    def __init__(self, answer: str = "cancel") -> None:
        self._answer = answer

    def is_ok(self) -> bool:
        """True for the OK button."""
        return self._answer == "ok"

    def is_yes(self) -> bool:
        """True for the Yes button."""
        return self._answer == "yes"

    def is_no(self) -> bool:
        """True for the No button."""
        return self._answer == "no"

    def is_cancelled(self) -> bool:
        """True for the Cancel button, or a closed box."""
        return self._answer == "cancel"

    @staticmethod
    def ok() -> AppDialog:
        """The answer OK."""
        return AppDialog("ok")

    @staticmethod
    def yes() -> AppDialog:
        """The answer Yes."""
        return AppDialog("yes")

    @staticmethod
    def no() -> AppDialog:
        """The answer No."""
        return AppDialog("no")

    @staticmethod
    def cancel() -> AppDialog:
        """The answer Cancel."""
        return AppDialog("cancel")


def default_answer(style: int) -> str:
    """What closing a box of this style means when the caller named no default."""
    return "ok" if style == AppDialog.STYLE_OK else "cancel"


@documented
class GuiMessageBox(HostObject):
    """A message box in its long form."""

    def __init__(self, application: Any, x: int, y: int, title: str, text: str) -> None:
        self._desktop = application._host.desktop
        self._title = title
        self._text = text
        self._style = AppDialog.STYLE_OK
        self._answer = "cancel"

    def set_style(self, style: int) -> None:
        """Which buttons it has."""
        self._style = style

    def resize(self, x: int, y: int, width: int, height: int) -> None:
        """Move and resize."""

    def show(self) -> None:
        """Ask, and wait for the answer."""
        default = default_answer(self._style)
        self._answer = self._desktop.ask(self._text, self._title, self._style, default)

    def get_value(self) -> AppDialog:
        """The answer."""
        return AppDialog(self._answer)

    def destroy(self) -> None:
        """Take it away."""


class Gui:
    """Constants of the window system."""

    MOUSE_CURSOR_DEFAULT, MOUSE_CURSOR_WAIT = range(2)
