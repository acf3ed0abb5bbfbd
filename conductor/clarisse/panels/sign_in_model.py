"""Signing in by the browser from inside Clarisse: one try, and what its window says."""

from __future__ import annotations

import logging
import textwrap
import threading
import webbrowser

from conductor.lib.config import Config
from conductor.lib.credentials import Token
from conductor.lib.progress import ProgressCallback
from conductor.lib.sign_in import LIMIT_S, login

LOGGER = logging.getLogger(__name__)

COLUMNS = 90
"""Signs in a line: Clarisse's text widget is not known to wrap. The address stays in one."""

_STARTING = "Signing in to %s"
_WAITING = (
    "Signing in to %s\n\n"
    "Your browser shows the sign-in page: sign in there, and this window closes by itself.\n"
    "It waits for %d minutes.\n\n"
    "No page? Open this address in a browser on this machine:\n\n%s")
_NO_BROWSER = (
    "Signing in to %s\n\n"
    "No browser could be opened from here. Open this address in a browser on this machine.\n"
    "This window waits for %d minutes, and closes by itself.\n\n%s")
_FAILED = (
    "Try again, or close this window and use an API key: name its file in "
    "CONDUCTOR_API_KEY_PATH, or as api_key_path in config.yml.")


class SignInTry:
    """One try to sign in. The thread that does the work tells here how far it is.

    Attributes:
        address: of the sign-in page, empty before it is known.
        is_opened: False when no browser could be opened; the artist may still open the address.
    """

    def __init__(self, config: Config) -> None:
        self.address = ""
        self.is_opened = True
        self._config = config

    def work(self, _: ProgressCallback, cancel: threading.Event) -> Token:
        """Sign in and keep the token; raises AuthError or Cancelled."""
        return login(self._config, open_browser=self._open, cancel=cancel)

    def _open(self, address: str) -> bool:
        self.address = address
        try:
            self.is_opened = webbrowser.open(address)
        except (OSError, webbrowser.Error) as error:
            LOGGER.warning("no browser could be opened: %s", error)
            self.is_opened = False
        return True

    def text(self) -> str:
        """What the window says now."""
        url = str(self._config["url"])
        if not self.address:
            return _STARTING % url
        return (_WAITING if self.is_opened else _NO_BROWSER) % (url, LIMIT_S // 60, self.address)


def failed_text(error: Exception) -> str:
    """What is said when a try has failed or was stopped."""
    return "\n\n".join(
        textwrap.fill(text, COLUMNS, break_on_hyphens=False, break_long_words=False)
        for text in (str(error), _FAILED))
