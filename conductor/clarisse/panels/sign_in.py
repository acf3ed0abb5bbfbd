"""The sign-in window: what the browser is for, and Cancel; after a failure, Try again."""

from __future__ import annotations

from typing import Any, Callable

from conductor.clarisse.background import Background
from conductor.clarisse.host import HostModule
from conductor.clarisse.panels.progress import pump
from conductor.clarisse.panels.sign_in_model import SignInTry, failed_text
from conductor.clarisse.panels.window import BUTTON_HEIGHT, GAP, Buttons, ask, centred, pin
from conductor.lib.config import Config
from conductor.lib.credentials import Token
from conductor.lib.errors import AuthError, Cancelled

TITLE = "Sign in to Conductor"
WIDTH, HEIGHT = 640, 240
TRY_AGAIN = "Try again"


def sign_in(ix: HostModule, config: Config) -> Token:
    """Sign in by the browser, as often as the artist wants to try.

    Raises AuthError or Cancelled, as the last try did.
    """
    while True:
        try:
            return _try(ix, SignInTry(config))
        except (AuthError, Cancelled) as error:
            if not wants_another_try(ix, error):
                raise


def wants_another_try(ix: HostModule, error: Exception) -> bool:
    """Say why a try has failed, and ask for another."""
    labels = [TRY_AGAIN, "Close"]
    return ask(ix, TITLE, failed_text(error), labels, WIDTH, HEIGHT) == TRY_AGAIN


def _try(ix: HostModule, one: SignInTry) -> Token:
    running = Background(one.work)
    window = SignInWindow(ix, running.cancel.set)
    return pump(ix, running, lambda: window.show(one.text()), window.close)


class SignInWindow:
    """A text that can be copied from, and Cancel."""

    def __init__(self, ix: HostModule, cancel: Callable[[], object]) -> None:
        self._cancel = cancel
        self._window = centred(ix, TITLE, WIDTH, HEIGHT)
        height = HEIGHT - BUTTON_HEIGHT - 3 * GAP
        self._text: Any = ix.api.GuiTextEdit(self._window, 0, 0, WIDTH, height)
        pin(ix, self._text, "LEFT", "TOP", "RIGHT", "BOTTOM")
        self._text.set_read_only(True)
        self._said = ""
        self._buttons = Buttons(ix, self._window, ["Cancel"])
        self._window.show()

    def show(self, text: str) -> None:
        """Say this; a window that was closed means Cancel."""
        if not self._window.is_shown():
            self._cancel()
        # Setting it again would lose the artist's selection: the address is there to be copied.
        if text != self._said:
            self._said = text
            self._text.set_text(text)

    def close(self) -> None:
        """Take the window away."""
        self._buttons.close()
