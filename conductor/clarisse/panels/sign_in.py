"""The sign-in window: what the browser is for, and Cancel; after a failure, Try again."""

from __future__ import annotations

from typing import Any

from conductor.clarisse.background import Background
from conductor.clarisse.host import HostModule
from conductor.clarisse.panels.progress import PAUSE_S
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
    running = Background(one.work).start()
    window = _Window(ix)
    try:
        while not running.is_done(PAUSE_S):
            window.show(one.text())
            ix.application.check_for_events()
            if window.is_closed():
                running.cancel.set()
    except BaseException:
        running.cancel.set()
        raise
    finally:
        window.close()
    return running.result()


class _Window:
    def __init__(self, ix: HostModule) -> None:
        self._window = centred(ix, TITLE, WIDTH, HEIGHT)
        height = HEIGHT - BUTTON_HEIGHT - 3 * GAP
        self._text: Any = ix.api.GuiTextEdit(self._window, 0, 0, WIDTH, height)
        pin(ix, self._text, "LEFT", "TOP", "RIGHT", "BOTTOM")
        self._text.set_read_only(True)
        self._said = ""
        self._buttons = Buttons(ix, self._window, ["Cancel"])
        self._window.show()

    def show(self, text: str) -> None:
        # Setting it again would lose the artist's selection: the address is there to be copied.
        if text != self._said:
            self._said = text
            self._text.set_text(text)

    def is_closed(self) -> bool:
        return not self._window.is_shown()

    def close(self) -> None:
        self._buttons.close()
